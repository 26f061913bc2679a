const UNITS = [
  ['year', 31_536_000],
  ['month', 2_592_000],
  ['week', 604_800],
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
] as const

const relative = new Intl.RelativeTimeFormat('en', { numeric: 'auto' })
const absolute = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'short' })
const clock = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit' })

/** `3 minutes ago`, `in 2 hours`. */
export function toRelativeTime(time: string, nowMs: number): string {
  const seconds = (Date.parse(time) - nowMs) / 1_000
  for (const [unit, size] of UNITS) {
    if (Math.abs(seconds) >= size) return relative.format(Math.trunc(seconds / size), unit)
  }
  // What has just ended is up to ten seconds later than a time that is renewed every ten, and by what the clocks differ.
  return seconds > 15 ? 'in a few seconds' : 'just now'
}

/** In the reader's own time zone. */
export function toAbsoluteTime(time: string): string {
  return absolute.format(new Date(time))
}

/** `10:42`. */
export function toClockTime(time: string): string {
  return clock.format(new Date(time))
}

/** `1.2 s`, `4 min`, `2 h`, `2 h 5 min`. */
export function toDuration(ms: number): string {
  if (ms < 1_000) return `${Math.round(ms)} ms`
  if (ms < 60_000) return `${(ms / 1_000).toFixed(1)} s`
  const minutes = Math.round(ms / 60_000)
  if (minutes < 60) return `${minutes} min`
  const hours = `${Math.floor(minutes / 60).toLocaleString('en')} h`
  return minutes % 60 === 0 ? hours : `${hours} ${minutes % 60} min`
}
