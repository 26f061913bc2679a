import type { Clock } from '../lib/clock.ts'

/**
 * Counts what may come a thousand times a second, so that one line in a while tells of all of them.
 *
 * @param everyMs at least this long lies between two lines
 * @returns to be called for each: how many there were since the last line when it is time for one, the first at once; else 0
 */
export function createFloodCounter(clock: Clock, everyMs: number): () => number {
  let toldAtMs = Number.NEGATIVE_INFINITY
  let count = 0
  return () => {
    count += 1
    if (clock.monotonicMs() - toldAtMs < everyMs) return 0
    toldAtMs = clock.monotonicMs()
    const told = count
    count = 0
    return told
  }
}
