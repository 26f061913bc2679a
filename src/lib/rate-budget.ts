import { parseRetryAfter } from './back-off.ts'
import type { Clock } from './clock.ts'
import { ConnectorError } from './connector-error.ts'

/**
 * What one user may still ask of one server, learnt from the server's own headers. States: *unknown* (no header seen:
 * nothing is held back); *open* (requests pass; below a tenth of the limit they are spread over the time left);
 * *closed until T* (nothing left, or a 429 named T). T passing leads back to unknown.
 */
export interface RateBudget {
  /** Resolves when a request may go out; throws `rate-limited` with `retryAt` when that is not soon. */
  admit(signal: AbortSignal): Promise<void>
  /** Takes the headers of an answer: `RateLimit-Limit`, `-Remaining`, `-Reset` (unix seconds), `Retry-After` on 429. */
  learn(status: number, headers: Readonly<Record<string, string>>): void
  /** What the server told last of the time that is not over; null: nothing. */
  window(): RateWindow | null
  /** The part of the limit that is left, 0 to 1; null: the server told none. */
  left(): number | null
}

/** Requests that a server allows until a time. */
export interface RateWindow {
  readonly limit: number
  readonly remaining: number
  readonly resetsAt: Date
}

export interface RateBudgetOptions {
  readonly clock: Clock
  /** Whom the budget is for, in texts: a host's name. */
  readonly host: string
  /** Longest wait in ms that keeps a worker busy; default 5,000. */
  readonly maxWaitMs?: number
}

interface Window {
  readonly limit: number
  /** As the server named it, which tells one window from the next. */
  readonly resetMs: number
  /** The same by the clock that nobody sets back. */
  readonly endsAtMs: number
  remaining: number
}

/** Below this share of the limit requests slow down, so that people and other tools keep some of it. */
const SLOW_SHARE = 0.1

/** Creates a budget that lets everything pass until the server tells otherwise. */
export function createRateBudget({ clock, host, maxWaitMs = 5_000 }: RateBudgetOptions): RateBudget {
  let window: Window | null = null
  /** By the clock that nobody sets back. */
  let closedUntilMs = 0

  const findWindow = (): Window | null => (window !== null && window.endsAtMs > clock.monotonicMs() ? window : null)

  const findWaitMs = (): number => {
    const nowMs = clock.monotonicMs()
    window = findWindow()
    const closedMs = Math.max(0, closedUntilMs - nowMs)
    if (window === null) return closedMs
    const leftMs = window.endsAtMs - nowMs
    if (window.remaining <= 0) return Math.max(closedMs, leftMs)
    const slow = window.remaining < window.limit * SLOW_SHARE
    return Math.max(closedMs, slow ? Math.min(maxWaitMs, leftMs / window.remaining) : 0)
  }

  return {
    async admit(signal) {
      const waitMs = findWaitMs()
      if (waitMs > maxWaitMs) throw toRateLimited(host, new Date(clock.now().getTime() + waitMs))
      if (window !== null) window.remaining -= 1
      if (waitMs > 0) await clock.sleep(waitMs, signal)
    },
    window() {
      const open = findWindow()
      if (open === null) return null
      return { limit: open.limit, remaining: Math.max(0, open.remaining), resetsAt: new Date(open.resetMs) }
    },
    learn(status, headers) {
      const now = clock.now()
      const resetMs = toNumber(headers['ratelimit-reset']) * 1000
      const limit = toNumber(headers['ratelimit-limit'])
      const remaining = toNumber(headers['ratelimit-remaining'])
      if (!Number.isNaN(resetMs + limit + remaining) && resetMs > now.getTime()) {
        // Answers overtake each other: within one window only the lowest number counts.
        const lowest = window?.resetMs === resetMs ? Math.min(window.remaining, remaining) : remaining
        window = { limit, remaining: lowest, resetMs, endsAtMs: clock.monotonicMs() + resetMs - now.getTime() }
      }
      if (status !== 429) return
      const closedMs = findReturnMs(headers, now) - now.getTime()
      closedUntilMs = Math.max(closedUntilMs, clock.monotonicMs() + closedMs)
    },
    left() {
      if (closedUntilMs > clock.monotonicMs()) return 0
      const open = findWindow()
      return open === null || open.limit <= 0 ? null : Math.max(0, open.remaining) / open.limit
    },
  }
}

/** The expected failure of a request that must wait until `retryAt`. */
export function toRateLimited(host: string, retryAt: Date): ConnectorError {
  return new ConnectorError('rate-limited', {
    userMessage: `${host} allows no more requests for now (until ${retryAt.toISOString()}).`,
    remedy: 'It goes on by itself. To speed it up, raise the rate limit of this user on the server.',
    retryable: true,
    retryAt,
  })
}

/** When a 429 says to come back, in ms of unix time: `Retry-After`, else `RateLimit-Reset`, else in a minute. */
export function findReturnMs(headers: Readonly<Record<string, string>>, now: Date): number {
  const retryAfterMs = parseRetryAfter(headers['retry-after'], now)
  if (retryAfterMs !== null) return now.getTime() + retryAfterMs
  const resetMs = toNumber(headers['ratelimit-reset']) * 1000
  return resetMs > now.getTime() ? resetMs : now.getTime() + 60_000
}

function toNumber(value: string | undefined): number {
  return value === undefined || value.trim() === '' ? Number.NaN : Number(value)
}
