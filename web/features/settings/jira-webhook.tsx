import Lozenge from '@atlaskit/lozenge'
import { useQuery } from '@tanstack/react-query'
import type { JiraWebhookJson } from '../../../src/contract/jira-webhook.ts'
import { Section } from '../../ui/page.tsx'
import { QueryView } from '../../ui/states.tsx'
import { Time } from '../../ui/time.tsx'
import { toDuration } from '../../ui/times.ts'
import { jiraWebhookQuery } from './queries.ts'
import styles from './parts.module.css'

/** How the connector learns that issues were created, moved or deleted. */
export function JiraWebhook() {
  const query = useQuery(jiraWebhookQuery)
  return (
    <Section title="Webhook of Jira">
      <QueryView query={query}>{(webhook) => <Facts webhook={webhook} />}</QueryView>
    </Section>
  )
}

function Facts({ webhook }: { readonly webhook: JiraWebhookJson }) {
  const { lastArrivedAt, lastEvent, installation, poll, steps } = webhook
  return (
    <>
      <dl className={styles['facts']}>
        <dt>State</dt>
        <dd>
          {lastArrivedAt === null ? (
            <Lozenge appearance="moved">Nothing arrived yet</Lozenge>
          ) : (
            <>
              <Lozenge appearance="success">Arrives</Lozenge> last <Time at={lastArrivedAt} /> ({lastEvent})
            </>
          )}
        </dd>
        <dt>Address</dt>
        <dd className={styles['code']}>{webhook.address}</dd>
        <dt>Installed</dt>
        <dd>
          {installation === null
            ? webhook.mode === 'auto'
              ? 'not tried yet'
              : 'by hand'
            : installation.state === 'installed'
              ? 'by the connector'
              : `by hand: ${installation.reason ?? 'the connector may not install it'}`}
        </dd>
        <dt>Besides, Jira is asked</dt>
        <dd>
          {poll.intervalSeconds === null ? 'never' : `every ${toDuration(poll.intervalSeconds * 1_000)}`}, last{' '}
          <Time at={poll.lastAt} />
        </dd>
      </dl>
      {installation?.state === 'by-hand' || webhook.mode === 'manual' ? (
        <ol>
          {steps.map((step) => (
            <li key={step}>{step}</li>
          ))}
        </ol>
      ) : null}
    </>
  )
}
