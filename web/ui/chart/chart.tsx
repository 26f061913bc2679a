import { lazy, Suspense, useState, type KeyboardEvent } from 'react'
import { describePoint, describeSeries, isEmptyChart, movePoint, tellValue, type ChartProps } from './chart-data.ts'
import { ChartTable } from './chart-table.tsx'
import styles from './chart.module.css'

/** uPlot is loaded by the pages that draw, when they draw. */
const ChartCanvas = lazy(async () => ({ default: (await import('./chart-canvas.tsx')).ChartCanvas }))

/** Numbers over time: drawn, and as a table for those who read or copy them. */
export function Chart(props: ChartProps) {
  const { title, series, empty } = props
  return (
    <figure className={styles['figure']}>
      <figcaption className={styles['title']}>{title}</figcaption>
      {isEmptyChart(series) ? <p className={styles['empty']}>{empty}</p> : <Drawing {...props} />}
    </figure>
  )
}

/** The pointer and the arrow keys go through its points; what it says there stands above it, in a place that is kept free. */
function Drawing(props: ChartProps) {
  const { title, times, series, format } = props
  const [wanted, setPoint] = useState<number | null>(null)
  const point = wanted === null || wanted >= times.length ? null : wanted
  const move = (event: KeyboardEvent) => {
    if (event.key === 'Escape') setPoint(null)
    const next = movePoint(event.key, point, times.length)
    if (next === null) return
    event.preventDefault()
    setPoint(next)
  }
  return (
    <>
      <ul className={styles['legend']}>
        {series.map(({ label, tone }) => (
          <li key={label}>
            <span className={styles['swatch']} data-tone={tone} />
            {label}
          </li>
        ))}
      </ul>
      <Readout {...props} point={point} />
      <div
        role="slider"
        tabIndex={0}
        className={styles['drawing']}
        aria-label={`${title}: ${series.map((one) => describeSeries(one, format)).join('; ')}`}
        aria-valuemin={0}
        aria-valuemax={times.length - 1}
        aria-valuenow={point ?? times.length - 1}
        aria-valuetext={describePoint(props, point ?? times.length - 1)}
        onKeyDown={move}
        onBlur={() => setPoint(null)}
      >
        <Suspense fallback={<div className={styles['space']} />}>
          <ChartCanvas {...props} point={point} onPoint={setPoint} />
        </Suspense>
      </div>
      <details className={styles['details']}>
        <summary>Show as a table</summary>
        <ChartTable {...props} />
      </details>
    </>
  )
}

/** For eyes alone: the drawing says it to those who listen. */
function Readout({ times, series, format, formatTime, point }: ChartProps & { readonly point: number | null }) {
  return (
    <div className={styles['readout']} aria-hidden="true">
      {point === null ? null : (
        <>
          <b>{formatTime(times[point] ?? '')}</b>
          {series.map(({ label, values }) => (
            <span key={label}>
              {label} <b>{tellValue(values[point], format)}</b>
            </span>
          ))}
        </>
      )}
    </div>
  )
}
