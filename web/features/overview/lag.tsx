import type { OverviewJson } from '../../../src/contract/statistics.ts'
import { Chart } from '../../ui/chart/chart.tsx'
import { toClockTime, toDuration } from '../../ui/times.ts'

type Hours = OverviewJson['lag']

const formatSeconds = (seconds: number) => toDuration(seconds * 1_000)

/** From the arrival of a webhook until its change is stored, and until Jira has it. */
export function Lag({ lag }: { readonly lag: Hours }) {
  return (
    <>
      <LagChart title="From push to stored, 24 hours" lag={lag} which="stored" />
      <LagChart title="From push to Jira, 24 hours" lag={lag} which="delivered" />
    </>
  )
}

function LagChart({
  title,
  lag,
  which,
}: {
  readonly title: string
  readonly lag: Hours
  readonly which: 'stored' | 'delivered'
}) {
  return (
    <Chart
      title={title}
      kind="lines"
      times={lag.map(({ hour }) => hour)}
      format={formatSeconds}
      formatTime={toClockTime}
      timeLabel="Hour"
      empty="Nothing was measured in these 24 hours."
      series={[
        { label: 'Half of them within', tone: 'brand', values: lag.map((hour) => hour[which]?.p50 ?? null) },
        { label: '95 of 100 within', tone: 'discovery', values: lag.map((hour) => hour[which]?.p95 ?? null) },
      ]}
    />
  )
}
