import { webhookAsker } from '../../domain/asker.ts'
import type { RepositoryId } from '../../domain/ids.ts'
import { toProblem } from '../../domain/problem.ts'
import { planWebhookSweep } from '../../db/stores/accounts.ts'
import { findRepositoryByHostId } from '../../db/stores/repositories.ts'
import { findWebhook, setWebhookOutcome, type StoredWebhook } from '../../db/stores/webhook-deliveries.ts'
import type { WebhookHint } from '../../hosts/types.ts'
import { isConnectorError } from '../../lib/connector-error.ts'
import type { AppContext } from '../app-context.ts'
import { addSyncJob } from '../sync/request-sync.ts'
import { sweepJobKey } from '../sync/sweep-account.ts'

/** Between two sweeps that webhooks ask for: those of repositories that are not wanted ask for one each. */
const SWEEP_PAUSE_MS = 5 * 60_000

/** Turns a stored webhook into the request that it hints at. The payload's own data is never used. */
export async function processWebhook(app: AppContext, deliveryId: number): Promise<void> {
  const webhook = await findWebhook(app.db.read, deliveryId)
  if (webhook === null) return
  try {
    await followWebhook(app, webhook)
  } catch (error) {
    // The queue tries again, and buries it after the last try.
    await recordFailure(app, webhook, { state: 'failed', error })
    throw error
  }
}

async function followWebhook(app: AppContext, webhook: StoredWebhook): Promise<void> {
  const connection = await app.connections.get(webhook.accountId)
  let hint: WebhookHint
  try {
    hint = connection.webhooks.parse(webhook.headers, JSON.parse(webhook.body))
  } catch (error) {
    if (!isConnectorError(error)) throw error
    // The same payload will never say anything else.
    await recordFailure(app, webhook, { state: 'dead', error })
    return
  }
  const { state, repositoryId } = await follow(app, webhook, hint)
  app.metrics.webhookProcessed(webhook.event, state)
  app.log.info(
    { webhook: webhook.id, account: webhook.accountId, event: webhook.event, repositoryId, outcome: state },
    'webhook followed',
  )
}

async function recordFailure(
  app: AppContext,
  webhook: Pick<StoredWebhook, 'id' | 'event'>,
  { state, error }: { state: 'failed' | 'dead'; error: unknown },
): Promise<void> {
  const problem = toProblem(error)
  await app.db.write('interactive', (tx) => setWebhookOutcome(tx, webhook.id, { state, problem, now: app.clock.now().getTime() }))
  app.metrics.webhookProcessed(webhook.event, state)
  app.log.warn(
    { webhook: webhook.id, event: webhook.event, outcome: state, error: problem, cause: error },
    'webhook not followed',
  )
}

interface Followed {
  readonly state: 'done' | 'ignored'
  /** Absent: none that is known. */
  readonly repositoryId?: RepositoryId
}

async function follow(app: AppContext, webhook: StoredWebhook, hint: WebhookHint): Promise<Followed> {
  const { accountId } = webhook
  const askedBy = webhookAsker(webhook.id)
  const now = app.clock.now().getTime()
  const repository = hint.kind === 'repository' ? await findRepositoryByHostId(app.db.read, accountId, hint.repository) : null
  const ignored = hint.kind === 'ignored' || (repository !== null && !repository.linked)
  const followed: Followed = {
    state: ignored ? 'ignored' : 'done',
    ...(repository === null ? {} : { repositoryId: repository.id }),
  }
  await app.db.write('interactive', async (tx) => {
    await setWebhookOutcome(tx, webhook.id, { ...followed, problem: null, now })
    if (ignored) return
    if (repository !== null) {
      await addSyncJob(app, tx, {
        repositoryId: repository.id,
        mode: 'soft',
        trigger: 'webhook',
        askedBy,
        priority: 'webhook',
      })
    } else {
      // A repository that is not known yet, or a change of the list itself.
      const at = await planWebhookSweep(tx, accountId, { now, pauseMs: SWEEP_PAUSE_MS })
      if (at === null) return
      await app.jobs.add(tx, {
        name: 'sweep-account',
        payload: { accountId, trigger: 'webhook', askedBy },
        key: sweepJobKey(accountId),
        runAt: new Date(at),
      })
    }
  })
  return followed
}
