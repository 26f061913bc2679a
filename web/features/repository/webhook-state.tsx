import { Link } from '@tanstack/react-router'
import type { RepositoryJson } from '../../../src/contract/repository.ts'
import { Section } from '../../ui/page.tsx'
import { StateLozenge } from '../../ui/state-lozenge.tsx'
import { WebhookAddress } from '../../ui/webhook-address.tsx'
import { WEBHOOK_STATES } from './sync-words.ts'
import styles from './repository.module.css'

/** Whether changes arrive at once, why not, and what helps. */
export function WebhookState({ repository }: { readonly repository: RepositoryJson }) {
  const { webhook, linked, accountId } = repository
  const { label, tone, meaning } = WEBHOOK_STATES[webhook.state]
  return (
    <Section title="Webhook">
      <p className={styles['line']}>
        <StateLozenge tone={tone}>{label}</StateLozenge> {meaning}
      </p>
      {webhook.reason === null ? null : <p className={styles['line']}>{webhook.reason}</p>}
      {webhook.state === 'live' || !linked ? null : <Fixes accountId={accountId} off={webhook.state === 'off'} />}
      {linked ? null : <p className={styles['line']}>Link the repository: its webhook is set up with it.</p>}
    </Section>
  )
}

function Fixes({ accountId, off }: { readonly accountId: string; readonly off: boolean }) {
  const settings = (
    <Link to="/accounts/$accountId" params={{ accountId }}>
      the account’s settings
    </Link>
  )
  if (off) return <p className={styles['line']}>Choose another webhook level in {settings}.</p>
  return (
    <>
      <ul className={styles['list']}>
        <li>
          Give the account’s user the role Maintainer in the project, or Owner in the group, and a token with the scope{' '}
          <code>api</code>; then choose <em>Refresh repositories</em> on the account’s page.
        </li>
        <li>Or give the account a separate webhook administration token in {settings}: the other one may then stay read-only.</li>
        <li>Or install the webhook by hand with this address and the account’s webhook secret.</li>
      </ul>
      <WebhookAddress accountId={accountId} />
    </>
  )
}
