import type { OverviewJson } from '../../../src/contract/statistics.ts'
import { Chart } from '../../ui/chart/chart.tsx'
import { toClockTime } from '../../ui/times.ts'

/** Webhooks by the hour and what became of them. */
export function Throughput({ webhooks }: { readonly webhooks: OverviewJson['webhooks'] }) {
  return (
    <Chart
      title="Webhooks received per hour, 24 hours"
      kind="bars"
      times={webhooks.map(({ hour }) => hour)}
      format={(value) => (Number.isInteger(value) ? value.toLocaleString() : '')}
      formatTime={toClockTime}
      timeLabel="Hour"
      series={[
        { label: 'Done', tone: 'success', values: webhooks.map(({ done }) => done) },
        { label: 'Ignored', tone: 'neutral', values: webhooks.map(({ ignored }) => ignored) },
        { label: 'Waiting', tone: 'brand', values: webhooks.map(({ pending }) => pending) },
        { label: 'Failed', tone: 'warning', values: webhooks.map(({ failed }) => failed) },
        { label: 'Given up', tone: 'danger', values: webhooks.map(({ dead }) => dead) },
      ]}
    />
  )
}
