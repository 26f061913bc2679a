import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { accountId, type RepositoryId } from '../../domain/ids.ts'
import type { Database } from '../database.ts'
import { createTestPlace, KINDS, type TestPlace } from '../test-database.ts'
import { addRepository, at } from '../test-rows.ts'
import { beginSync, endSync, requestSync } from './sync-state.ts'
import { endHistory, findPullRequestsCursor, setPullRequestsCursor } from './import-marks.ts'

const progress = { commits: 0, branches: 0, pullRequests: 0, issues: 0 }

describe.each(KINDS)('requests beside a run on %s', (kind) => {
  let place: TestPlace
  let db: Database
  let id: RepositoryId
  let number = 0

  beforeAll(async () => {
    place = await createTestPlace(kind)
    db = place.open()
    await db.migrate()
  })
  beforeEach(async () => {
    id = await db.write('interactive', (tx) => addRepository(tx, accountId('acme'), ++number))
  })
  afterAll(() => place.remove())

  const request = (mode: 'soft' | 'full' = 'soft') => db.write('interactive', (tx) => requestSync(tx, id, mode))
  const begin = () => db.write('interactive', (tx) => beginSync(tx, id, { trigger: 'test', now: at(1) }))
  const readState = () => db.read.selectFrom('repositories').select('sync_state').where('id', '=', Number(id)).executeTakeFirst()

  test('none is lost that comes while a run ends', async () => {
    for (let round = 0; round < 30; round++) {
      const { entry } = await begin()
      const end = db.write('interactive', (tx) => endSync(tx, id, { entry, outcome: { kind: 'done' }, progress, now: at(2) }))
      const [remembered, answer] = await Promise.all([end, request()])

      if (answer === 'remembered') expect(remembered).toBe('soft')
      else expect(await readState()).toEqual({ sync_state: 'queued' })
    }
  })

  test('a full one that comes before the run begins makes it full', async () => {
    await request('soft')
    await request('full')

    expect((await begin()).mode).toBe('full')
  })

  test('a listing of all pull requests is resumed until the history ends, or a full request begins it anew', async () => {
    const cursor = { since: at(3), generation: 2, rulesVersion: 1 }
    const save = () => db.write('background', (tx) => setPullRequestsCursor(tx, id, cursor))
    const found = () => findPullRequestsCursor(db.read, id)
    await save()
    await begin()
    expect(await found()).toEqual(cursor)
    await db.write('background', (tx) => endHistory(tx, id, { rulesVersion: 1, syncId: 1, foundEmpty: false }))
    expect(await found()).toBeNull()

    await save()
    await request('full')
    expect(await found()).toEqual(cursor)
    await begin()
    expect(await found()).toBeNull()
  })
})
