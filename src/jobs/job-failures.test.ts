import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import { systemClock } from '../lib/clock.ts'
import { ConnectorError } from '../lib/connector-error.ts'
import { hookRequest, kill, openTestQueue, spawnHangingWorker, syncRequest, untilAborted, type TestQueue } from './test-queue.ts'

const pause = (ms: number) => systemClock.sleep(ms)
const inMs = (ms: number) => new Date(Date.now() + ms)
const rateLimited = (retryAt: Date) => new ConnectorError('rate-limited', { userMessage: 'Too many requests.', retryAt })

describe.each(['sqlite', 'postgres'] as const)('failing and interrupted jobs on %s', (kind) => {
  let t: TestQueue
  beforeAll(async () => {
    t = await openTestQueue(kind)
  })
  afterEach(() => t.clear())
  afterAll(() => t.close())

  const untilEmpty = () => vi.waitFor(async () => expect(await t.stats()).toMatchObject({ waiting: 0, running: 0 }), 10_000)

  test('tries a failed job again, and gives up after the last try', async () => {
    const attempts: number[] = []
    const givenUp: unknown[] = []
    await t.start(
      {
        'sync-repository': async (_payload, { attempt }) => {
          attempts.push(attempt)
          throw new Error(`try ${attempt}`)
        },
      },
      { onGiveUp: async (name, payload, error) => void givenUp.push([name, payload, (error as Error).message]) },
    )

    await t.add(syncRequest('1'))

    await vi.waitFor(() => expect(givenUp).toHaveLength(1), 15_000)
    expect(attempts).toEqual([1, 2, 3, 4])
    expect(givenUp).toEqual([['sync-repository', { repositoryId: '1', trigger: 'test' }, 'try 4']])
    await untilEmpty()
  })

  test('a give-up hook that fails does not keep the job', async () => {
    let hooks = 0
    const onGiveUp = () => {
      hooks += 1
      return Promise.reject(new Error('the hook fails as well'))
    }
    await t.start({ 'sync-repository': () => Promise.reject(new Error('always')) }, { onGiveUp })

    await t.add(syncRequest('1'))

    await vi.waitFor(() => expect(hooks).toBe(1), 15_000)
    await untilEmpty()
  })

  test('waits until the time that the error names', async () => {
    const seen: number[] = []
    const retryAt = inMs(1_200)
    await t.start({
      'sync-repository': async () => {
        seen.push(Date.now())
        if (seen.length === 1) throw rateLimited(retryAt)
      },
    })

    await t.add(syncRequest('1'))

    await vi.waitFor(() => expect(seen).toHaveLength(2), 8_000)
    expect(seen[1]).toBeGreaterThanOrEqual(retryAt.getTime() - 10)
  })

  test('a new request pulls a job forward that waits for its next try, and counts from the start', async () => {
    const attempts: number[] = []
    await t.start({
      'sync-repository': async (_payload, { attempt }) => {
        attempts.push(attempt)
        if (attempts.length === 1) throw rateLimited(inMs(60_000))
      },
    })
    await t.add(syncRequest('1'))
    await vi.waitFor(async () => {
      expect(attempts).toEqual([1])
      expect(await t.stats()).toMatchObject({ waiting: 1, running: 0 })
    })

    await t.add(syncRequest('1'))

    await vi.waitFor(() => expect(attempts).toEqual([1, 1]))
  })

  test('a request remembered during a run that fails takes the place of the next try, at the earlier time of both', async () => {
    const seen: [number, number][] = []
    const gate = Promise.withResolvers<void>()
    await t.start({
      'process-webhook': async ({ deliveryId }, { attempt }) => {
        seen.push([deliveryId, attempt])
        if (deliveryId !== 1) return
        await gate.promise
        throw new Error('the first one fails')
      },
    })
    await t.add(hookRequest(1))
    await vi.waitFor(() => expect(seen).toHaveLength(1))
    await t.add({ ...hookRequest(2), runAt: inMs(60_000) })
    gate.resolve()

    await vi.waitFor(() => expect(seen).toHaveLength(2), 5_000)
    expect(seen[1]).toEqual([2, 1])
  })

  test('stop lets running jobs end, and interrupts those that take longer without counting a try', async () => {
    const ended: string[] = []
    const seen: string[] = []
    const reasons: unknown[] = []
    const workers = await t.start({
      'sync-repository': async ({ repositoryId: id }, { signal }) => {
        seen.push(id)
        signal.addEventListener('abort', () => reasons.push((signal.reason as ConnectorError).code))
        await (id === '1' ? pause(50) : untilAborted(signal))
        ended.push(id)
      },
    })
    await t.add(syncRequest('1'))
    await t.add(syncRequest('2'))
    await vi.waitFor(() => expect(seen).toHaveLength(2))

    await workers.stop()

    expect(ended).toEqual(['1'])
    expect(reasons).toEqual(['job-interrupted'])
    expect(await t.stats()).toMatchObject({ waiting: 1, running: 0 })
    const again: [string, number][] = []
    await t.start({ 'sync-repository': async ({ repositoryId: id }, { attempt }) => void again.push([id, attempt]) })
    await vi.waitFor(() => expect(again).toEqual([['2', 1]]))
  })

  test('what is added after stop waits for the next start', async () => {
    const seen: string[] = []
    const handlers = { 'sync-repository': async ({ repositoryId: id }: { repositoryId: string }) => void seen.push(id) }
    const workers = await t.start(handlers)
    await workers.stop()

    await t.add(syncRequest('1'))
    await pause(100)
    expect(seen).toEqual([])

    await t.start(handlers)
    await vi.waitFor(() => expect(seen).toEqual(['1']))
  })

  test('abort ends the running job of a key for good; what was requested meanwhile still runs', async () => {
    const seen: string[] = []
    const reasons: unknown[] = []
    const workers = await t.start({
      'sync-repository': async ({ repositoryId: id }, { signal }) => {
        seen.push(id)
        if (seen.length > 2) return
        signal.addEventListener('abort', () => reasons.push((signal.reason as ConnectorError).code))
        await untilAborted(signal)
      },
    })
    await t.add(syncRequest('1'))
    await t.add(syncRequest('2'))
    await vi.waitFor(() => expect(seen).toHaveLength(2))
    await t.add(syncRequest('2'))

    workers.abort('sync:1')
    workers.abort('sync:2')
    workers.abort('sync:unknown')

    await vi.waitFor(() => expect(seen.slice(2)).toEqual(['2']))
    await untilEmpty()
    expect(reasons).toEqual(['job-cancelled', 'job-cancelled'])
  })

  test('the job of a killed process runs again, and its try counts', { timeout: 60_000 }, async () => {
    await t.add(syncRequest('1'))
    const child = await spawnHangingWorker(t)
    await kill(child)
    expect(await t.stats()).toMatchObject({ waiting: 0, running: 1 })

    const attempts: number[] = []
    await t.start({ 'sync-repository': async (_payload, { attempt }) => void attempts.push(attempt) })

    await vi.waitFor(() => expect(attempts).toEqual([2]), 30_000)
    await untilEmpty()
  })

  test('a request remembered by a killed process is not lost', { timeout: 60_000 }, async () => {
    await t.add(syncRequest('1'))
    const child = await spawnHangingWorker(t)
    await t.add({ ...syncRequest('1'), payload: { ...syncRequest('1').payload, trigger: 'later' } })
    await kill(child)

    const triggers: string[] = []
    await t.start({ 'sync-repository': async ({ trigger }) => void triggers.push(trigger) })

    await vi.waitFor(() => expect(triggers).toContain('later'), 30_000)
    await untilEmpty()
  })

  test('a job in which the process died too often is given up without running', { timeout: 60_000 }, async () => {
    await t.add(syncRequest('1'))
    for (let death = 1; death <= 4; death++) {
      const child = await spawnHangingWorker(t)
      await kill(child)
    }

    const codes: unknown[] = []
    let runs = 0
    await t.start(
      { 'sync-repository': async () => void (runs += 1) },
      { onGiveUp: async (_name, _payload, error) => void codes.push((error as ConnectorError).code) },
    )

    await vi.waitFor(() => expect(codes).toEqual(['job-died']), 30_000)
    expect(runs).toBe(0)
    await untilEmpty()
  })
})
