import Button from '@atlaskit/button/new'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import type { DeliveryJson, JiraDeliveryJson, WebhookDeliveryJson } from '../../../src/contract/delivery.ts'
import { Facts, type Fact } from '../facts.tsx'
import { ProblemNote } from '../problem-note.tsx'
import { ScrollBox } from '../scroll-box.tsx'
import { QueryView } from '../states.tsx'
import { Time } from '../time.tsx'
import { describeNotReplayable, describeWrite, isReplayable, prettyPayload, STATE_MEANINGS } from './delivery-words.ts'
import { deliveryQuery } from './queries.ts'
import { useReplay } from './use-replay.ts'
import styles from './deliveries.module.css'

/** All that is known of one delivery, and its replay. */
export function DeliveryDetail({ delivery }: { readonly delivery: DeliveryJson }) {
  const { busy, start } = useReplay(delivery)
  return (
    <div className={styles['detail']}>
      {delivery.error === null ? null : (
        <ProblemNote
          title={delivery.state === 'failed' && delivery.direction === 'in' ? 'The last try failed' : 'It failed'}
          problem={delivery.error}
          appearance={delivery.state === 'failed' && delivery.direction === 'in' ? 'warning' : 'error'}
        />
      )}
      <Facts facts={delivery.direction === 'in' ? toWebhookFacts(delivery) : toWriteFacts(delivery)} />
      {delivery.direction === 'in' ? <Contents id={delivery.id} /> : null}
      <div>
        <Button isLoading={busy} isDisabled={!isReplayable(delivery)} onClick={start}>
          {delivery.direction === 'in' ? 'Replay' : 'Write again'}
        </Button>
        {isReplayable(delivery) ? null : <p className={styles['note']}>{describeNotReplayable(delivery)}</p>}
      </div>
    </div>
  )
}

function toWebhookFacts(delivery: WebhookDeliveryJson): Fact[] {
  const { repositoryId, accountId } = delivery
  return [
    ['State', STATE_MEANINGS[delivery.state]],
    ['Received', <Time key="" at={delivery.receivedAt} />],
    ['Looked at', <Time key="" at={delivery.processedAt} fallback="not yet" />],
    ['Tries', String(delivery.attempts)],
    ['Id at the Git host', delivery.deliveryId],
    [
      'Account',
      <Link key="" to="/accounts/$accountId" params={{ accountId }}>
        {accountId}
      </Link>,
    ],
    repositoryId === null
      ? ['Repository', 'Not known']
      : [
          'Repository',
          <Link key="" to="/repositories/$repositoryId" params={{ repositoryId }}>
            Open the repository
          </Link>,
        ],
  ]
}

function toWriteFacts(delivery: JiraDeliveryJson): Fact[] {
  return [
    ['What', describeWrite(delivery.kind)],
    ...toIssueFacts(delivery.issue),
    ['Written', <Time key="" at={delivery.writtenAt} />],
    ['Jira answered', delivery.status === null ? 'nothing' : `HTTP ${delivery.status} after ${delivery.ms} ms`],
    ['Size', delivery.bytes === null ? toNoSize(delivery.kind) : `${delivery.bytes.toLocaleString()} bytes`],
    ['Caused by', <Cause key="" delivery={delivery} />],
  ]
}

function toIssueFacts(issue: string | null): Fact[] {
  if (issue === null) return []
  return [
    ['Issue', <Link key="" to="/issues/$issueKey" params={{ issueKey: issue }}>{`Development panel of ${issue}`}</Link>],
    ['Why it is, or is not, there', <Link key="" to="/explain" search={{ ref: issue }}>{`Explain ${issue}`}</Link>],
  ]
}

function toNoSize(kind: JiraDeliveryJson['kind']): string {
  return kind === 'transition' || kind === 'webhook' ? 'No text' : 'Nothing was sent'
}

function Cause({ delivery: { syncId, repositoryId, issue } }: { readonly delivery: JiraDeliveryJson }) {
  if (syncId === null) return issue === null ? 'The connector itself' : 'A comparison or a replay'
  if (repositoryId === null) return `Synchronization ${syncId}`
  return <Link to="/repositories/$repositoryId" params={{ repositoryId }}>{`Synchronization ${syncId} of a repository`}</Link>
}

/** Asked for only when somebody opens a delivery. */
function Contents({ id }: { readonly id: string }) {
  const query = useQuery(deliveryQuery(id))
  return (
    <QueryView query={query}>
      {({ delivery, payload }) => (
        <>
          {delivery.direction === 'in' ? (
            <Raw title="Headers" note="Without secrets.">
              {Object.entries(delivery.headers)
                .map(([name, value]) => `${name}: ${value}`)
                .join('\n')}
            </Raw>
          ) : null}
          {payload === null ? null : (
            <Raw
              title="Payload"
              note={
                payload.length > payload.text.length
                  ? `The first ${payload.text.length.toLocaleString()} of ${payload.length.toLocaleString()} characters.`
                  : `${payload.length.toLocaleString()} characters.`
              }
            >
              {prettyPayload(payload.text)}
            </Raw>
          )}
        </>
      )}
    </QueryView>
  )
}

function Raw({ title, note, children }: { readonly title: string; readonly note: string; readonly children: string }) {
  return (
    <div>
      <h4 className={styles['heading']}>
        {title} <span className={styles['note']}>{note}</span>
      </h4>
      <ScrollBox label={title} className={styles['raw']}>
        {children}
      </ScrollBox>
    </div>
  )
}
