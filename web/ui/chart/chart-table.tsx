import { ScrollBox } from '../scroll-box.tsx'
import tableStyles from '../table.module.css'
import { tellValue, type ChartProps } from './chart-data.ts'
import styles from './chart.module.css'

/** The newest first: that is what people look for. */
export function ChartTable({ title, times, series, format, formatTime, timeLabel }: ChartProps) {
  const rows = times.map((time, index) => ({ time, index })).toReversed()
  return (
    <ScrollBox label={`Table of: ${title}`} className={styles['scroll']}>
      <table className={tableStyles['table']}>
        <thead>
          <tr>
            <th scope="col">{timeLabel}</th>
            {series.map(({ label }) => (
              <th key={label} scope="col" className={tableStyles['number']}>
                {label}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map(({ time, index }) => (
            <tr key={time}>
              <td className={tableStyles['whole']}>{formatTime(time)}</td>
              {series.map(({ label, values }) => (
                <td key={label} className={tableStyles['number']}>
                  {tellValue(values[index], format)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </ScrollBox>
  )
}
