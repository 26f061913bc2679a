import { useEffect, useRef } from 'react'
import uPlot from 'uplot'
import 'uplot/dist/uPlot.min.css'
import { findLonePoints, toColumns, toTimeLabels, type ChartProps, type ChartSeries, type ChartTone } from './chart-data.ts'
import styles from './chart.module.css'

const HEIGHT = 180
/** Steps of an axis of counts: there are no halves of them. */
const COUNT_STEPS = [1, 10, 100, 1_000, 10_000, 100_000, 1_000_000].flatMap((step) => [step, 2 * step, 5 * step])

export interface ChartCanvasProps extends ChartProps {
  /** Where the line stands; null: nowhere. */
  readonly point: number | null
  /** The point under the pointer; null: none is. */
  readonly onPoint: (index: number | null) => void
}

/** Draws anew when the data, the width or the colours change: all of it is done in a few milliseconds. */
export function ChartCanvas(props: ChartCanvasProps) {
  const place = useRef<HTMLDivElement>(null)
  const drawn = useRef<uPlot | null>(null)
  const latest = useRef(props)
  useEffect(() => {
    latest.current = props
  })
  const content = JSON.stringify([props.times, props.series, props.kind])
  useEffect(() => {
    const element = place.current
    if (element === null) return undefined
    let plot: uPlot | null = null
    const draw = () => {
      plot?.destroy()
      plot = new uPlot(toOptions(latest.current, element), toColumns(latest.current) as uPlot.AlignedData, element)
      drawn.current = plot
      pointAt(plot, latest.current)
    }
    const resized = new ResizeObserver(() => plot?.setSize({ width: element.clientWidth, height: HEIGHT }))
    const recoloured = new MutationObserver(draw)
    draw()
    resized.observe(element)
    recoloured.observe(document.documentElement, { attributes: true, attributeFilter: ['data-color-mode'] })
    return () => {
      resized.disconnect()
      recoloured.disconnect()
      plot?.destroy()
      drawn.current = null
    }
  }, [content])
  const { point } = props
  useEffect(() => {
    if (drawn.current !== null) pointAt(drawn.current, latest.current)
  }, [point])
  return <div ref={place} className={styles['space']} />
}

/** Moves the line to where the keys led; the pointer has moved it already. */
function pointAt(plot: uPlot, { point, times }: ChartCanvasProps): void {
  if ((plot.cursor.idx ?? null) === point) return
  const time = point === null ? undefined : times[point]
  const left = time === undefined ? -10 : plot.valToPos(Date.parse(time) / 1_000, 'x')
  plot.setCursor({ left, top: time === undefined ? -10 : 0 })
}

function toOptions({ series, kind, format, onPoint }: ChartCanvasProps, element: HTMLElement): uPlot.Options {
  const theme = getComputedStyle(document.documentElement)
  const colour = (name: string) => theme.getPropertyValue(name).trim()
  const axis = {
    stroke: colour('--ds-text-subtle'),
    font: '12px system-ui, sans-serif',
    grid: { stroke: colour('--ds-border'), width: 1 },
    ticks: { stroke: colour('--ds-border'), width: 1, size: 4 },
  }
  const drawn = kind === 'bars' ? series.toReversed() : series
  return {
    width: element.clientWidth,
    height: HEIGHT,
    padding: [8, null, null, null],
    legend: { show: false },
    cursor: { y: false, drag: { x: false, y: false }, points: { show: kind === 'lines' } },
    scales: { x: { range: toTimeRange }, y: { range: (_plot, _min, max) => [0, Math.max(max, 1) * 1.05] } },
    axes: [
      { ...axis, space: 80, values: (_plot, seconds) => toTimeLabels(seconds) },
      {
        ...axis,
        size: 64,
        space: 24,
        ...(kind === 'bars' ? { incrs: COUNT_STEPS } : {}),
        values: (_plot, values) => values.map((value) => format(value)),
      },
    ],
    series: [{}, ...drawn.map((one, index) => toSeries(one, kind, { colour, dashed: index > 0 }))],
    hooks: { setCursor: [({ cursor }) => onPoint(cursor.idx ?? null)] },
  }
}

/** Half a step more on both sides: bars and dots stand in the middle of their time. */
function toTimeRange({ data }: uPlot, min: number, max: number): uPlot.Range.MinMax {
  const half = (max - min) / Math.max(1, (data[0].length - 1) * 2)
  return [min - half, max + half]
}

const COLOURS: Readonly<Record<ChartTone, string>> = {
  brand: '--ds-chart-brand',
  success: '--ds-chart-success',
  neutral: '--ds-chart-neutral',
  warning: '--ds-chart-warning',
  danger: '--ds-chart-danger',
  discovery: '--ds-chart-discovery',
}

function toSeries(
  { label, tone, values }: ChartSeries,
  kind: ChartProps['kind'],
  { colour, dashed }: { readonly colour: (name: string) => string; readonly dashed: boolean },
): uPlot.Series {
  const stroke = colour(COLOURS[tone])
  if (kind === 'lines') {
    const points = { show: false, size: 6, fill: stroke, filter: () => findLonePoints(values) }
    return { label, stroke, width: 2, points, ...(dashed ? { dash: [6, 4] } : {}), spanGaps: false }
  }
  const { bars } = uPlot.paths
  return { label, stroke, fill: stroke, width: 0, points: { show: false }, ...(bars ? { paths: bars({ size: [0.7, 28] }) } : {}) }
}
