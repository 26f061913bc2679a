import { afterEach, expect, test } from 'vitest'
import { listSyncs } from '../../db/stores/sync-journal.ts'
import { saveWebhook } from '../../db/test-rows.ts'
import { readWebhook, readWrites } from '../../db/views/deliveries.ts'
import { accountId } from '../../domain/ids.ts'
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../test-clock.ts'
import { startStory, type Story } from '../test-story.ts'
import { replayWebhook, replayWrite } from './replay-delivery.ts'

let story: Story
afterEach(() => story.close())

const writes = async () => (await readWrites(story.app.db.read, { before: null, limit: 100, state: null })).items

test('the journal tells who asked for a synchronisation, its steps and what it asked of the host', async () => {
  const s = (story = await startStory())
  const shop = await s.project('shop', ['SHOP-1 begin'])
  await s.sweep()

  const [entry] = await listSyncs(s.app.db.read, (await s.stored(shop)).id, { before: null, limit: 10 })

  expect(entry).toMatchObject({ askedBy: 'connector', outcome: 'done', progress: { commits: 1, branches: 1, issues: 1 } })
  expect(entry?.steps.map(({ step }) => step)).toEqual(['fetching', 'history', 'pull-requests', 'finishing', 'builds'])
  for (const { startedAt, finishedAt } of entry?.steps ?? []) expect(finishedAt).toBeGreaterThanOrEqual(startedAt)
  // References, the fetch by git and the list of merge requests at least.
  expect(entry?.requests).toBeGreaterThanOrEqual(3)
  expect(entry?.requests).toBeLessThan(12)
})

test('every write to Jira is recorded with the synchronisation whose change it is', async () => {
  const s = (story = await startStory({ delivery: ['property', 'link'] }))
  const shop = await s.project('shop', ['SHOP-1 begin'])
  await s.sweep()

  const [sync] = await listSyncs(s.app.db.read, (await s.stored(shop)).id, { before: null, limit: 1 })

  const recorded = await writes()
  expect(recorded.map(({ kind, key, state, status }) => [kind, key, state, status])).toEqual([
    ['link', 'SHOP-1', 'done', 201],
    ['property', 'SHOP-1', 'done', 201],
  ])
  for (const write of recorded) {
    expect(String(write.syncId)).toBe(sync?.id)
    expect(write.bytes).toBeGreaterThan(50)
    expect(write.contentHash).toMatch(/^link\+property:/)
  }
})

test('a write that failed is recorded with its reason, before the one that succeeds', async () => {
  const s = (story = await startStory())
  await s.project('shop', ['SHOP-1 begin'])
  s.jira.setFault('unavailable', { only: /issue\/.+\/properties/, times: 1 })
  await s.sweep()
  s.clock.advance(MINUTE_MS)
  await s.settle()

  expect(await writes()).toMatchObject([
    { kind: 'property', key: 'SHOP-1', state: 'done', status: 201, error: null },
    { kind: 'property', key: 'SHOP-1', state: 'failed', status: null, error: { code: 'jira-unavailable' } },
  ])
})

test('a write is replayed although Jira holds the same', async () => {
  const s = (story = await startStory())
  await s.project('shop', ['SHOP-1 begin'])
  await s.sweep()
  const [first] = await writes()

  await replayWrite(s.app, first?.id ?? 0)
  await s.settle()

  expect(await writes()).toMatchObject([
    { key: 'SHOP-1', kind: 'property', status: 200, syncId: null, contentHash: first?.contentHash },
    { key: 'SHOP-1', kind: 'property', status: 201 },
  ])
  await expect(replayWrite(s.app, 99)).rejects.toMatchObject({ code: 'delivery-not-found' })
})

test('a webhook that can never be understood is dead at once, and a replay looks at it again', async () => {
  const s = (story = await startStory())
  await s.project('shop', ['SHOP-1 begin'])
  await s.sweep()
  const id = await receive('{"object_kind":"push"}')
  await s.settle()
  expect(await readWebhook(s.app.db.read, id)).toMatchObject({ state: 'dead', attempts: 1, error: { code: 'unexpected-answer' } })

  await replayWebhook(s.app, id)
  await s.settle()

  expect(await readWebhook(s.app.db.read, id)).toMatchObject({ state: 'dead', attempts: 1 })
  await expect(replayWebhook(s.app, 99)).rejects.toMatchObject({ code: 'delivery-not-found' })
})

test('a webhook whose account has no credentials is tried again and again, and ends dead with the reason', async () => {
  const s = (story = await startStory())
  const id = await receive('{}', 'gone')
  await s.settle()
  expect(await readWebhook(s.app.db.read, id)).toMatchObject({ state: 'failed', attempts: 1 })

  for (let hour = 0; hour < 25; hour += 1) {
    s.clock.advance(HOUR_MS)
    await s.settle()
  }

  expect(await readWebhook(s.app.db.read, id)).toMatchObject({
    state: 'dead',
    attempts: 25,
    error: { code: 'account-not-found' },
  })
  await expect(s.app.db.write('background', (tx) => s.app.jobs.cancel(tx, `webhook:${id}`))).resolves.toBe(false)
})

test('what the journals hold beyond their time goes, payloads first', async () => {
  const s = (story = await startStory())
  const shop = await s.project('shop', ['SHOP-1 begin'])
  await s.sweep()
  const id = await receive('{"object_kind":"push"}')
  await s.settle()

  s.clock.advance(4 * DAY_MS)
  await s.settle()
  expect(await readWebhook(s.app.db.read, id)).toMatchObject({ payloadKept: false })
  await expect(replayWebhook(s.app, id)).rejects.toMatchObject({ code: 'delivery-not-replayable' })
  expect(await writes()).toHaveLength(1)

  s.clock.advance(11 * DAY_MS)
  await s.settle()
  expect(await readWebhook(s.app.db.read, id)).toBeNull()
  expect(await writes()).toEqual([])
  expect(await listSyncs(s.app.db.read, (await s.stored(shop)).id, { before: null, limit: 10 })).toEqual([])
})

/** Stores a webhook as the receiver does. */
function receive(body: string, account = 'acme'): Promise<number> {
  return story.app.db.write('webhook', async (tx) => {
    const id = await saveWebhook(tx, {
      accountId: accountId(account),
      deliveryId: 'a',
      event: 'Push Hook',
      receivedAt: story.clock.now().getTime(),
      body,
      headers: { 'x-gitlab-event': 'Push Hook' },
    })
    if (id === null) throw new Error('not stored')
    await story.app.jobs.add(tx, { name: 'process-webhook', payload: { deliveryId: id }, key: `webhook:${id}` })
    return id
  })
}
