import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import type { RunningJobs } from './job-queue.ts'
import { openTestQueue, syncRequest, untilAborted, type TestQueue } from './test-queue.ts'

const KINDS = ['sqlite', 'postgres'] as const

describe.each(KINDS)('fairness on %s', (kind) => {
  let t: TestQueue
  beforeAll(async () => {
    t = await openTestQueue(kind)
  }, 60_000)
  afterEach(() => t.clear())
  afterAll(() => t.close())

  /** Runs everything that waits, one after the other; returns the order. */
  async function runAll(count: number, more: { concurrency?: number } = {}): Promise<string[]> {
    const order: string[] = []
    const jobs: RunningJobs = await t.start(
      { 'sync-repository': ({ repositoryId }) => Promise.resolve(void order.push(repositoryId)) },
      { concurrency: { 'sync-repository': more.concurrency ?? 1 } },
    )
    await expect.poll(() => order.length, { timeout: 30_000 }).toBe(count)
    await jobs.stop()
    return order
  }

  test('many first imports of one account do not keep another from its turn', { timeout: 60_000 }, async () => {
    for (let number = 1; number <= 60; number++)
      await t.add(syncRequest(String(number), { party: 'big', priority: 'first-import' }))
    for (const id of ['901', '902', '903'])
      await t.add(syncRequest(id, { party: 'small', priority: 'first-import', rank: 5_000 }))

    const order = await runAll(63)

    expect(order.slice(0, 7).filter((id) => id.startsWith('90'))).toEqual(['901', '902', '903'])
  })

  test('the newest activity goes first among the first imports of an account, and webhooks before them', async () => {
    await t.add(syncRequest('1', { party: 'acme', priority: 'first-import', rank: 30_000 }))
    await t.add(syncRequest('2', { party: 'acme', priority: 'first-import', rank: 2 }))
    await t.add(syncRequest('3', { party: 'acme', priority: 'first-import', rank: 700.5 }))
    await t.add(syncRequest('4', { party: 'acme', priority: 'scheduled' }))
    await t.add(syncRequest('5', { party: 'acme', priority: 'webhook' }))

    expect(await runAll(5)).toEqual(['5', '4', '2', '3', '1'])
  })

  test("an account whose jobs hang leaves a place for the others'", { timeout: 60_000 }, async () => {
    const began: string[] = []
    const jobs = await t.start(
      {
        'sync-repository': ({ repositoryId }, { signal }) => {
          began.push(repositoryId)
          return repositoryId.startsWith('9') ? Promise.resolve() : untilAborted(signal)
        },
      },
      { concurrency: { 'sync-repository': 3 } },
    )
    await t.add(syncRequest('900', { party: 'other' }))
    await expect.poll(() => began, { timeout: 20_000 }).toEqual(['900'])
    for (let number = 1; number <= 5; number++) await t.add(syncRequest(String(number), { party: 'stuck' }))
    await expect.poll(() => began.length, { timeout: 20_000 }).toBe(3)

    await t.add(syncRequest('901', { party: 'other' }))

    await expect.poll(() => began, { timeout: 20_000 }).toEqual(['900', '1', '2', '901'])
    await jobs.stop()
  })

  test('a job keeps its account over failures and over requests during its run', { timeout: 60_000 }, async () => {
    let runs = 0
    const jobs = await t.start(
      {
        'sync-repository': async () => {
          runs += 1
          if (runs === 1) await t.add(syncRequest('1', { party: 'acme' }))
          if (runs < 3) throw new Error('not yet')
        },
      },
      { concurrency: { 'sync-repository': 2 } },
    )
    await t.add(syncRequest('1', { party: 'acme' }))

    await expect.poll(() => runs, { timeout: 20_000 }).toBe(3)
    await jobs.stop()
  })
})
