import type { OverviewJson } from '../../../src/contract/statistics.ts'
import { Chart } from '../../ui/chart/chart.tsx'
import { toClockTime } from '../../ui/times.ts'

const BY_HOUR = {
  kind: 'bars',
  format: (value: number) => value.toLocaleString(),
  formatTime: toClockTime,
  timeLabel: 'Hour',
} as const

/** Webhooks by the hour and what became of them. */
export function WebhooksByHour({ webhooks }: { readonly webhooks: OverviewJson['webhooks'] }) {
  return (
    <Chart
      {...BY_HOUR}
      title="Webhooks received per hour, 24 hours"
      times={webhooks.map(({ hour }) => hour)}
      empty="No webhook came in these 24 hours."
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

/** What Jira was sent by the hour, and whether it took it. */
export function WritesByHour({ writes }: { readonly writes: OverviewJson['jiraWrites'] }) {
  return (
    <Chart
      {...BY_HOUR}
      title="Writes to Jira per hour, 24 hours"
      times={writes.map(({ hour }) => hour)}
      empty="Nothing was written to Jira in these 24 hours."
      series={[
        { label: 'Done', tone: 'success', values: writes.map(({ done }) => done) },
        { label: 'Failed', tone: 'danger', values: writes.map(({ failed }) => failed) },
      ]}
    />
  )
}
