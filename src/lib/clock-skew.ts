import type { Clock } from './clock.ts'

/** How far this machine's clock is from a server's, learnt from the `Date` of its answers. */
export interface ClockSkew {
  learn(headers: Readonly<Record<string, string>>): void
  /** ms by which this machine's clock is ahead (negative: behind); null: the server told no time yet. */
  estimateMs(): number | null
}

/** Odd, so that there is a middle one; one slow or cached answer moves nothing. */
const SAMPLES = 9
/** `Date` has whole seconds: on average it is half a second behind. */
const HALF_SECOND_MS = 500

/**
 * The median of the last answers. Each sample is the server's time against the monotonic clock, so a step of this
 * machine's clock between two answers counts at once and in full.
 */
export function createClockSkew(clock: Clock): ClockSkew {
  const offsets: number[] = []
  return {
    learn(headers) {
      // With an age it comes from a cache, and so does its date.
      const theirs = headers['age'] === undefined ? Date.parse(headers['date'] ?? '') : Number.NaN
      if (Number.isNaN(theirs)) return
      offsets.push(theirs + HALF_SECOND_MS - clock.monotonicMs())
      if (offsets.length > SAMPLES) offsets.shift()
    },
    estimateMs() {
      const middle = offsets.toSorted((a, b) => a - b)[Math.floor(offsets.length / 2)]
      return middle === undefined ? null : Math.round(clock.now().getTime() - clock.monotonicMs() - middle)
    },
  }
}
