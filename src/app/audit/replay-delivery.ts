import { forceDelivery } from '../../db/stores/issue-rechecks.ts'
import { reopenWebhook } from '../../db/stores/webhook-deliveries.ts'
import { isInformation } from '../../db/stores/jira-writes.ts'
import { readWebhook, readWrite, type WebhookEntry, type WriteEntry } from '../../db/views/deliveries.ts'
import { ConnectorError } from '../../lib/connector-error.ts'
import type { AppContext } from '../app-context.ts'
import { wakeDelivery } from '../delivery/delivery-hold.ts'

/**
 * Has a webhook looked at again, in whatever state it is, by its stored payload.
 *
 * @throws ConnectorError `delivery-not-found`, `delivery-not-replayable`
 */
export async function replayWebhook(app: AppContext, id: number): Promise<WebhookEntry> {
  const reopened = await app.db.write('interactive', async (tx) => {
    if (!(await reopenWebhook(tx, id))) return false
    await app.jobs.add(tx, { name: 'process-webhook', payload: { deliveryId: id }, key: `webhook:${id}`, priority: 'webhook' })
    return true
  })
  const webhook = await readWebhook(app.db.read, id)
  if (webhook === null) throw deliveryNotFound(`in-${id}`)
  if (reopened) return webhook
  throw new ConnectorError('delivery-not-replayable', {
    userMessage: `The payload of the webhook in-${id} is not kept any more.`,
    remedy: 'Synchronise the repository instead, or keep payloads for longer with retention.payloads.',
  })
}

/**
 * Makes the issue of a write due and has it written whatever Jira holds: as it is now, not as it was then.
 *
 * @throws ConnectorError `delivery-not-found`, `delivery-not-replayable`
 */
export async function replayWrite(app: AppContext, id: number): Promise<WriteEntry> {
  const write = await readWrite(app.db.read, id)
  if (write === null) throw deliveryNotFound(`out-${id}`)
  const { key, jiraId } = write
  if (key === null || jiraId === null || !isInformation(write.kind)) throw notRepeated()
  const now = app.clock.now().getTime()
  const forced = await app.db.write('interactive', async (tx) => {
    const any = await forceDelivery(tx, { key, jiraId }, now)
    if (any && app.settings.deliver) await wakeDelivery(app, tx, now)
    return any
  })
  if (forced) return write
  throw new ConnectorError('delivery-not-replayable', {
    userMessage: `Nothing is stored of the issue ${key} any more.`,
    remedy: 'There is nothing to write again.',
  })
}

/** Repeated, it would be there twice. */
function notRepeated(): ConnectorError {
  return new ConnectorError('delivery-not-replayable', {
    userMessage: 'Only development information is written again from here: a comment or work log would be there twice.',
    remedy: 'A smart commit that failed can be executed again on the page Smart commits.',
  })
}

export function deliveryNotFound(id: string): ConnectorError {
  return new ConnectorError('delivery-not-found', {
    userMessage: `There is no delivery "${id.slice(0, 40)}".`,
    remedy: 'See the list of deliveries; old ones are removed after retention.journals.',
  })
}
