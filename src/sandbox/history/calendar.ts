import type { Random } from './random.ts'

const DAY_MS = 86_400_000
const FIRST_HOUR = 8
const WORKING_MINUTES = 10 * 60
const DAYS = 730

/**
 * Times of `count` acts in order, spread over the two years before `until`, on weekdays between 8 and 18 o'clock UTC,
 * the last one just before `until`.
 */
export function workingTimes(random: Random, count: number, until: Date): Date[] {
  const days = workdays(until)
  const perDay = new Map<number, number[]>()
  for (let index = 0; index < count; index++) {
    const day = Math.min(days.length - 1, Math.floor(((index + random.next()) / count) * days.length))
    perDay.set(day, [...(perDay.get(day) ?? []), random.between(0, WORKING_MINUTES * 60 - 1)])
  }
  const times = [...perDay].flatMap(([day, seconds]) =>
    seconds.map((second) => (days[day] ?? 0) + FIRST_HOUR * 3_600_000 + second * 1000),
  )
  return times.toSorted((a, b) => a - b).map((time) => new Date(Math.min(time, until.getTime() - 60_000)))
}

/** Midnights of the weekdays, oldest first, the day of `until` included. */
function workdays(until: Date): number[] {
  const last = until.getTime() - (until.getTime() % DAY_MS)
  const days: number[] = []
  for (let ago = DAYS; ago >= 0; ago--) {
    const midnight = last - ago * DAY_MS
    const weekday = new Date(midnight).getUTCDay()
    if (weekday !== 0 && weekday !== 6) days.push(midnight)
  }
  return days
}
