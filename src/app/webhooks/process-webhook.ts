import { toProblem } from '../../domain/problem.ts'
import type { WebhookHint } from '../../domain/webhook-hint.ts'
import { findAccount } from '../../db/stores/accounts.ts'
import { findWebhook, setWebhookOutcome, type StoredWebhook } from '../../db/stores/webhook-deliveries.ts'
import { isConnectorError } from '../../lib/connector-error.ts'
import type { AppContext } from '../app-context.ts'
import { followHints } from './follow-hints.ts'
import { reportFollowed } from './process-webhooks.ts'

/** Follows one delivery again, from its payload: a replay. The payload's own data is never used. */
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
  const { id, accountId } = webhook
  const connection = await app.connections.get(accountId)
  const ownerPath = (await findAccount(app.db.read, accountId))?.resolvedOwner?.path ?? null
  let hint: WebhookHint
  try {
    hint = connection.webhooks.parse(webhook.headers, JSON.parse(webhook.body), ownerPath)
  } catch (error) {
    if (!isConnectorError(error)) throw error
    // The same payload will never say anything else.
    await recordFailure(app, webhook, { state: 'dead', error })
    return
  }
  const followed = await app.db.write('interactive', async (tx) => {
    const outcomes = await followHints(app, tx, [{ id, accountId, hint }])
    for (const outcome of outcomes) await setWebhookOutcome(tx, id, { ...outcome, problem: null, now: app.clock.now().getTime() })
    return outcomes
  })
  for (const outcome of followed) reportFollowed(app, webhook, outcome)
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
