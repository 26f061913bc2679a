import { useQuery } from '@tanstack/react-query'
import type { LagJson, RepositoryStatisticsJson } from '../../../src/contract/statistics.ts'
import { Chart } from '../../ui/chart/chart.tsx'
import { Facts } from '../../ui/facts.tsx'
import { Section } from '../../ui/page.tsx'
import { QueryView } from '../../ui/states.tsx'
import { toDuration } from '../../ui/times.ts'
import { statisticsQuery } from './queries.ts'
import styles from './repository.module.css'

const day = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeZone: 'UTC' })

/** Activity by week, and how long changes take to reach Jira. */
export function RepositoryStatistics({ repositoryId }: { readonly repositoryId: string }) {
  const query = useQuery(statisticsQuery(repositoryId))
  return (
    <Section title="Statistics">
      <QueryView query={query}>{(statistics) => <Statistics statistics={statistics} />}</QueryView>
    </Section>
  )
}

function Statistics({ statistics: { weeks, lag, syncs } }: { readonly statistics: RepositoryStatisticsJson }) {
  const shared = {
    times: weeks.map(({ week }) => week),
    kind: 'bars',
    format: (value: number) => value.toLocaleString(),
    formatTime: (time: string) => day.format(new Date(time)),
    timeLabel: 'Week of',
    empty: 'Nothing in the last 52 weeks.',
  } as const
  return (
    <>
      <div className={styles['charts']}>
        <Chart
          {...shared}
          title="Commits with issue keys per week"
          series={[{ label: 'Commits', tone: 'brand', values: weeks.map(({ commits }) => commits) }]}
        />
        <Chart
          {...shared}
          title="Pull requests created per week"
          series={[{ label: 'Pull requests', tone: 'discovery', values: weeks.map(({ pullRequests }) => pullRequests) }]}
        />
      </div>
      <Facts
        facts={[
          ['From webhook to stored', describeLag(lag.stored)],
          ['From webhook to Jira', describeLag(lag.delivered)],
          [
            'Synchronizations',
            `${syncs.done.toLocaleString()} done, ${syncs.failed.toLocaleString()} failed, ${syncs.cancelled.toLocaleString()} cancelled`,
          ],
        ]}
      />
    </>
  )
}

function describeLag(lag: LagJson): string {
  if (lag === null) return 'Nothing measured'
  const told = (seconds: number) => toDuration(seconds * 1_000)
  return `${told(lag.p50)} for half of them, ${told(lag.p95)} for 95 of 100, ${told(lag.max)} at most (${lag.samples.toLocaleString()} measured)`
}
