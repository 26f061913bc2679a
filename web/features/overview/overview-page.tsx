import { useQuery, useQueryClient } from '@tanstack/react-query'
import type { OverviewJson } from '../../../src/contract/statistics.ts'
import { useStream } from '../../ui/event-stream.ts'
import { Page } from '../../ui/page.tsx'
import { QueryView } from '../../ui/states.tsx'
import { useThrottled } from '../../ui/throttle.ts'
import { AccountProblems } from './account-problems.tsx'
import { Drift } from './drift.tsx'
import { FirstSteps } from './first-steps.tsx'
import { JiraState } from './jira-state.tsx'
import { Lag } from './lag.tsx'
import { overviewQuery } from './queries.ts'
import { RepositoryTiles } from './repository-tiles.tsx'
import { WebhooksByHour, WritesByHour } from './throughput.tsx'
import styles from './overview.module.css'

/** During an import thousands of events arrive. */
const REFRESH_MS = 2_000

/** What is live, what is behind, what is wrong. */
export function OverviewPage() {
  const query = useQuery(overviewQuery)
  const queryClient = useQueryClient()
  const refresh = useThrottled(() => void queryClient.invalidateQueries({ queryKey: overviewQuery.queryKey }), REFRESH_MS)
  useStream('repository', refresh)
  useStream('delivery', refresh)
  return (
    <Page title="Overview">
      <QueryView query={query}>{(overview) => <Overview overview={overview} />}</QueryView>
    </Page>
  )
}

function Overview({ overview }: { readonly overview: OverviewJson }) {
  const { accounts, jira } = overview
  const noAccount = accounts.ok + accounts.degraded + accounts.needsSignIn + accounts.deleting === 0
  const starting = noAccount || jira.state === null
  return (
    <>
      {starting ? <FirstSteps overview={overview} /> : null}
      {noAccount ? null : (
        <>
          <AccountProblems problems={accounts.problems} />
          <RepositoryTiles repositories={overview.repositories} />
          {jira.state === null ? null : <JiraState jira={jira} />}
          <div className={styles['charts']}>
            <WebhooksByHour webhooks={overview.webhooks} />
            <WritesByHour writes={overview.jiraWrites} />
            <Lag lag={overview.lag} />
          </div>
          <Drift drift={overview.drift} />
        </>
      )}
    </>
  )
}
