import type { Clock } from '../../lib/clock.ts'
import type { Answer } from './answer.ts'

export interface RateLimit {
  readonly requests: number
  readonly periodSeconds: number
  /** `RateLimit-Name`. */
  readonly name?: string
  /** Off: a limit of the application, which GitLab does not announce in headers. */
  readonly announced?: boolean
  /** Only paths that match count; default: all of the API. */
  readonly path?: RegExp
}

export interface RateLimiter {
  /** null removes the limit. */
  set(limit: RateLimit | null): void
  /** Counts a request; `refused` is the answer when it was one too many. */
  count(path: string): { readonly headers: Record<string, string>; readonly refused: Answer | null }
}

/** One fixed window for everybody, as GitLab's throttles count. */
export function createRateLimiter(clock: Clock): RateLimiter {
  let limit: RateLimit | null = null
  let windowStart = 0
  let observed = 0
  return {
    set(next) {
      limit = next
      windowStart = 0
      observed = 0
    },
    count(path) {
      if (limit === null || limit.path?.test(path) === false) return { headers: {}, refused: null }
      const nowSeconds = Math.floor(clock.now().getTime() / 1000)
      const start = nowSeconds - (nowSeconds % limit.periodSeconds)
      if (start !== windowStart) {
        windowStart = start
        observed = 0
      }
      observed++
      const reset = start + limit.periodSeconds
      const headers = limit.announced === false ? {} : announcement(limit, observed, reset)
      return { headers, refused: observed > limit.requests ? refusal(limit, headers, reset, nowSeconds) : null }
    },
  }
}

function announcement(limit: RateLimit, observed: number, reset: number): Record<string, string> {
  return {
    'RateLimit-Limit': String(limit.requests),
    'RateLimit-Name': limit.name ?? 'throttle_authenticated_api',
    'RateLimit-Observed': String(observed),
    'RateLimit-Remaining': String(Math.max(0, limit.requests - observed)),
    'RateLimit-Reset': String(reset),
  }
}

function refusal(limit: RateLimit, headers: Record<string, string>, reset: number, nowSeconds: number): Answer {
  const resetTime: Record<string, string> =
    limit.announced === false ? {} : { 'RateLimit-ResetTime': new Date(reset * 1000).toUTCString() }
  return {
    status: 429,
    headers: { ...headers, ...resetTime, 'Retry-After': String(reset - nowSeconds), 'Content-Type': 'text/plain' },
    text: 'Retry later\n',
  }
}
