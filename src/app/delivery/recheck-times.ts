import { backOffMs } from '../../lib/back-off.ts'

/** Unknown and refused issues are looked at again after this time, then after twice as long each time. */
export const FIRST_CHECK_MS = 5 * 60_000
export const LONGEST_CHECK_MS = 24 * 60 * 60_000

/** When an issue that was refused, or not found, `attempts` times before is looked at again, in ms since 1970. */
export function checkAt(now: number, attempts: number): number {
  return now + backOffMs(attempts, { baseMs: FIRST_CHECK_MS, maxMs: LONGEST_CHECK_MS, random: () => 1 })
}
