const UNITS = { d: 86_400_000, h: 3_600_000, m: 60_000, s: 1_000 } as const
const DURATION = /^(0|[1-9][0-9]{0,8})([smhd])$/

/**
 * Reads `90s`, `60m`, `12h`, `14d`.
 *
 * @returns Milliseconds; null when the text is no duration. Not limited: Node's timers take 24.8 days at most.
 */
export function parseDuration(text: string): number | null {
  const match = DURATION.exec(text)
  if (match === null) return null
  const unit = match[2] as keyof typeof UNITS
  return Number(match[1]) * UNITS[unit]
}

/** Writes milliseconds in the largest unit that divides them, such as `90s`; parts of a second are rounded. */
export function formatDuration(ms: number): string {
  const seconds = Math.round(ms / 1_000) * 1_000
  for (const [unit, unitMs] of Object.entries(UNITS)) {
    if (seconds >= unitMs && seconds % unitMs === 0) return `${seconds / unitMs}${unit}`
  }
  return '0s'
}
