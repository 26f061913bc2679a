import Lozenge from '@atlaskit/lozenge'
import { useQuery } from '@tanstack/react-query'
import type { JiraJson } from '../../../src/contract/jira-connection.ts'
import { Section } from '../../ui/page.tsx'
import { QueryView } from '../../ui/states.tsx'
import { Time } from '../../ui/time.tsx'
import { BuiltInConnector } from './built-in-connector.tsx'
import { JiraForm } from './jira-form.tsx'
import { JiraSignIn } from './jira-sign-in.tsx'
import { JiraWebhook } from './jira-webhook.tsx'
import { MovedJira } from './moved-jira.tsx'
import { jiraQuery } from './queries.ts'
import styles from './parts.module.css'

/** The Jira that everything is written to: what it is, how it is reached, how it tells us what happens there. */
export function JiraPart() {
  const query = useQuery(jiraQuery)
  return (
    <>
      <Section title="Jira connection">
        <QueryView query={query}>{(jira) => <Connection jira={jira} />}</QueryView>
      </Section>
      {query.data === undefined || query.data.managedBy === null ? null : (
        <>
          <JiraWebhook />
          <JiraSignIn />
          <BuiltInConnector />
        </>
      )}
    </>
  )
}

function Connection({ jira }: { readonly jira: JiraJson }) {
  return (
    <>
      {jira.managedBy === null ? <p>No Jira is connected yet. Nothing is linked until then.</p> : <JiraFacts jira={jira} />}
      {jira.state === 'moved' ? <MovedJira jira={jira} /> : null}
      {jira.managedBy === 'file' ? (
        <p className={styles['note']}>Managed by the configuration file: change it there and start the connector again.</p>
      ) : (
        <JiraForm jira={jira} />
      )}
    </>
  )
}

const STATES = {
  ok: { appearance: 'success', label: 'Connected' },
  failing: { appearance: 'removed', label: 'Failing' },
  moved: { appearance: 'moved', label: 'Moved or copied' },
} as const

function JiraFacts({ jira }: { readonly jira: JiraJson }) {
  const state = jira.state === null ? null : STATES[jira.state]
  return (
    <dl className={styles['facts']}>
      <dt>State</dt>
      <dd>
        {state === null ? 'not asked yet' : <Lozenge appearance={state.appearance}>{state.label}</Lozenge>}
        {jira.problem === null ? null : (
          <p>
            {jira.problem.message} <span className={styles['remedy']}>{jira.problem.remedy}</span>
          </p>
        )}
      </dd>
      <dt>Address</dt>
      <dd>{jira.url}</dd>
      <dt>Signed in as</dt>
      <dd>
        {jira.user ?? 'not known yet'} {jira.auth === 'token' ? '(by personal access token)' : '(by password)'}
      </dd>
      <dt>Version</dt>
      <dd>{jira.version ?? 'not known yet'}</dd>
      <dt>Projects seen</dt>
      <dd>{jira.projects}</dd>
      <dt>Written to issues</dt>
      <dd>{jira.delivery.map((kind) => (kind === 'property' ? 'issue property' : 'remote link')).join(', ')}</dd>
      {jira.connectedAt === null ? null : (
        <>
          <dt>Connected</dt>
          <dd>
            <Time at={jira.connectedAt} /> {jira.connectedBy === null ? '' : `by ${jira.connectedBy}`}
          </dd>
        </>
      )}
    </dl>
  )
}
