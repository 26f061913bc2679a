import { sql } from 'kysely'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { accountId, issueKey, type RepositoryId } from '../../domain/ids.ts'
import type { Database } from '../database.ts'
import { createTestPlace, KINDS, type TestPlace } from '../test-database.ts'
import { addRepository, at, saveWebhook } from '../test-rows.ts'
import { readWebhookPayload } from '../views/webhook-payload.ts'
import { readWebhook, readWebhooks, readWrite, readWrites, readWritesOfIssue } from '../views/deliveries.ts'
import { pruneSyncs } from './prune-syncs.ts'
import { saveSetting } from './settings.ts'
import { pruneJiraWrites, saveJiraWrites, type JiraWrite } from './jira-writes.ts'
import {
  buryWebhook,
  clearPayloads,
  findWebhook,
  pruneWebhooks,
  reopenWebhook,
  setWebhookOutcome,
  setWebhooksFollowed,
} from './webhook-deliveries.ts'

const WRITE: JiraWrite = {
  key: issueKey('SHOP-1'),
  jiraId: '10001',
  kind: 'property',
  writtenAt: at(0),
  ms: 12.4,
  outcome: 'done',
  status: 201,
  error: null,
  bytes: 300,
  contentHash: 'property:x',
  syncId: 7,
}

