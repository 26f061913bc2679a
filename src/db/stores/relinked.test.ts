import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { accountId } from '../../domain/ids.ts'
import type { Database } from '../database.ts'
import { createTestPlace, KINDS, type TestPlace } from '../test-database.ts'
import { addRepository, at } from '../test-rows.ts'
import { endHistory, wasAlwaysEmpty } from './import-marks.ts'
import { isRelinkedUnmet, markRelinked } from './relinked.ts'
import { beginSync, endSync, type SyncOutcome } from './sync-state.ts'

const progress = { commits: 0, branches: 0, pullRequests: 0, issues: 0 }
const FAILED: SyncOutcome = { kind: 'paused', problem: { code: 'x', message: 'x', remedy: null }, until: null }

describe.each(KINDS)('what is no news on %s', (kind) => {
  let place: TestPlace
  let db: Database
  let next = 0

  beforeAll(async () => {
    place = await createTestPlace(kind)
    db = place.open()
    await db.migrate()
  })
  afterAll(() => place.remove())

  const add = () => {
    next += 1
    return db.write('interactive', (tx) => addRepository(tx, accountId('acme'), next))
  }
  const begin = (id: Awaited<ReturnType<typeof add>>) =>
    db.write('background', (tx) => beginSync(tx, id, { trigger: 'test', now: at(0) }))
  const end = (id: Awaited<ReturnType<typeof add>>, entry: number, outcome: SyncOutcome) =>
    db.write('background', (tx) => endSync(tx, id, { entry, outcome, progress, now: at(1) }))

  test('a repository is met again by the first synchronisation that begins after it was linked and ends well', async () => {
    const [id, other] = [await add(), await add()]
    expect(await isRelinkedUnmet(db.read, id)).toBe(false)

    const before = await begin(id)
    await db.write('interactive', (tx) => markRelinked(tx, [id]))
    await end(id, before.entry, { kind: 'done' })
    expect([await isRelinkedUnmet(db.read, id), await isRelinkedUnmet(db.read, other)]).toEqual([true, false])

    await end(id, (await begin(id)).entry, FAILED)
    expect(await isRelinkedUnmet(db.read, id)).toBe(true)

    await end(id, (await begin(id)).entry, { kind: 'done' })
    expect(await isRelinkedUnmet(db.read, id)).toBe(false)
  })

  test('nothing is marked where nothing was linked', async () => {
    await db.write('interactive', (tx) => markRelinked(tx, []))
    const id = await add()
    expect(await isRelinkedUnmet(db.read, id)).toBe(false)
  })

  test('a repository was always empty while each import found it so', async () => {
    const id = await add()
    const found = (foundEmpty: boolean) =>
      db.write('background', (tx) => endHistory(tx, id, { rulesVersion: 1, syncId: 1, foundEmpty }))
    expect(await wasAlwaysEmpty(db.read, id)).toBe(false)

    await found(true)
    await found(true)
    expect(await wasAlwaysEmpty(db.read, id)).toBe(true)

    await found(false)
    await found(true)
    expect(await wasAlwaysEmpty(db.read, id)).toBe(false)
  })

  test.each([{ fork_of: '3' }, { arriving: 1 as const }])('one that the host is still filling was not: %j', async (filled) => {
    const id = await add()
    await db.write('interactive', (tx) => tx.updateTable('repositories').set(filled).where('id', '=', Number(id)).execute())

    await db.write('background', (tx) => endHistory(tx, id, { rulesVersion: 1, syncId: 1, foundEmpty: true }))

    expect(await wasAlwaysEmpty(db.read, id)).toBe(false)
  })
})
