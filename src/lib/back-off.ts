/** Waiting before try `attempt` (0 = first repetition): between half and all of `baseMs · 2^attempt`, at most `maxMs`. */
export interface BackOff {
  readonly baseMs: number
  readonly maxMs: number
  /** Uniform in [0, 1). */
  readonly random: () => number
}

/** Milliseconds to wait; the spread keeps many nodes from returning at the same instant. */
export function backOffMs(attempt: number, { baseMs, maxMs, random }: BackOff): number {
  const full = Math.min(maxMs, baseMs * 2 ** attempt)
  return Math.round(full / 2 + (full / 2) * random())
}

/** Reads `Retry-After` (RFC 9110 §10.2.3: seconds or an HTTP date) as milliseconds from now; null when absent or unreadable. */
export function parseRetryAfter(value: string | undefined, now: Date): number | null {
  const text = value?.trim() ?? ''
  if (/^\d{1,9}$/.test(text)) return Number(text) * 1000
  if (!/[a-z]/i.test(text)) return null
  const at = Date.parse(text)
  return Number.isNaN(at) ? null : Math.max(0, at - now.getTime())
}
