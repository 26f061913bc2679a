import { useEffect, useRef } from 'react'
import uPlot from 'uplot'
import 'uplot/dist/uPlot.min.css'
import { toColumns, type ChartProps, type ChartSeries, type ChartTone } from './chart-data.ts'
import styles from './chart.module.css'

const HEIGHT = 180

export interface ChartCanvasProps extends ChartProps {
  /** The point under the pointer; null: none is. */
  readonly onPoint: (index: number | null) => void
}

/** Draws anew when the data, the width or the colours change: all of it is done in a few milliseconds. */
export function ChartCanvas(props: ChartCanvasProps) {
  const place = useRef<HTMLDivElement>(null)
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
    }
  }, [content])
  return <div ref={place} className={styles['space']} />
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
    legend: { show: false },
    cursor: { y: false, drag: { x: false, y: false }, points: { show: kind === 'lines' } },
    scales: { x: { range: toTimeRange(kind) }, y: { range: (_plot, _min, max) => [0, Math.max(max, 1) * 1.05] } },
    axes: [axis, { ...axis, size: 64, values: (_plot, values) => values.map((value) => format(value)) }],
    series: [{}, ...drawn.map((one, index) => toSeries(one, kind, { colour, dashed: index > 0 }))],
    hooks: { setCursor: [({ cursor }) => onPoint(cursor.idx ?? null)] },
  }
}

/** Half a bar more on both sides: bars stand in the middle of their time. */
function toTimeRange(kind: ChartProps['kind']): uPlot.Range.Function {
  return ({ data }, min, max) => {
    const half = kind === 'bars' ? (max - min) / Math.max(1, (data[0].length - 1) * 2) : 0
    return [min - half, max + half]
  }
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
  { label, tone }: ChartSeries,
  kind: ChartProps['kind'],
  { colour, dashed }: { readonly colour: (name: string) => string; readonly dashed: boolean },
): uPlot.Series {
  const stroke = colour(COLOURS[tone])
  if (kind === 'lines') return { label, stroke, width: 2, ...(dashed ? { dash: [6, 4] } : {}), spanGaps: false }
  const { bars } = uPlot.paths
  return { label, stroke, fill: stroke, width: 0, points: { show: false }, ...(bars ? { paths: bars({ size: [0.7, 28] }) } : {}) }
}
