import type { Clock } from '../../lib/clock.ts'

export interface RateLimitSettings {
  /** Tokens a full bucket holds. */
  readonly limit: number
  /** Tokens added at the end of every interval. */
  readonly fillRate: number
  readonly intervalSeconds: number
  /** User names without a limit. */
  readonly exempt?: readonly string[]
}

/** Jira Data Center's token bucket: one per user, refilled in steps, told in headers on every answer. */
export function createRateLimit(clock: Clock) {
  let settings: RateLimitSettings | null = null
  const buckets = new Map<string, { tokens: number; filledAtMs: number }>()

  return {
    set(next: RateLimitSettings | null) {
      settings = next
      buckets.clear()
    },
    /** Takes a token; null when there is no limit for this user. */
    take(userName: string): { allowed: boolean; headers: Record<string, string> } | null {
      if (settings === null || settings.exempt?.includes(userName) === true) return null
      const { limit, fillRate, intervalSeconds } = settings
      const now = clock.monotonicMs()
      const bucket = buckets.get(userName) ?? { tokens: limit, filledAtMs: now }
      buckets.set(userName, bucket)
      const intervals = Math.floor((now - bucket.filledAtMs) / (intervalSeconds * 1000))
      bucket.tokens = Math.min(limit, bucket.tokens + intervals * fillRate)
      bucket.filledAtMs += intervals * intervalSeconds * 1000
      const allowed = bucket.tokens >= 1
      if (allowed) bucket.tokens -= 1
      const untilNext = Math.max(1, Math.ceil((bucket.filledAtMs + intervalSeconds * 1000 - now) / 1000))
      const headers = {
        'X-RateLimit-Limit': String(limit),
        'X-RateLimit-Remaining': String(bucket.tokens),
        'X-RateLimit-Interval-Seconds': String(intervalSeconds),
        'X-RateLimit-FillRate': String(fillRate),
        'Retry-After': bucket.tokens >= 1 ? '0' : String(untilNext),
      }
      return { allowed, headers }
    },
  }
}
