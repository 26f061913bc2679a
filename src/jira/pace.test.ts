import { afterEach, beforeEach, expect, test } from 'vitest'
import { systemClock } from '../lib/clock.ts'
import type { HttpClient } from '../lib/http-client.ts'
import type { SandboxJira } from '../sandbox/jira/sandbox-jira.ts'
import { BOT_TOKEN, createTestHttp, startTestJira } from './fixtures/test-jira.ts'
import { createPace, type Pace } from './pace.ts'

let jira: SandboxJira
let http: HttpClient

beforeEach(async () => {
  jira = await startTestJira()
  http = createTestHttp()
})

afterEach(async () => {
  await http.close()
  await jira.close()
})

/** Asks as fast as the pace allows for `ms`; resolves with the number of answers other than 429. */
async function askFor(ms: number, pace: Pace): Promise<number> {
  const stop = AbortSignal.timeout(ms)
  const url = new URL(`${jira.url}/rest/api/2/issue/SHOP-1?fields=summary`)
  const headers = { authorization: `Bearer ${BOT_TOKEN}` }
  let answers = 0
  const worker = async () => {
    while (!stop.aborted) {
      const answer = await pace
        .run(() => http.send({ method: 'GET', url, headers, signal: stop, retries: 0 }), stop)
        .catch(() => null)
      if (answer?.status === 200) answers += 1
    }
  }
  await Promise.all(Array.from({ length: 12 }, worker))
  return answers
}

const refusals = () => jira.requests().filter(({ status }) => status === 429).length

test.each([
  { limit: 30, fillRate: 20, intervalSeconds: 1 },
  { limit: 5, fillRate: 1, intervalSeconds: 1 },
])('never meets a 429 when alone and uses the allowed rate: %o', async (settings) => {
  jira.setRateLimit(settings)
  jira.setLatency(5)
  const seconds = 5

  const answers = await askFor(seconds * 1000 + 300, createPace({ clock: systemClock }))

  const allowed = settings.limit + settings.fillRate * seconds
  expect(refusals()).toBe(0)
  expect(answers).toBeGreaterThanOrEqual(Math.floor((allowed - settings.fillRate) * 0.95))
})

test('pauses after a 429 that another program caused', async () => {
  const pace = createPace({ clock: systemClock })
  jira.setRateLimit({ limit: 6, fillRate: 3, intervalSeconds: 1 })
  const other = setInterval(() => {
    fetch(`${jira.url}/rest/api/2/myself`, { headers: { authorization: `Bearer ${BOT_TOKEN}` } }).then(
      (answer) => answer.arrayBuffer(),
      () => null,
    )
  }, 100)

  const answers = await askFor(3000, pace)
  clearInterval(other)

  const own = jira.requests().filter(({ path, status }) => path.includes('/issue/') && status === 429).length
  expect(own).toBeLessThanOrEqual(6)
  expect(answers).toBeGreaterThan(3)
})

test('goes down with a Jira that slows down, within 5 s', async () => {
  const pace = createPace({ clock: systemClock })
  jira.setLatency(40)
  await askFor(7500, pace)
  const before = pace.state().concurrency

  jira.setLatency((underWay) => 40 + 60 * underWay)
  await askFor(4500, pace)

  expect(before).toBeGreaterThanOrEqual(6)
  expect(pace.state().concurrency).toBeLessThanOrEqual(before / 2)
})

test('a request that waits can be given up, and the next one takes its turn', async () => {
  const pace = createPace({ clock: systemClock, maxConcurrency: 1 })
  const held = Promise.withResolvers<{ status: number; headers: Record<string, string> }>()
  const answer = { status: 200, headers: {} }
  const first = pace.run(() => held.promise, new AbortController().signal)
  const given = new AbortController()
  const second = pace.run(() => Promise.resolve(answer), given.signal)
  const third = pace.run(() => Promise.resolve(answer), new AbortController().signal)

  given.abort(new Error('given up'))
  held.resolve(answer)

  await expect(second).rejects.toThrow('given up')
  await expect(Promise.all([first, third])).resolves.toHaveLength(2)
  expect(pace.state()).toMatchObject({ underWay: 0, waiting: 0 })
})

test('a failed request frees its place', async () => {
  const pace = createPace({ clock: systemClock, maxConcurrency: 1 })
  const { signal } = new AbortController()

  await expect(pace.run(() => Promise.reject(new Error('no connection')), signal)).rejects.toThrow('no connection')

  await expect(pace.run(() => Promise.resolve({ status: 200, headers: {} }), signal)).resolves.toMatchObject({ status: 200 })
})
