import { toProblem } from '../../domain/problem.ts'
import { findWebhook, setWebhookOutcome } from '../../db/stores/webhook-deliveries.ts'
import type { WebhookHint } from '../../domain/webhook-hint.ts'
import { isConnectorError } from '../../lib/connector-error.ts'
import type { AppContext } from '../app-context.ts'
import { followHint } from './follow-hint.ts'

/** Turns a stored webhook into the request that it hints at. The payload's own data is never used. */
export async function processWebhook(app: AppContext, deliveryId: number): Promise<void> {
  const webhook = await findWebhook(app.db.read, deliveryId)
  if (webhook === null) return
  const connection = await app.connections.get(webhook.accountId)
  let hint: WebhookHint
  try {
    hint = connection.webhooks.parse(webhook.headers, JSON.parse(webhook.body))
  } catch (error) {
    if (!isConnectorError(error)) throw error
    await app.db.write('interactive', (tx) => setWebhookOutcome(tx, deliveryId, { state: 'failed', problem: toProblem(error) }))
    return
  }
  await app.db.write('interactive', async (tx) => {
    const state = await followHint(app, tx, { accountId: webhook.accountId, hint })
    await setWebhookOutcome(tx, webhook.id, { state, problem: null })
  })
}
