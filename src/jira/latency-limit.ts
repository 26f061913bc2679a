/**
 * How many requests at once Jira carries without slowing down for its people.
 *
 * States:
 * - **learning**: at most 2 at once, until 10 answers have shown the idle latency (their 95th percentile).
 *   → steady.
 * - **steady**: one more at once for every second in which the 95th percentile stayed below twice the idle value.
 *   → slowed, as soon as it is above.
 * - **slowed**: half as many at once, at least 1; halved again every second that it stays above. No growth for 5 s
 *   after the last halving, then → steady.
 *
 * With a single request at a time, what Jira takes is its idle latency as far as anyone can tell from outside: after
 * 30 s of that the idle value is taken anew, so that a Jira that became slower for good is not starved.
 */
export interface LatencyLimit {
  /** Requests at once allowed now. */
  concurrency(): number
  started(): LatencyMark
  /** `counts` false: there was no real answer, such as an aborted request or a 429. */
  finished(mark: LatencyMark, counts: boolean): void
}

export interface LatencyMark {
  readonly startedAtMs: number
}

const WINDOW_MS = 3_000
const EVALUATE_EVERY_MS = 1_000
const HOLD_AFTER_HALVING_MS = 5_000
const SAMPLES_TO_LEARN = 10
const LEARNING_CONCURRENCY = 2
const FEWEST_SAMPLES = 3
const MOST_SAMPLES = 500
/** Below this nobody waits: the noise of a fast Jira is no overload. */
const UNNOTICED_MS = 100
const RELEARN_AFTER_MS = 30_000

interface Sample {
  readonly atMs: number
  readonly latencyMs: number
}

export function createLatencyLimit(options: { monotonicMs: () => number; maxConcurrency: number }): LatencyLimit {
  return new Limit(options.monotonicMs, options.maxConcurrency)
}

class Limit implements LatencyLimit {
  readonly #monotonicMs: () => number
  readonly #maxConcurrency: number
  readonly #underWay = new Set<LatencyMark>()
  #samples: Sample[] = []
  #allowed: number
  #idleMs: number | null = null
  #evaluatedAtMs: number
  #halvedAtMs = Number.NEGATIVE_INFINITY
  #aloneSinceMs: number | null = null

  constructor(monotonicMs: () => number, maxConcurrency: number) {
    this.#monotonicMs = monotonicMs
    this.#maxConcurrency = maxConcurrency
    this.#allowed = Math.min(LEARNING_CONCURRENCY, maxConcurrency)
    this.#evaluatedAtMs = monotonicMs()
  }

  concurrency(): number {
    this.#evaluate(this.#monotonicMs())
    return this.#allowed
  }

  started(): LatencyMark {
    const mark = { startedAtMs: this.#monotonicMs() }
    this.#underWay.add(mark)
    return mark
  }

  finished(mark: LatencyMark, counts: boolean): void {
    this.#underWay.delete(mark)
    const now = this.#monotonicMs()
    if (counts) this.#samples.push({ atMs: now, latencyMs: now - mark.startedAtMs })
    if (this.#samples.length > MOST_SAMPLES) this.#samples.shift()
    if (this.#idleMs !== null) this.#evaluate(now)
    else if (this.#samples.length >= SAMPLES_TO_LEARN)
      this.#idleMs = percentile95(
        this.#samples.map(({ latencyMs }) => latencyMs),
        SAMPLES_TO_LEARN,
      )
  }

  #evaluate(now: number): void {
    const elapsed = Math.floor((now - this.#evaluatedAtMs) / EVALUATE_EVERY_MS)
    if (elapsed < 1 || this.#idleMs === null) return
    this.#evaluatedAtMs += elapsed * EVALUATE_EVERY_MS
    this.#samples = this.#samples.filter(({ atMs }) => now - atMs <= WINDOW_MS)
    const latencies = this.#samples.map(({ latencyMs }) => latencyMs)
    const limitMs = Math.max(UNNOTICED_MS, 2 * this.#idleMs)
    // A request that is still waiting has taken at least this long: a Jira that hangs is noticed before it answers.
    for (const { startedAtMs } of this.#underWay) if (now - startedAtMs > limitMs) latencies.push(now - startedAtMs)
    // One at a time, a slow Jira gives few samples.
    const p95 = percentile95(latencies, this.#allowed === 1 ? 1 : FEWEST_SAMPLES)
    if (p95 === null) return
    if (p95 > limitMs) this.#slowDown(now, p95)
    else if (now - this.#halvedAtMs >= HOLD_AFTER_HALVING_MS) this.#speedUp(this.#idleMs, p95)
  }

  #slowDown(now: number, p95: number): void {
    this.#halvedAtMs = now
    if (this.#allowed > 1) {
      this.#allowed = Math.max(1, Math.floor(this.#allowed / 2))
      // What was measured under the old load says nothing about the new one.
      this.#samples = []
      return
    }
    this.#aloneSinceMs ??= now
    if (now - this.#aloneSinceMs < RELEARN_AFTER_MS) return
    this.#idleMs = p95
    this.#aloneSinceMs = null
  }

  #speedUp(idleMs: number, p95: number): void {
    this.#aloneSinceMs = null
    if (this.#allowed <= LEARNING_CONCURRENCY) this.#idleMs = Math.min(idleMs, p95)
    this.#allowed = Math.min(this.#maxConcurrency, this.#allowed + 1)
  }
}

function percentile95(latencies: number[], fewest: number): number | null {
  if (latencies.length < fewest) return null
  const sorted = latencies.toSorted((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * 0.95))] ?? null
}