const SYNC = {
  trigger: 'test',
  mode: 'soft',
  commits: 0,
  branches: 0,
  pull_requests: 0,
  issues: 0,
} as const

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
      for (const table of ['webhook_deliveries', 'syncs', 'jira_writes'] as const) await tx.deleteFrom(table).execute()
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
    db.read
      .selectFrom('webhook_deliveries')
      .leftJoin('webhook_payloads', 'webhook_id', 'id')
      .select(['delivery_id', 'body', 'headers'])
      .orderBy('id')
      .execute()

  test.each(['done', 'ignored', 'dead'] as const)(
    'a webhook that is %s keeps its payload and is not followed again',
    async (state) => {
      const id = await save('a', at(0))

      await db.write('background', (tx) => setWebhookOutcome(tx, id, { state, problem: null, now: at(1) }))

      expect(await deliveries()).toEqual([
        { delivery_id: 'a', body: '{"ref":"main"}', headers: '{"x-gitlab-event":"Push Hook"}' },
      ])
      expect(await findWebhook(db.read, id)).toBeNull()
    },
  )

  test('failed tries are counted, the last one ends dead with the reason, and a replay begins anew', async () => {
    const id = await save('a', at(0))
    const problem = { code: 'account-not-configured', message: 'No credentials.', remedy: null }
    const fail = () => db.write('background', (tx) => setWebhookOutcome(tx, id, { state: 'failed', problem, now: at(1) }))
    await fail()
    await fail()
    expect(await findWebhook(db.read, id)).toMatchObject({ body: '{"ref":"main"}' })

    const event = await db.write('background', (tx) => buryWebhook(tx, id, { problem, now: at(2) }))

    expect(event).toBe('Push Hook')
    expect(await readWebhook(db.read, id)).toMatchObject({
      state: 'dead',
      attempts: 2,
      error: problem,
      processedAt: new Date(at(2)),
    })
    const page = { before: null, limit: 10 }
    expect((await readWebhooks(db.read, { ...page, state: 'dead' })).items.map((entry) => entry.id)).toEqual([id])
    expect((await readWebhooks(db.read, { ...page, state: 'failed' })).items).toEqual([])

    expect(await db.write('interactive', (tx) => reopenWebhook(tx, id))).toBe(true)
    expect(await readWebhook(db.read, id)).toMatchObject({ state: 'pending', attempts: 0, error: null })
  })

  test('webhooks of a repository are found by an index, and so are the writes that its synchronisations caused', async () => {
    const ids = [await save('a', at(0)), await save('b', at(1)), await save('c', at(2))]
    await db.write('background', (tx) =>
      setWebhooksFollowed(
        tx,
        [ids[0] ?? 0, ids[2] ?? 0].map((id) => ({ id, state: 'done', repositoryId })),
        at(3),
      ),
    )
    const list = async (before: number | null) => readWebhooks(db.read, { before, limit: 1, state: null, repositoryId })

    const first = await list(null)
    const second = await list(first.next)

    expect([...first.items, ...second.items].map(({ id }) => id)).toEqual([ids[2], ids[0]])
    expect(second.next).toBeNull()
    const other = String(Number(repositoryId) + 1) as RepositoryId
    expect((await readWebhooks(db.read, { before: null, limit: 9, state: null, repositoryId: other })).items).toEqual([])
    if (kind === 'sqlite') {
      const { rows } = await sql<{ detail: string }>`
        explain query plan select id from webhook_deliveries where repository_id = 1 and id < 9 order by id desc limit 2
      `.execute(db.read)
      expect(rows.map(({ detail }) => detail).join()).toContain('webhook_deliveries_repository_id_id')
    }
  })

  test('writes are found by the repository whose synchronisation caused them', async () => {
    const { id: syncId } = await db.write('background', (tx) =>
      tx
        .insertInto('syncs')
        .values({ ...SYNC, repository_id: Number(repositoryId), started_at: at(0), finished_at: at(1), outcome: 'done' })
        .returning('id')
        .executeTakeFirstOrThrow(),
    )
    await db.write('interactive', (tx) =>
      saveJiraWrites(tx, [
        { ...WRITE, syncId },
        { ...WRITE, syncId: syncId + 1 },
      ]),
    )
    const page = { before: null, limit: 9, state: null, repositoryId }

    expect((await readWrites(db.read, page)).items.map((entry) => entry.syncId)).toEqual([syncId])
  })

  test('the payload of a webhook is cut by characters', async () => {
    const id = await save('a', at(0))

    expect(await readWebhookPayload(db.read, id, 100)).toEqual({ text: '{"ref":"main"}', length: 14 })
    expect(await readWebhookPayload(db.read, id, 5)).toEqual({ text: '{"ref', length: 14 })
    expect(await readWebhookPayload(db.read, id + 1, 5)).toBeNull()
  })

  test('payloads go before the deliveries, but not those that are still to be followed', async () => {
    const ids = [await save('a', at(0)), await save('b', at(1)), await save('c', at(2)), await save('d', at(9))]
    for (const id of [ids[0], ids[2], ids[3]])
      await db.write('background', (tx) => setWebhookOutcome(tx, id ?? 0, { state: 'done', problem: null, now: at(9) }))
    const clear = (after: number) => db.write('background', (tx) => clearPayloads(tx, { after, before: at(5), limit: 2 }))

    const first = await clear(0)
    const second = await clear(first ?? 0)

    expect([first, second, await clear(second ?? 0)]).toEqual([ids[1], ids[2], null])
    expect((await deliveries()).map(({ delivery_id, body }) => `${delivery_id} ${body ?? ''}`)).toEqual([
      'a ',
      'b {"ref":"main"}',
      'c ',
      'd {"ref":"main"}',
    ])
    expect(await db.write('interactive', (tx) => reopenWebhook(tx, ids[0] ?? 0))).toBe(false)
  })

  test('a payload that its time found still to be followed goes with the outcome', async () => {
    const ids = [await save('a', at(0)), await save('b', at(1)), await save('c', at(2)), await save('d', at(9))]
    const [a = 0, b = 0, c = 0, d = 0] = ids
    await db.write('background', async (tx) => {
      const until = await clearPayloads(tx, { after: 0, before: at(5), limit: 10 })
      await saveSetting(tx, 'retention.payloads-cleared-to', String(until))
    })
    const problem = { code: 'x', message: 'No.', remedy: null }
    const bodies = async () => (await deliveries()).map(({ delivery_id, body }) => `${delivery_id} ${body ?? ''}`)

    await db.write('background', async (tx) => {
      for (const id of [a, d]) await setWebhookOutcome(tx, id, { state: 'failed', problem, now: at(9) })
    })
    expect((await bodies())[0]).toBe('a {"ref":"main"}')
    await db.write('background', async (tx) => {
      await setWebhookOutcome(tx, a, { state: 'done', problem: null, now: at(9) })
      await setWebhooksFollowed(
        tx,
        [b, d].map((id) => ({ id, state: 'done' })),
        at(9),
      )
      await buryWebhook(tx, c, { problem, now: at(9) })
    })

    expect(await bodies()).toEqual(['a ', 'b ', 'c ', 'd {"ref":"main"}'])
  })

  test('writes to Jira are listed newest first, by state and by issue, and old ones go', async () => {
    const problem = { code: 'jira-refused', message: 'No.', remedy: null }
    const failed: JiraWrite = {
      ...WRITE,
      key: issueKey('SHOP-2'),
      outcome: 'failed',
      status: null,
      error: problem,
      writtenAt: at(1),
    }
    await db.write('interactive', (tx) => saveJiraWrites(tx, [WRITE, failed, { ...WRITE, writtenAt: at(2), syncId: null }]))
    const list = async (state: 'done' | 'failed' | null, before: number | null = null) =>
      readWrites(db.read, { before, limit: 2, state })

    const { items, next } = await list(null)
    expect(items.map((entry) => [entry.key, entry.state, entry.syncId, entry.ms])).toEqual([
      ['SHOP-1', 'done', null, 12],
      ['SHOP-2', 'failed', 7, 12],
    ])
    expect((await list(null, next)).items).toMatchObject([{ key: 'SHOP-1', status: 201, bytes: 300, syncId: 7 }])
    expect((await list('failed')).items).toMatchObject([{ key: 'SHOP-2', error: problem }])
    expect(await readWritesOfIssue(db.read, issueKey('SHOP-1'), 10)).toHaveLength(2)
    expect(await readWrite(db.read, items[0]?.id ?? 0)).toEqual(items[0])

    expect(await db.write('background', (tx) => pruneJiraWrites(tx, { before: at(2), limit: 10 }))).toBe(2)
    expect((await list(null)).items).toHaveLength(1)
  })

  test('writes that are no development information are listed with the others, but are not what Jira holds of an issue', async () => {
    const comment: JiraWrite = { ...WRITE, kind: 'comment', contentHash: null }
    const webhook: JiraWrite = { ...comment, kind: 'webhook', key: null, jiraId: null, syncId: null, bytes: null }
    await db.write('interactive', (tx) => saveJiraWrites(tx, [WRITE, comment, webhook]))

    const { items } = await readWrites(db.read, { before: null, limit: 10, state: null })

    expect(items.map(({ kind, key, jiraId }) => [kind, key, jiraId])).toEqual([
      ['webhook', null, null],
      ['comment', 'SHOP-1', WRITE.jiraId],
      ['property', 'SHOP-1', WRITE.jiraId],
    ])
    expect((await readWritesOfIssue(db.read, issueKey('SHOP-1'), 10)).map(({ kind }) => kind)).toEqual(['property'])
  })

  test('old webhooks go, the oldest first', async () => {
    for (const [index, name] of ['a', 'b', 'c', 'd'].entries()) await save(name, at(index))
    const prune = () => db.write('background', (tx) => pruneWebhooks(tx, { before: at(3), limit: 2 }))

    const deleted = [await prune(), await prune(), await prune()]

    expect(deleted).toEqual([2, 1, 0])
    expect((await deliveries()).map((row) => row.delivery_id)).toEqual(['d'])
  })

  test('old synchronisations go, but not a running one', async () => {
    const entry = { ...SYNC, repository_id: Number(repositoryId) }
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
