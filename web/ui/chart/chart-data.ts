/** A colour of the theme by what it says. */
export type ChartTone = 'brand' | 'success' | 'neutral' | 'warning' | 'danger' | 'discovery'

export interface ChartSeries {
  readonly label: string
  readonly tone: ChartTone
  /** One for each time; null: nothing was measured. */
  readonly values: readonly (number | null)[]
}

export interface ChartData {
  /** Oldest first. */
  readonly times: readonly string[]
  readonly series: readonly ChartSeries[]
  /** Bars stand on each other in the order of the series; lines are drawn on their own. */
  readonly kind: 'bars' | 'lines'
}

export interface ChartProps extends ChartData {
  readonly title: string
  /** How a value is told: with its unit. */
  readonly format: (value: number) => string
  /** How the time of a point is told, and the heading of that column. */
  readonly formatTime: (time: string) => string
  readonly timeLabel: string
}

/**
 * Columns as uPlot takes them: times in seconds, then one column a series. Bars are sums from the bottom up, the highest
 * first, so that each is drawn before what stands below it.
 */
export function toColumns({ times, series, kind }: ChartData): (number | null)[][] {
  const seconds = times.map((time) => Date.parse(time) / 1_000)
  if (kind === 'lines') return [seconds, ...series.map(({ values }) => [...values])]
  const sums = times.map(() => 0)
  const stacked = series.map(({ values }) => values.map((value, index) => (sums[index] = (sums[index] ?? 0) + (value ?? 0))))
  return [seconds, ...stacked.toReversed()]
}

/** What a chart shows, in one sentence for those who cannot see it. */
export function describeSeries({ label, values }: ChartSeries, format: (value: number) => string): string {
  const known = values.filter((value) => value !== null)
  const last = known.at(-1)
  if (last === undefined) return `${label}: nothing measured`
  return `${label}: between ${format(Math.min(...known))} and ${format(Math.max(...known))}, last ${format(last)}`
}

/** Whether there is anything to draw. */
export function isEmptyChart(series: readonly ChartSeries[]): boolean {
  return series.every(({ values }) => values.every((value) => value === null || value === 0))
}
