import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Database } from '../../db/database.ts'
import { saveJiraWrites } from '../../db/stores/jira-writes.ts'
import { beginSync, endSync, requestSync, setSyncProgress } from '../../db/stores/sync-state.ts'
import { setWebhookOutcome } from '../../db/stores/webhook-deliveries.ts'
import { createTestPlace, KINDS, type TestPlace } from '../../db/test-database.ts'
import { addRepository, saveWebhook } from '../../db/test-rows.ts'
import { accountId, issueKey, type RepositoryId } from '../../domain/ids.ts'
import type { Clock } from '../../lib/clock.ts'
import { silentLogger } from '../../lib/logger.ts'
import { createTestClock } from '../test-clock.ts'
import { createChangeFeed, type ChangeFeed } from './change-feed.ts'
import type { FeedEvent } from './feed-event.ts'

const acme = accountId('acme')
const NONE = { commits: 0, branches: 0, pullRequests: 0, issues: 0 }

describe.each(KINDS)('changes on %s', (kind) => {
  let place: TestPlace
  /** Another node's connection where there can be one. */
  let other: Database
  let id: RepositoryId
  let feed: ChangeFeed
  let looks = 0
  let ended: AbortController
  beforeEach(async () => {
    ended = new AbortController()
    place = await createTestPlace(kind)
    const db = place.open()
    await db.migrate()
    other = kind === 'sqlite' ? db : place.open()
    id = await db.write('background', (tx) => addRepository(tx, acme, 1))
    looks = 0
    const real = createTestClock()
    const clock: Clock = { ...real, sleep: (_ms, signal) => ((looks += 1), real.sleep(20, signal)) }
    feed = createChangeFeed({ db, clock, log: silentLogger })
  })
  afterEach(async () => {
    ended.abort()
    await place.remove()
  })

  /** What a listener is told, one line each, and its last position. */
  function listen(after: string | null = null) {
    const told: string[] = []
    let position = ''
    const follow = async () => {
      for await (const event of feed.listen({ after, signal: ended.signal })) {
        told.push(lineOf(event))
        position = event.id
      }
    }
    return { told, done: follow(), position: () => position }
  }

  const receive = (deliveryId: string) =>
    other.write('webhook', async (tx) => {
      const stored = await saveWebhook(tx, {
        accountId: acme,
        deliveryId,
        event: 'Push Hook',
        receivedAt: Date.now(),
        body: '{}',
        headers: {},
      })
      return stored ?? 0
    })
  const settle = (delivery: number) =>
    other.write('webhook', (tx) => setWebhookOutcome(tx, delivery, { state: 'done', problem: null, now: 1 }))

  test('a synchronisation is told from queued to its end, whichever node runs it', async () => {
    const { told, done } = listen()
    await expect.poll(() => looks).toBeGreaterThan(1)

    await other.write('background', (tx) => requestSync(tx, id, 'soft'))
    await expect.poll(() => told).toEqual(['queued 0'])
    const { entry } = await other.write('background', (tx) => beginSync(tx, id, { trigger: 'test', now: Date.now() }))
    await expect.poll(() => told.at(-1)).toBe('running 0')
    await other.write('background', (tx) => setSyncProgress(tx, id, { ...NONE, commits: 7, step: 'history' }))
    await expect.poll(() => told.at(-1)).toBe('running 7')
    const end = { entry, outcome: { kind: 'done' }, progress: NONE, now: Date.now() } as const
    await other.write('background', (tx) => endSync(tx, id, end))
    await expect.poll(() => told.at(-1)).toBe('idle 7')
    ended.abort()
    await done
  })

  test('a webhook is told when it arrives and when its state changes, a write to Jira once', async () => {
    const { told } = listen()
    await expect.poll(() => looks).toBeGreaterThan(1)

    const delivery = await receive('a')
    await expect.poll(() => told).toEqual(['in-1 pending'])
    await settle(delivery)
    await expect.poll(() => told).toEqual(['in-1 pending', 'in-1 done'])
    const write = { key: issueKey('SHOP-1'), jiraId: '1', kind: 'property', writtenAt: 1, ms: 1, outcome: 'done' } as const
    const rest = { status: 200, error: null, bytes: 1, contentHash: 'x', syncId: null }
    await other.write('background', (tx) => saveJiraWrites(tx, [{ ...write, ...rest }]))
    await expect.poll(() => told.at(-1)).toBe('out-1 done')
    const before = looks
    await expect.poll(() => looks).toBeGreaterThan(before + 2)

    expect(told).toHaveLength(3)
  })

  test('who comes back is told what happened meanwhile, who comes first what is busy', async () => {
    const first = listen()
    await expect.poll(() => looks).toBeGreaterThan(1)
    await settle(await receive('a'))
    await expect.poll(() => first.told.length).toBeGreaterThan(0)
    ended.abort()
    await first.done
    ended = new AbortController()
    await receive('b')
    await other.write('background', (tx) => requestSync(tx, id, 'soft'))

    const back = listen(first.position())
    const fresh = listen('a position of nobody')

    await expect.poll(() => back.told).toEqual(['in-2 pending', 'queued 0'])
    await expect.poll(() => fresh.told).toEqual(['queued 0'])
  })

  test('nothing is looked at when nobody listens, and a hundred and first listener is refused', async () => {
    const all = Array.from({ length: 100 }, () => listen())
    await expect.poll(() => looks).toBeGreaterThan(1)
    await expect(listen().done).rejects.toMatchObject({ code: 'too-many-listeners' })

    ended.abort()
    await Promise.all(all.map(({ done }) => done))
    const after = looks
    await new Promise((resolve) => setTimeout(resolve, 150))

    expect(looks).toBe(after)
  })
})

function lineOf({ change }: FeedEvent): string {
  switch (change.kind) {
    case 'repository':
      return `${change.repository.sync.state} ${change.repository.sync.progress.commits}`
    case 'webhook':
      return `in-${change.webhook.id} ${change.webhook.state}`
    case 'account':
      return `account ${change.account.account.id}`
    case 'account-gone':
      return `gone ${change.id}`
    case 'write':
      return `out-${change.write.id} ${change.write.state}`
  }
}
