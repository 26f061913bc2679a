import type { Clock } from './clock.ts'

/** A steady pace with a burst, for limits that a server does not tell in its headers. */
export interface TokenBucket {
  /** Takes one token; returns the ms to wait before using it (0: at once). */
  take(): number
}

/**
 * Creates a bucket that never lets more than `perMinute` pass in any minute: half of it may come at once, the rest
 * flows in over the minute.
 */
export function createTokenBucket({ perMinute, clock }: { readonly perMinute: number; readonly clock: Clock }): TokenBucket {
  const capacity = Math.max(1, perMinute / 2)
  const perMs = perMinute / 2 / 60_000
  let tokens = capacity
  let lastMs = clock.monotonicMs()
  return {
    take() {
      const nowMs = clock.monotonicMs()
      tokens = Math.min(capacity, tokens + (nowMs - lastMs) * perMs) - 1
      lastMs = nowMs
      return tokens >= 0 ? 0 : Math.ceil(-tokens / perMs)
    },
  }
}
