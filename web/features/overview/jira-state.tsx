import { LinkButton } from '@atlaskit/button/new'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import type { OverviewJson } from '../../../src/contract/statistics.ts'
import { Facts } from '../../ui/facts.tsx'
import { Section } from '../../ui/page.tsx'
import { ProblemNote } from '../../ui/problem-note.tsx'
import { StateLozenge } from '../../ui/state-lozenge.tsx'
import { QueryView } from '../../ui/states.tsx'
import { toDuration } from '../../ui/times.ts'
import { RefusedIssues } from './refused-issues.tsx'
import { refusedQuery } from './queries.ts'
import styles from './overview.module.css'

type Jira = OverviewJson['jira']

const STATES = {
  ok: { label: 'Reachable', tone: 'success' },
  failing: { label: 'Failing', tone: 'danger' },
  moved: { label: 'Moved or copied?', tone: 'warning' },
} as const

const TITLES = {
  ok: 'Jira does not take what is written',
  failing: 'Jira does not take what is written',
  moved: 'Jira, or this connector, was moved or copied',
} as const

/** Whether Jira takes what is written, and what waits for it. */
export function JiraState({ jira }: { readonly jira: Jira }) {
  const { problem, waiting, refused } = jira
  const writes = useQuery({ ...refusedQuery, enabled: refused.issues > 0 })
  const { label, tone } = STATES[jira.state ?? 'failing']
  return (
    <Section title="Jira">
      {problem === null ? null : (
        <div className={styles['problems']}>
          <ProblemNote
            title={TITLES[jira.state ?? 'failing']}
            problem={problem}
            actions={
              <LinkButton spacing="compact" href="settings/jira">
                Open the connection to Jira
              </LinkButton>
            }
          />
        </div>
      )}
      <div className={styles['facts']}>
        <Facts
          facts={[
            [
              'Connection',
              <StateLozenge key="" tone={tone}>
                {label}
              </StateLozenge>,
            ],
            ['Waiting to be delivered', describeIssues(waiting)],
            [
              'Refused by Jira',
              refused.issues === 0 ? (
                describeIssues(refused)
              ) : (
                <Link key="" to="/deliveries" search={{ direction: 'out', state: 'failed' }}>
                  {describeIssues(refused)}
                </Link>
              ),
            ],
          ]}
        />
      </div>
      {refused.issues > 0 ? <QueryView query={writes}>{({ items }) => <RefusedIssues deliveries={items} />}</QueryView> : null}
    </Section>
  )
}

function describeIssues({ issues, oldestSeconds }: Jira['waiting']): string {
  if (issues === 0) return 'None'
  const told = `${issues.toLocaleString()} ${issues === 1 ? 'issue' : 'issues'}`
  return oldestSeconds === null ? told : `${told}, the oldest since ${toDuration(oldestSeconds * 1_000)}`
}
