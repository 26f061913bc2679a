import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { accountId, type RepositoryId } from '../../domain/ids.ts'
import type { Database } from '../database.ts'
import { createTestPlace, KINDS, type TestPlace } from '../test-database.ts'
import { addRepository, at, saveWebhook } from '../test-rows.ts'
import { pruneSyncs } from './prune-syncs.ts'
import { findWebhook, pruneWebhooks, setWebhookOutcome } from './webhook-deliveries.ts'

describe.each(KINDS)('journals on %s', (kind) => {
  let place: TestPlace
  let db: Database
  let repositoryId: RepositoryId

  beforeAll(async () => {
    place = await createTestPlace(kind)
    db = place.open()
    await db.migrate()
    repositoryId = await db.write('background', (tx) => addRepository(tx, accountId('acme'), 1))
  })
  beforeEach(() =>
    db.write('background', async (tx) => {
      for (const table of ['webhook_deliveries', 'syncs'] as const) await tx.deleteFrom(table).execute()
    }),
  )
  afterAll(() => place.remove())

  const save = (deliveryId: string, receivedAt: number) =>
    db.write('webhook', async (tx) => {
      const id = await saveWebhook(tx, {
        accountId: accountId('acme'),
        deliveryId,
        event: 'Push Hook',
        receivedAt,
        body: '{"ref":"main"}',
        headers: { 'x-gitlab-event': 'Push Hook' },
      })
      if (id === null) throw new Error('not stored')
      return id
    })
  const deliveries = () =>
    db.read.selectFrom('webhook_deliveries').select(['delivery_id', 'body', 'headers']).orderBy('id').execute()

  test.each(['done', 'ignored'] as const)(
    'a webhook that is %s keeps its headers alone and is not followed again',
    async (state) => {
      const id = await save('a', at(0))

      await db.write('background', (tx) => setWebhookOutcome(tx, id, { state, problem: null }))

      expect(await deliveries()).toEqual([{ delivery_id: 'a', body: '', headers: '{"x-gitlab-event":"Push Hook"}' }])
      expect(await findWebhook(db.read, id)).toBeNull()
    },
  )

  test('one that failed keeps its body', async () => {
    const id = await save('a', at(0))

    const problem = { code: 'unexpected-answer', message: 'No project.', remedy: null }
    await db.write('background', (tx) => setWebhookOutcome(tx, id, { state: 'failed', problem }))

    expect(await findWebhook(db.read, id)).toMatchObject({ body: '{"ref":"main"}' })
  })

  test('old webhooks go, the oldest first', async () => {
    for (const [index, name] of ['a', 'b', 'c', 'd'].entries()) await save(name, at(index))
    const prune = () => db.write('background', (tx) => pruneWebhooks(tx, { before: at(3), limit: 2 }))

    const deleted = [await prune(), await prune(), await prune()]

    expect(deleted).toEqual([2, 1, 0])
    expect((await deliveries()).map((row) => row.delivery_id)).toEqual(['d'])
  })

  test('old synchronisations go, but not a running one', async () => {
    const entry = {
      repository_id: Number(repositoryId),
      trigger: 'test',
      mode: 'soft',
      commits: 0,
      branches: 0,
      pull_requests: 0,
      issues: 0,
    } as const
    await db.write('background', async (tx) => {
      await tx
        .insertInto('syncs')
        .values({ ...entry, started_at: at(0), finished_at: null, outcome: 'running' })
        .execute()
      await tx
        .insertInto('syncs')
        .values({ ...entry, started_at: at(1), finished_at: at(2), outcome: 'done' })
        .execute()
      await tx
        .insertInto('syncs')
        .values({ ...entry, started_at: at(3), finished_at: at(4), outcome: 'done' })
        .execute()
    })

    const deleted = await db.write('background', (tx) => pruneSyncs(tx, { before: at(4), limit: 10 }))

    expect(deleted).toBe(1)
    const left = await db.read.selectFrom('syncs').select('started_at').orderBy('id').execute()
    expect(left.map((row) => row.started_at)).toEqual([at(0), at(3)])
  })
})
