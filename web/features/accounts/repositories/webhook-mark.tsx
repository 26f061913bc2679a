import type { RepositoryJson } from '../../../../src/contract/repository.ts'
import styles from './repository-row.module.css'

type Webhook = RepositoryJson['webhook']

export const WEBHOOK_LABELS: Readonly<Record<Webhook['state'], string>> = {
  live: 'Live',
  polling: 'Polling',
  broken: 'Broken',
  off: 'Off',
}

/** The state of a webhook in a word and a shape of its own; where something can be mended, a button that says how. */
export function WebhookMark({ webhook, name, onExplain }: { webhook: Webhook; name: string; onExplain: () => void }) {
  const content = (
    <>
      <Shape state={webhook.state} />
      {WEBHOOK_LABELS[webhook.state]}
    </>
  )
  if (webhook.state === 'live' || (webhook.state === 'off' && webhook.reason === null)) {
    return <span className={styles['hook']}>{content}</span>
  }
  return (
    <button
      type="button"
      className={styles['hookButton']}
      aria-label={`Webhook of ${name}: ${WEBHOOK_LABELS[webhook.state]}. Why?`}
      onClick={onExplain}
    >
      {content}
    </button>
  )
}

function Shape({ state }: { readonly state: Webhook['state'] }) {
  return (
    <svg className={styles[`hook-${state}`]} width="12" height="12" viewBox="0 0 12 12" aria-hidden="true">
      {SHAPES[state]}
    </svg>
  )
}

const SHAPES = {
  live: <circle cx="6" cy="6" r="5" fill="currentColor" />,
  polling: <path d="M6 1 11 10.5H1Z" fill="none" stroke="currentColor" strokeWidth="1.5" strokeLinejoin="round" />,
  broken: <path d="m2 2 8 8M10 2 2 10" fill="none" stroke="currentColor" strokeWidth="2" strokeLinecap="round" />,
  off: <circle cx="6" cy="6" r="4.25" fill="none" stroke="currentColor" strokeWidth="1.5" />,
}
