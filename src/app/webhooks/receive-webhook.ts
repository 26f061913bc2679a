import { randomUUID } from 'node:crypto'
import type { AccountId } from '../../domain/ids.ts'
import { findAccount } from '../../db/stores/accounts.ts'
import { saveWebhook } from '../../db/stores/webhook-deliveries.ts'
import type { AppContext } from '../app-context.ts'

export interface IncomingWebhook {
  readonly accountId: AccountId
  readonly headers: Readonly<Record<string, string | undefined>>
  /** The bytes as they came: the signature is over them. */
  readonly body: Buffer
}

export type WebhookAnswer = 'stored' | 'duplicate' | 'unknown-account' | 'refused' | 'not-json'

/** Headers worth keeping for people; none of them is a secret. */
const KEPT_HEADERS = [
  'x-gitlab-event',
  'x-gitlab-instance',
  'x-gitlab-webhook-uuid',
  'x-gitlab-event-uuid',
  'idempotency-key',
  'webhook-id',
  'user-agent',
]

/**
 * Verifies, then stores a webhook on disk together with the job that will look at it; only then may the host be told
 * that it arrived. The order is the contract's: account, secret, JSON.
 */
export async function receiveWebhook(app: AppContext, webhook: IncomingWebhook): Promise<WebhookAnswer> {
  const account = await findAccount(app.db.read, webhook.accountId)
  if (account === null) return 'unknown-account'
  const [connection, secrets] = await Promise.all([app.connections.get(account.id), app.connections.webhookSecrets(account.id)])
  if (!connection.webhooks.verify(webhook.headers, webhook.body, secrets)) return 'refused'
  const body = webhook.body.toString('utf8')
  if (!isJson(body)) return 'not-json'
  const stored = await app.db.write('webhook', async (tx) => {
    const id = await saveWebhook(tx, {
      accountId: account.id,
      deliveryId: connection.webhooks.deliveryId(webhook.headers) ?? randomUUID(),
      event: webhook.headers['x-gitlab-event'] ?? 'unknown',
      receivedAt: app.clock.now().getTime(),
      body: connection.webhooks.withoutSecrets(body).replaceAll('\0', ''),
      headers: keptHeaders(webhook.headers),
    })
    if (id !== null)
      await app.jobs.add(tx, { name: 'process-webhook', payload: { deliveryId: id }, key: `webhook:${id}`, priority: 'webhook' })
    return id
  })
  return stored === null ? 'duplicate' : 'stored'
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

function keptHeaders(headers: IncomingWebhook['headers']): Record<string, string> {
  return Object.fromEntries(KEPT_HEADERS.flatMap((name) => (headers[name] === undefined ? [] : [[name, headers[name]]])))
}
