import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import { accountId, repositoryId } from '../domain/ids.ts'
import { systemClock } from '../lib/clock.ts'
import type { JobRequest } from './job-queue.ts'
import { hookRequest, openTestQueue, syncRequest, untilAborted, type TestQueue } from './test-queue.ts'

const pause = (ms: number) => systemClock.sleep(ms)
const inMs = (ms: number) => new Date(Date.now() + ms)

describe.each(['sqlite', 'postgres'] as const)('job queue on %s', (kind) => {
  let t: TestQueue
  beforeAll(async () => {
    t = await openTestQueue(kind)
  })
  afterEach(() => t.clear())
  afterAll(() => t.close())

  const untilEmpty = () => vi.waitFor(async () => expect(await t.stats()).toMatchObject({ waiting: 0, running: 0 }), 10_000)

  test('runs a job with its payload and forgets it', async () => {
    const seen: unknown[] = []
    await t.start({ 'sync-repository': async (payload, { attempt }) => void seen.push({ payload, attempt }) })

    await t.add(syncRequest('1'))

    await vi.waitFor(() => expect(seen).toHaveLength(1))
    await untilEmpty()
    expect(seen).toEqual([{ payload: { repositoryId: '1', trigger: 'test' }, attempt: 1 }])
  })

  test('runs what was added before the start', async () => {
    const seen: string[] = []
    await t.add(syncRequest('1'))

    await t.start({ 'sync-repository': async ({ repositoryId: id }) => void seen.push(id) })

    await vi.waitFor(() => expect(seen).toEqual(['1']))
  })

  test('makes one job of all requests that wait for a key', async () => {
    const seen: unknown[] = []
    await t.add(hookRequest(1))
    await t.add(hookRequest(2))
    expect(await t.stats()).toMatchObject({ waiting: 1 })

    await t.start({ 'process-webhook': async ({ deliveryId }) => void seen.push(deliveryId) })

    await untilEmpty()
    expect(seen).toEqual([2])
  })

  test('of many added together, each becomes one with the job that waits for its key, or is remembered by the one that runs', async () => {
    const seen: string[] = []
    const { promise: released, resolve: release } = Promise.withResolvers<void>()
    const request = (id: string, trigger: string) => ({
      ...syncRequest(id),
      payload: { repositoryId: repositoryId(id), trigger },
    })
    await t.add(request('running', 'first'))
    await t.start({
      'sync-repository': async ({ repositoryId: id, trigger }) => {
        seen.push(`${id} ${trigger}`)
        if (trigger === 'first') await released
      },
    })
    await vi.waitFor(() => expect(seen).toEqual(['running first']))
    await t.add({ ...request('waiting', 'later'), runAt: inMs(60_000) })

    await t.db.write('interactive', (tx) =>
      t.queue.addAll(
        tx,
        ['waiting', 'running', 'new'].map((id) => request(id, 'together')),
      ),
    )
    await t.db.write('interactive', (tx) => t.queue.addAll(tx, []))

    await vi.waitFor(() => expect(seen.toSorted()).toEqual(['new together', 'running first', 'waiting together']))
    release()
    await untilEmpty()
    expect(seen).toHaveLength(4)
    expect(seen.at(-1)).toBe('running together')
  })

  test('never runs two jobs of one key at once, and serves every request by a run that began after its commit', async () => {
    let active = 0
    let most = 0
    let committed = 0
    let served = 0
    await t.start({
      'process-webhook': async () => {
        const atStart = committed
        active += 1
        most = Math.max(most, active)
        await pause(5)
        active -= 1
        served = atStart
      },
    })

    for (let round = 1; round <= 30; round++) {
      await t.db.write('interactive', async (tx) => {
        await t.queue.add(tx, hookRequest(round))
        committed = round
      })
      if (round % 3 === 0) await pause(4)
    }

    await untilEmpty()
    expect(most).toBe(1)
    expect(served).toBe(30)
  })

  test('remembers a request for a running key and runs it afterwards, with the newest payload', async () => {
    const seen: number[] = []
    const gate = Promise.withResolvers<void>()
    await t.start({
      'process-webhook': async ({ deliveryId }) => {
        seen.push(deliveryId)
        if (deliveryId === 1) await gate.promise
      },
    })
    await t.add(hookRequest(1))
    await vi.waitFor(() => expect(seen).toEqual([1]))

    await t.add(hookRequest(2))
    await t.add(hookRequest(3))
    await pause(100)
    expect(seen).toEqual([1])
    expect(await t.stats()).toMatchObject({ waiting: 1, running: 1 })
    gate.resolve()

    await vi.waitFor(() => expect(seen).toEqual([1, 3]))
  })

  test('waits for the time of a job; a later request does not postpone it, "now" pulls it forward', async () => {
    const seen: number[] = []
    await t.start({ 'sync-repository': async () => void seen.push(Date.now()) })
    const soon = inMs(1_500)
    await t.add(syncRequest('1', { runAt: soon }))
    await t.add(syncRequest('1', { runAt: inMs(60_000) }))
    await t.add(syncRequest('2', { runAt: inMs(60_000) }))

    await t.add(syncRequest('2'))
    await vi.waitFor(() => expect(seen).toHaveLength(1))
    expect(seen[0]).toBeLessThan(soon.getTime())

    await vi.waitFor(() => expect(seen).toHaveLength(2), 8_000)
    expect(seen[1]).toBeGreaterThanOrEqual(soon.getTime() - 5)
  })

  test('runs the more urgent first', async () => {
    const seen: string[] = []
    await t.add(syncRequest('1', { priority: 'first-import' }))
    await t.add(syncRequest('2', { priority: 'scheduled' }))
    await t.add(syncRequest('3', { priority: 'first-import' }))
    // A later request of less urgency takes nothing away.
    await t.add(syncRequest('3', { priority: 'webhook' }))
    await t.add(syncRequest('3', { priority: 'first-import' }))

    await t.start(
      { 'sync-repository': async ({ repositoryId: id }) => void seen.push(id) },
      { concurrency: { 'sync-repository': 1 } },
    )

    await vi.waitFor(() => expect(seen).toEqual(['3', '2', '1']))
  })

  test('jobs of one name do not wait for those of another, and never exceed their places', async () => {
    const hooks: number[] = []
    const imports: string[] = []
    await t.start({
      'sync-repository': async ({ repositoryId: id }, { signal }) => {
        imports.push(id)
        await untilAborted(signal)
      },
      'process-webhook': async ({ deliveryId }) => void hooks.push(deliveryId),
    })
    for (let id = 1; id <= 8; id++) await t.add(syncRequest(`slow-${id}`, { priority: 'first-import' }))
    await vi.waitFor(() => expect(imports).toHaveLength(4))

    await t.add(hookRequest(7))

    await vi.waitFor(() => expect(hooks).toEqual([7]))
    await expect.poll(() => t.stats()).toMatchObject({ waiting: 4, running: 4 })
  })

  test('a name without places is left to others', async () => {
    const seen: string[] = []
    await t.start(
      { 'sync-repository': async ({ repositoryId: id }) => void seen.push(id) },
      { concurrency: { 'sync-repository': 0 } },
    )

    await t.add(syncRequest('1'))

    await pause(150)
    expect(seen).toEqual([])
    expect(await t.stats()).toMatchObject({ waiting: 1 })
  })

  test('cancel removes a waiting or remembered job, not a running one', async () => {
    const seen: string[] = []
    const gate = Promise.withResolvers<void>()
    await t.add(syncRequest('1'))
    expect(await t.cancel('sync:1')).toBe(true)
    expect(await t.cancel('sync:1')).toBe(false)
    await t.start({
      'sync-repository': async ({ repositoryId: id }) => {
        seen.push(id)
        await gate.promise
      },
    })
    await t.add(syncRequest('2'))
    await vi.waitFor(() => expect(seen).toEqual(['2']))
    expect(await t.cancel('sync:2')).toBe(false)
    await t.add(syncRequest('2'))
    expect(await t.cancel('sync:2')).toBe(true)

    gate.resolve()

    await untilEmpty()
    expect(seen).toEqual(['2'])
  })

  test('of a clock that was set back, what waits is pulled forward by as much', async () => {
    const seen: string[] = []
    await t.start({ 'sync-repository': async ({ repositoryId: id }) => void seen.push(id) })
    await t.add({ ...syncRequest('1'), runAt: inMs(3_600_000) })
    await t.add({ ...syncRequest('2'), runAt: inMs(3 * 3_600_000) })

    await t.db.write('interactive', (tx) => t.queue.pullForward(tx, 3_600_000))

    await vi.waitFor(() => expect(seen).toEqual(['1']), 10_000)
    expect(await t.stats()).toMatchObject({ waiting: 1 })
  })

  test('a transaction that is rolled back adds nothing', async () => {
    const seen: string[] = []
    await t.start({ 'sync-repository': async ({ repositoryId: id }) => void seen.push(id) })

    const failing = t.db.write('interactive', async (tx) => {
      await t.queue.add(tx, syncRequest('1'))
      throw new Error('rolled back')
    })

    await expect(failing).rejects.toThrow('rolled back')
    await pause(100)
    expect(seen).toEqual([])
    expect(await t.stats()).toMatchObject({ waiting: 0 })
  })

  test('wakes soon after the commit, not before', async () => {
    const delays: number[] = []
    let committedAt = 0
    await t.start({ 'process-webhook': async () => void delays.push(performance.now() - committedAt) })
    await pause(50)

    for (let round = 0; round < 10; round++) {
      committedAt = Infinity
      await t.db.write('webhook', async (tx) => {
        await t.queue.add(tx, hookRequest(round))
        await pause(10)
        committedAt = performance.now()
      })
      await vi.waitFor(() => expect(delays).toHaveLength(round + 1), { interval: 2, timeout: 3_000 })
    }

    const sorted = delays.toSorted((a, b) => a - b)
    expect(sorted[0]).toBeGreaterThanOrEqual(0)
    // 1–10 ms alone; a shared machine may stumble.
    expect(sorted[5]).toBeLessThan(250)
  })

  test('1,000 jobs pass in seconds', { timeout: 60_000 }, async () => {
    const seen = new Set<string>()
    await t.db.write('interactive', async (tx) => {
      for (let id = 0; id < 1_000; id++) await t.queue.add(tx, syncRequest(`bulk-${id}`))
    })

    await t.start({ 'sync-repository': async ({ repositoryId: id }) => void seen.add(id) })

    await vi.waitFor(async () => expect(await t.stats()).toMatchObject({ waiting: 0, running: 0 }), 20_000)
    expect(seen.size).toBe(1_000)
  })

  test('reports how long the oldest due job has been waiting', async () => {
    expect(await t.stats()).toEqual({ waiting: 0, running: 0, oldestWaitingMs: 0 })
    await t.add(syncRequest('1', { runAt: inMs(-5_000) }))
    await t.add(syncRequest('2', { runAt: inMs(60_000) }))

    const stats = await t.stats()

    expect(stats).toMatchObject({ waiting: 2, running: 0 })
    expect(stats.oldestWaitingMs).toBeGreaterThanOrEqual(4_900)
    expect(stats.oldestWaitingMs).toBeLessThan(15_000)
  })
})

test('payloads are checked by the name of the job', () => {
  const request: JobRequest<'sweep-account'> = {
    name: 'sweep-account',
    payload: { accountId: accountId('acme'), trigger: 'test' },
    key: 'sweep:acme',
  }
  // @ts-expect-error: a sweep wants an account
  const wrong: JobRequest<'sweep-account'> = { ...request, payload: { repositoryId: repositoryId('1'), trigger: 'test' } }
  expect(wrong.name).toBe('sweep-account')
})
