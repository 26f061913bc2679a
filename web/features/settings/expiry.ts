const DAY_MS = 86_400_000

export const EXPIRIES = [
  { value: '30', label: 'in 30 days' },
  { value: '90', label: 'in 90 days' },
  { value: '365', label: 'in a year' },
  { value: 'never', label: 'never' },
] as const

export type Expiry = (typeof EXPIRIES)[number]['value']

/** The moment, RFC 3339; null: never. */
export function toExpiry(expiry: Expiry, nowMs: number): string | null {
  return expiry === 'never' ? null : new Date(nowMs + Number(expiry) * DAY_MS).toISOString()
}
