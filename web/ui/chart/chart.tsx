import { lazy, Suspense, useState } from 'react'
import { describeSeries, type ChartProps } from './chart-data.ts'
import { ChartTable } from './chart-table.tsx'
import styles from './chart.module.css'

/** uPlot is loaded by the pages that draw, when they draw. */
const ChartCanvas = lazy(async () => ({ default: (await import('./chart-canvas.tsx')).ChartCanvas }))

/** Numbers over time: drawn, and as a table for those who read or copy them. */
export function Chart(props: ChartProps) {
  const { title, times, series, format, formatTime } = props
  const [pointed, setPointed] = useState<number | null>(null)
  const at = pointed === null ? undefined : times[pointed]
  return (
    <figure className={styles['figure']}>
      <figcaption className={styles['title']}>{title}</figcaption>
      <ul className={styles['legend']}>
        {series.map((one) => (
          <li key={one.label}>
            <span className={styles['swatch']} data-tone={one.tone} />
            {one.label}
            {pointed === null ? null : <b>{tell(one.values[pointed] ?? null, format)}</b>}
          </li>
        ))}
        {at === undefined ? null : <li className={styles['at']}>{formatTime(at)}</li>}
      </ul>
      <div role="img" aria-label={`${title}: ${series.map((one) => describeSeries(one, format)).join('; ')}`}>
        <Suspense fallback={<div className={styles['space']} />}>
          <ChartCanvas {...props} onPoint={setPointed} />
        </Suspense>
      </div>
      <details className={styles['details']}>
        <summary>Show as a table</summary>
        <ChartTable {...props} />
      </details>
    </figure>
  )
}

function tell(value: number | null, format: (value: number) => string): string {
  return value === null ? ' –' : ` ${format(value)}`
}
