/**
 * How many tokens of Jira's rate limit are certainly left, from the outside.
 *
 * Jira Data Center gives every user a bucket (per node): `X-RateLimit-Limit` tokens at most, `X-RateLimit-FillRate`
 * more every `X-RateLimit-Interval-Seconds`, one taken by each request, `X-RateLimit-Remaining` left. Requests overlap
 * and their answers arrive in any order, so the estimate is a lower bound: what an answer said remained, minus every
 * other request that Jira may have counted after it. It is never above the truth while we are alone, so no request
 * is sent that would get a 429; when others use the same user, the next answer corrects it downwards.
 */
export interface TokenEstimate {
  /** Tokens certainly there now; Infinity when Jira tells no limit. */
  available(): number
  /** Milliseconds until there is certainly another token; 0 when there is one; Infinity while an answer will tell sooner. */
  waitMs(): number
  /** Records a request that is about to be sent; pass the result to `answered`. */
  sent(): SentMark
  /** Records its answer; null when there was none. */
  answered(mark: SentMark, answer: PacedAnswer | null): void
  /** No token until `ms` from now, as a 429 says. */
  pause(ms: number): void
}

/** What the pace reads from an answer. Header names in lower case. */
export interface PacedAnswer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
}

export interface SentMark {
  readonly underWay: number
  readonly sequence: number
  readonly sentAtMs: number
  /** The newest answer that was there when it was sent: Jira counted that one before this. */
  readonly before: Told | null
}

/** What one answer told, and which request it answers. */
interface Told {
  readonly remaining: number
  readonly mark: Omit<SentMark, 'before'>
}

interface Bucket {
  readonly limit: number
  readonly fillRate: number
  readonly intervalMs: number
}

export function createTokenEstimate(monotonicMs: () => number): TokenEstimate {
  return new Estimate(monotonicMs)
}

class Estimate implements TokenEstimate {
  readonly #monotonicMs: () => number
  #bucket: Bucket | null = null
  #heard = false
  #lowerBound = 0
  #underWay = 0
  #totalSent = 0
  /** Least that remained according to the answers since nothing was under way. */
  #leastTold = Number.POSITIVE_INFINITY
  /** The newest refill that is in the lower bound happened by then, so that another one is sure an interval later. */
  #filledUntilMs = 0
  /** Until then no further refill can have happened. */
  #noRefillUntilMs = Number.NEGATIVE_INFINITY
  #told: Told | null = null
  #pausedUntilMs = 0

  constructor(monotonicMs: () => number) {
    this.#monotonicMs = monotonicMs
  }

  available(): number {
    const now = this.#monotonicMs()
    if (now < this.#pausedUntilMs) return 0
    // Before the first answer nothing is known: one request asks.
    if (!this.#heard) return this.#underWay === 0 ? 1 : 0
    if (this.#bucket === null) return Number.POSITIVE_INFINITY
    this.#addRefills(this.#bucket, now)
    return Math.max(0, this.#lowerBound)
  }

  waitMs(): number {
    const now = this.#monotonicMs()
    if (now < this.#pausedUntilMs) return this.#pausedUntilMs - now
    if (this.available() >= 1) return 0
    if (this.#bucket === null) return Number.POSITIVE_INFINITY
    return Math.max(1, this.#filledUntilMs + this.#bucket.intervalMs - now)
  }

  sent(): SentMark {
    const sentAtMs = this.#monotonicMs()
    const mark = { underWay: this.#underWay, sequence: this.#totalSent + 1, sentAtMs, before: this.#told }
    this.#underWay += 1
    this.#totalSent += 1
    this.#lowerBound -= 1
    return mark
  }

  answered(mark: SentMark, answer: PacedAnswer | null): void {
    this.#underWay -= 1
    const told = answer === null ? null : parseBucket(answer.headers)
    if (told !== null) this.#learn(mark, told)
    else if (answer !== null && isSignedIn(answer)) {
      // Jira tells every signed-in user its limit, so there is none: Jira Server, or an exempted user.
      this.#heard = true
      this.#bucket = null
    }
    if (this.#underWay > 0) return
    // Everything sent is counted by now, so the least told is a lower bound too.
    if (this.#leastTold !== Number.POSITIVE_INFINITY) this.#lowerBound = Math.max(this.#lowerBound, this.#leastTold)
    this.#leastTold = Number.POSITIVE_INFINITY
  }

  pause(ms: number): void {
    this.#pausedUntilMs = Math.max(this.#pausedUntilMs, this.#monotonicMs() + ms)
    this.#lowerBound = Math.min(this.#lowerBound, 0)
  }

  #learn(mark: SentMark, { bucket, remaining }: { bucket: Bucket; remaining: number }): void {
    this.#heard = true
    this.#bucket = bucket
    this.#leastTold = Math.min(this.#leastTold, remaining)
    const uncounted = mark.underWay + (this.#totalSent - mark.sequence)
    this.#lowerBound = Math.min(remaining, Math.max(this.#lowerBound, remaining - uncounted))
    this.#findRefill(mark, { bucket, remaining })
    const { before: _before, ...own } = mark
    this.#told = { remaining, mark: own }
  }

  /** Whether an answer holds a refill that the one before did not. */
  #findRefill({ before }: SentMark, { bucket, remaining }: { bucket: Bucket; remaining: number }): void {
    const now = this.#monotonicMs()
    if (now < this.#noRefillUntilMs) return
    if (before !== null && remaining >= before.remaining) {
      this.#filledUntilMs = now
      this.#noRefillUntilMs = before.mark.sentAtMs + bucket.intervalMs
      return
    }
    // Far less than a refill would have left of our own requests: there was none.
    if (before !== null) {
      const own = before.mark.underWay + (this.#totalSent - before.mark.sequence)
      if (remaining < Math.min(bucket.limit, before.remaining + bucket.fillRate) - own) return
    }
    this.#filledUntilMs = now
  }

  #addRefills(bucket: Bucket, now: number): void {
    // The phase of Jira's refills is unknown: only a whole interval is sure to contain one.
    const intervals = Math.floor((now - this.#filledUntilMs) / bucket.intervalMs)
    if (intervals <= 0) return
    this.#lowerBound = Math.min(bucket.limit, this.#lowerBound + intervals * bucket.fillRate)
    this.#filledUntilMs += intervals * bucket.intervalMs
  }
}

function isSignedIn({ status, headers }: PacedAnswer): boolean {
  const name = headers['x-ausername'] ?? ''
  return status >= 200 && status < 300 && name !== '' && name !== 'anonymous'
}

function parseBucket(headers: Readonly<Record<string, string>>): { bucket: Bucket; remaining: number } | null {
  const limit = parseCount(headers['x-ratelimit-limit'])
  const remaining = parseCount(headers['x-ratelimit-remaining'])
  const fillRate = parseCount(headers['x-ratelimit-fillrate'])
  const intervalSeconds = parseCount(headers['x-ratelimit-interval-seconds'])
  if (limit === null || remaining === null || !fillRate || !intervalSeconds) return null
  return { bucket: { limit, fillRate, intervalMs: intervalSeconds * 1000 }, remaining }
}

function parseCount(text: string | undefined): number | null {
  const value = text === undefined || text.trim() === '' ? Number.NaN : Number(text)
  return Number.isFinite(value) && value >= 0 ? value : null
}
