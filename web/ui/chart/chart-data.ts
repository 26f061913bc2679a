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
  /** Said in place of a drawing without anything in it. */
  readonly empty: string
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

/** Points of a line with a gap on both sides: no line leads to them, so they are drawn as dots. */
export function findLonePoints(values: readonly (number | null | undefined)[]): number[] {
  const isKnown = (index: number) => values[index] !== null && values[index] !== undefined
  return values.flatMap((_, index) => (isKnown(index) && !isKnown(index - 1) && !isKnown(index + 1) ? [index] : []))
}

/** What a chart says at one of its times, such as `10:00: Done 3, Failed 0`. */
export function describePoint({ times, series, format, formatTime }: PointProps, index: number): string {
  const told = series.map(({ label, values }) => `${label} ${tellValue(values[index], format)}`)
  return `${formatTime(times[index] ?? '')}: ${told.join(', ')}`
}

type PointProps = Pick<ChartProps, 'times' | 'series' | 'format' | 'formatTime'>

/** A value with its unit; a dash: nothing was measured. */
export function tellValue(value: number | null | undefined, format: (value: number) => string): string {
  return value === null || value === undefined ? '–' : format(value)
}

/** The point that a key leads to; null: the key says nothing here. */
export function movePoint(key: string, point: number | null, count: number): number | null {
  const last = count - 1
  switch (key) {
    case 'ArrowLeft':
    case 'ArrowDown':
      return Math.max(0, (point ?? count) - 1)
    case 'ArrowRight':
    case 'ArrowUp':
      return Math.min(last, (point ?? last - 1) + 1)
    case 'Home':
      return 0
    case 'End':
      return last
    default:
      return null
  }
}

const DAY_SECONDS = 86_400
const clock = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit' })
const day = new Intl.DateTimeFormat(undefined, { day: 'numeric', month: 'short' })
const month = new Intl.DateTimeFormat(undefined, { month: 'short' })
const year = new Intl.DateTimeFormat(undefined, { year: 'numeric' })

/** Labels of an axis of times in seconds, as the reader writes them; below them the day or the year where it begins. */
export function toTimeLabels(seconds: readonly number[]): string[] {
  const [first = 0, second = first] = seconds
  const stepSeconds = second - first
  const [fine, coarse] = stepSeconds < DAY_SECONDS ? [clock, day] : stepSeconds < 28 * DAY_SECONDS ? [day, year] : [month, year]
  let before = ''
  return seconds.map((time) => {
    const at = new Date(time * 1_000)
    const beginning = coarse.format(at)
    const label = beginning === before ? fine.format(at) : `${fine.format(at)}\n${beginning}`
    before = beginning
    return label
  })
}
