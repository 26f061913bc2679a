import { expect, test } from 'vitest'
import { createTokenEstimate } from './token-estimate.ts'

interface Settings {
  readonly limit: number
  readonly fillRate: number
  readonly intervalMs: number
  /** The next refill is an interval after a request brought the last one, not after its time. */
  readonly lazy: boolean
  readonly latencyMs: readonly [number, number]
  readonly atOnce: number
}

/** Numbers in [0, 1) that are the same at every run. */
function createRandom(seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 4_294_967_296
  }
}

/** Jira's bucket and a sender that sends whenever the estimate lets it, without a real clock. */
function simulate(settings: Settings, { seconds, seed }: { seconds: number; seed: number }) {
  const random = createRandom(seed)
  const { limit, fillRate, intervalMs, latencyMs, atOnce } = settings
  let now = 0
  let tokens = limit
  let filledAt = -Math.floor(random() * intervalMs)
  const counts = { taken: 0, refused: 0 }
  const estimate = createTokenEstimate(() => now)
  const events: { at: number; run: () => void }[] = []
  let underWay = 0

  const take = () => {
    const intervals = Math.floor((now - filledAt) / intervalMs)
    tokens = Math.min(limit, tokens + intervals * fillRate)
    if (intervals > 0) filledAt = settings.lazy ? now : filledAt + intervals * intervalMs
    const allowed = tokens >= 1
    if (allowed) tokens -= 1
    counts[allowed ? 'taken' : 'refused'] += 1
    const headers = {
      'x-ausername': 'dvcs-bot',
      'x-ratelimit-limit': String(limit),
      'x-ratelimit-remaining': String(tokens),
      'x-ratelimit-fillrate': String(fillRate),
      'x-ratelimit-interval-seconds': String(intervalMs / 1000),
    }
    return { status: allowed ? 200 : 429, headers }
  }
  const pass = () => latencyMs[0] + random() * (latencyMs[1] - latencyMs[0])
  const send = () => {
    while (underWay < atOnce && estimate.available() >= 1) {
      underWay += 1
      const mark = estimate.sent()
      events.push({
        at: now + pass() / 2,
        run: () => {
          const answer = take()
          events.push({
            at: now + pass() / 2,
            run: () => {
              underWay -= 1
              estimate.answered(mark, answer)
            },
          })
        },
      })
    }
  }
  while (now < seconds * 1000) {
    send()
    events.sort((a, b) => a.at - b.at)
    const wakeAt = now + (underWay < atOnce ? estimate.waitMs() : Number.POSITIVE_INFINITY)
    const next = (events[0]?.at ?? Number.POSITIVE_INFINITY) <= wakeAt ? events.shift() : undefined
    now = Math.max(now, next?.at ?? wakeAt)
    next?.run()
  }
  return { ...counts, share: counts.taken / (limit + (fillRate * now) / intervalMs) }
}

const BUCKETS = [
  { limit: 100, fillRate: 100, intervalMs: 1000, lazy: false },
  { limit: 100, fillRate: 100, intervalMs: 1000, lazy: true },
  { limit: 70, fillRate: 5, intervalMs: 1000, lazy: false },
  { limit: 600, fillRate: 300, intervalMs: 60_000, lazy: false },
  { limit: 10, fillRate: 1, intervalMs: 1000, lazy: true },
]

test.each(BUCKETS)('alone, never a 429, and nearly all that is allowed: %o', (bucket) => {
  for (const latencyMs of [
    [2, 4],
    [5, 40],
    [20, 200],
  ] as const) {
    for (const seed of [1, 2, 3, 4, 5]) {
      const seconds = (bucket.intervalMs / 1000) * 60
      const { refused, share } = simulate({ ...bucket, latencyMs, atOnce: 32 }, { seconds, seed })
      expect({ refused, latencyMs, seed }).toEqual({ refused: 0, latencyMs, seed })
      // A slow answer tells late that there was a refill.
      expect(share, `${latencyMs.join('–')} ms, seed ${seed}`).toBeGreaterThan(latencyMs[1] < 10 ? 0.96 : 0.7)
    }
  }
})
