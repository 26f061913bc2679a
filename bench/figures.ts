/** One measured number beside what is asked of it. */
export interface Figure {
  readonly benchmark: string
  readonly name: string
  readonly unit: string
  readonly reached: number | null
  /** null: nothing is asked, it is told for comparison. */
  readonly asked: Limit | null
  /** null: nothing is asked or nothing could be measured. */
  readonly ok: boolean | null
}

export interface Limit {
  readonly is: 'at most' | 'at least'
  readonly value: number
}

export const atMost = (value: number): Limit => ({ is: 'at most', value })
export const atLeast = (value: number): Limit => ({ is: 'at least', value })

/** Takes figures as they come and shows each in a line for people. */
export interface Report {
  readonly figures: readonly Figure[]
  add(figure: { benchmark: string; name: string; unit: string; reached: number | null; asked?: Limit }): void
  note(text: string): void
}

export function createReport(write: (line: string) => void): Report {
  const figures: Figure[] = []
  return {
    figures,
    add({
      asked = null,
      ...figure
    }: {
      benchmark: string
      name: string
      unit: string
      reached: number | null
      asked?: Limit | null
    }) {
      const reached = figure.reached === null ? null : round(figure.reached)
      const ok = asked === null || reached === null ? null : isWithin(reached, asked)
      figures.push({ ...figure, reached, asked, ok })
      const wish =
        asked === null ? '' : `   asked: ${asked.is} ${asked.value}   ${ok === null ? 'not measured' : ok ? 'ok' : 'MISSED'}`
      write(`  ${figure.name.padEnd(52)} ${String(reached ?? '–').padStart(10)} ${figure.unit}${wish}`)
    },
    note: (text) => write(`  ${text}`),
  }
}

/** The middle one; of an even number the mean of the two in the middle. Null for none. */
export function median(values: readonly number[]): number | null {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.length / 2
  const upper = sorted[Math.floor(middle)]
  const lower = sorted[Math.ceil(middle) - 1]
  return upper === undefined || lower === undefined ? null : (upper + lower) / 2
}

/** The highest; null when one could not be measured. */
export function highest(values: readonly (number | null)[]): number | null {
  let top = 0
  for (const value of values) {
    if (value === null) return null
    top = Math.max(top, value)
  }
  return top
}

/** The value below which this share of 1 lies. */
export function percentile(values: readonly number[], share: number): number | null {
  return values.toSorted((a, b) => a - b)[Math.max(0, Math.ceil(values.length * share) - 1)] ?? null
}

const isWithin = (value: number, { is, value: limit }: Limit) => (is === 'at most' ? value <= limit : value >= limit)

function round(value: number): number {
  return Math.abs(value) >= 100 ? Math.round(value) : Number(value.toPrecision(3))
}
