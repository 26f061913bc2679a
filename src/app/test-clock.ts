import { systemClock, type Clock } from '../lib/clock.ts'

/** Runs like the real clock and can be moved forward, which wakes whoever sleeps. */
export interface TestClock extends Clock {
  advance(ms: number): void
  /** Sets the wall clock back, as an administrator does; timers go on. */
  setBack(ms: number): void
}

export const MINUTE_MS = 60_000
export const HOUR_MS = 60 * MINUTE_MS
export const DAY_MS = 24 * HOUR_MS

export function createTestClock(): TestClock {
  let offsetMs = 0
  let setBackMs = 0
  const sleepers = new Set<{ until: number; wake: AbortController }>()
  const monotonicMs = () => systemClock.monotonicMs() + offsetMs
  return {
    now: () => new Date(systemClock.now().getTime() + offsetMs - setBackMs),
    monotonicMs,
    async sleep(ms, signal) {
      const sleeper = { until: monotonicMs() + ms, wake: new AbortController() }
      sleepers.add(sleeper)
      const either = signal === undefined ? sleeper.wake.signal : AbortSignal.any([signal, sleeper.wake.signal])
      try {
        await systemClock.sleep(ms, either)
      } catch (error) {
        if (!sleeper.wake.signal.aborted || signal?.aborted === true) throw error
      } finally {
        sleepers.delete(sleeper)
      }
    },
    setBack(ms) {
      setBackMs += ms
    },
    advance(ms) {
      offsetMs += ms
      for (const { until, wake } of sleepers) if (until <= monotonicMs()) wake.abort(new Error('the clock was moved'))
    },
  }
}
