import { useQuery } from '@tanstack/react-query'
import type { AccountWebhooksJson } from '../../../src/contract/account-webhooks.ts'
import { CopyField } from '../../ui/copy-field.tsx'
import { Progress } from '../../ui/progress.tsx'
import { QueryView } from '../../ui/states.tsx'
import { Time } from '../../ui/time.tsx'
import { WEBHOOK_LEVELS } from './account-texts.ts'
import { accountWebhooksQuery } from '../../ui/account-webhooks.ts'
import styles from './webhooks-view.module.css'

/** How an account's webhooks are, and what to enter in hooks installed by hand. */
export function WebhooksView({ accountId }: { readonly accountId: string }) {
  const query = useQuery(accountWebhooksQuery(accountId))
  return <QueryView query={query}>{(webhooks) => <Webhooks webhooks={webhooks} />}</QueryView>
}

function Webhooks({ webhooks }: { readonly webhooks: AccountWebhooksJson }) {
  const { level, hooks, reasons, left, rotation, address, lastReceivedAt } = webhooks
  return (
    <>
      <p>
        {WEBHOOK_LEVELS[level]}. Last received: <Time at={lastReceivedAt} />.
      </p>
      <table className={styles['counts']}>
        <caption>Linked repositories by the state of their webhook</caption>
        <thead>
          <tr>
            <th scope="col">Live</th>
            <th scope="col">Polling</th>
            <th scope="col">Broken</th>
            <th scope="col">Off</th>
          </tr>
        </thead>
        <tbody>
          <tr>
            <td>{number(hooks.live)}</td>
            <td>{number(hooks.polling)}</td>
            <td>{number(hooks.broken)}</td>
            <td>{number(hooks.off)}</td>
          </tr>
        </tbody>
      </table>
      {reasons.length === 0 ? null : (
        <>
          <h3 className={styles['title']}>Why some are not live</h3>
          <ul className={styles['reasons']}>
            {reasons.map(({ reason, repositories }) => (
              <li key={reason}>
                {reason} ({number(repositories)} {repositories === 1 ? 'repository' : 'repositories'})
              </li>
            ))}
          </ul>
        </>
      )}
      {left.length === 0 ? null : <LeftHooks left={left} />}
      {rotation === null ? null : <Rotation rotation={rotation} />}
      <CopyField
        label="Address for webhooks installed by hand"
        value={address}
        hint="With the account’s webhook secret as the secret token. Events: pushes, tags, merge requests, comments, pipelines, deployments."
      />
    </>
  )
}

function LeftHooks({ left }: { readonly left: AccountWebhooksJson['left'] }) {
  return (
    <>
      <h3 className={styles['title']}>Hooks that could not be removed</h3>
      <ul className={styles['reasons']}>
        {left.map(({ repository, url, reason, nextTry }) => (
          <li key={url}>
            <a href={url} rel="noreferrer" target="_blank">
              {repository}
            </a>
            : {reason} Tried again <Time at={nextTry} />.
          </li>
        ))}
      </ul>
    </>
  )
}

export function Rotation({ rotation }: { readonly rotation: NonNullable<AccountWebhooksJson['rotation']> }) {
  const { done, total, oldSecretUntil } = rotation
  return (
    <div className={styles['rotation']}>
      <output>
        New webhook secret: {number(done)} of {number(total)} hooks carry it.
      </output>
      <Progress label="Rotation of the webhook secret" value={total === 0 ? null : done / total} />
      <p>
        {oldSecretUntil === null ? (
          'The old secret stays valid until every hook carries the new one, and an hour longer.'
        ) : (
          <>
            The old secret ends <Time at={oldSecretUntil} />. Then it can be rotated again.
          </>
        )}
      </p>
    </div>
  )
}

const number = (count: number) => count.toLocaleString('en')
