import type { Clock } from '../lib/clock.ts'

/** Waits for a promise, but not longer than `ms`; true if it was fulfilled in time. It is not stopped. Rejects as it rejects. */
export async function within(clock: Clock, ms: number, promise: Promise<unknown>): Promise<boolean> {
  const done = new AbortController()
  const inTime = promise.then(() => true)
  const tooLate = clock.sleep(ms, done.signal).then(
    () => false,
    () => false, // It was in time.
  )
  try {
    return await Promise.race([inTime, tooLate])
  } finally {
    done.abort()
  }
}
