/** Of measured times, in the unit they came in. */
export interface Percentiles {
  readonly p50: number
  readonly p95: number
  readonly max: number
  readonly samples: number
}

/** By nearest rank; null: there are no samples. */
export function toPercentiles(samples: readonly number[]): Percentiles | null {
  if (samples.length === 0) return null
  const sorted = samples.toSorted((a, b) => a - b)
  const at = (share: number) => sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? 0
  return { p50: at(0.5), p95: at(0.95), max: at(1), samples: sorted.length }
}
