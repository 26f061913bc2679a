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
  readonly resetMs: number
  remaining: number
}

/** Below this share of the limit requests slow down, so that people and other tools keep some of it. */
const SLOW_SHARE = 0.1
/** What time servers correct is no set-back. */
const SLACK_MS = 60_000

/** Creates a budget that lets everything pass until the server tells otherwise. */
export function createRateBudget({ clock, host, maxWaitMs = 5_000 }: RateBudgetOptions): RateBudget {
  let window: Window | null = null
  let closedUntilMs = 0
  let learntAtMs = 0

  /** The time; a clock that was set back shows one before the last answer, and what that told is of no use any more. */
  const readNowMs = (): number => {
    const nowMs = clock.now().getTime()
    if (nowMs < learntAtMs - SLACK_MS) {
      window = null
      closedUntilMs = 0
    }
    return nowMs
  }

  const findWaitMs = (): number => {
    const nowMs = readNowMs()
    if (window !== null && window.resetMs <= nowMs) window = null
    const closedMs = Math.max(0, closedUntilMs - nowMs)
    if (window === null) return closedMs
    const leftMs = window.resetMs - nowMs
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
      const nowMs = readNowMs()
      if (window === null || window.resetMs <= nowMs) return null
      return { limit: window.limit, remaining: Math.max(0, window.remaining), resetsAt: new Date(window.resetMs) }
    },
    learn(status, headers) {
      const now = new Date(readNowMs())
      learntAtMs = now.getTime()
      const resetMs = toNumber(headers['ratelimit-reset']) * 1000
      const limit = toNumber(headers['ratelimit-limit'])
      const remaining = toNumber(headers['ratelimit-remaining'])
      if (!Number.isNaN(resetMs + limit + remaining) && resetMs > now.getTime()) {
        // Answers overtake each other: within one window only the lowest number counts.
        const lowest = window?.resetMs === resetMs ? Math.min(window.remaining, remaining) : remaining
        window = { limit, remaining: lowest, resetMs }
      }
      if (status === 429) closedUntilMs = Math.max(closedUntilMs, findReturnMs(headers, now))
    },
    left() {
      const nowMs = readNowMs()
      if (closedUntilMs > nowMs) return 0
      if (window === null || window.resetMs <= nowMs || window.limit <= 0) return null
      return Math.max(0, window.remaining) / window.limit
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
