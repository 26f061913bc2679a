import { randomUUID } from 'node:crypto'
import type { AccountId } from '../../domain/ids.ts'
import { findAccount } from '../../db/stores/accounts.ts'
import { saveWebhook } from '../../db/stores/webhook-deliveries.ts'
import { addSigner, hasSigned } from '../../db/stores/webhook-signers.ts'
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

/** Longer ones are not GitLab's. */
const MAX_EVENT_LENGTH = 100

/**
 * Verifies, then stores a webhook on disk together with the job that will look at it; only then may the host be told
 * that it arrived. The order is the contract's: account, secret, JSON. From a hook that has signed before, which its
 * repository tells apart from the account's others, a token alone is not taken.
 */
export async function receiveWebhook(app: AppContext, webhook: IncomingWebhook): Promise<WebhookAnswer> {
  const account = await findAccount(app.db.read, webhook.accountId)
  if (account === null) return 'unknown-account'
  const now = app.clock.now()
  const [connection, secrets] = await Promise.all([
    app.connections.get(account.id),
    app.connections.webhookSecrets(account.id, now),
  ])
  const proof = connection.webhooks.verify(webhook.headers, webhook.body, secrets)
  if (proof === null) return 'refused'
  const body = webhook.body.toString('utf8')
  const payload = parseJson(body)
  if (payload === undefined) return 'not-json'
  const source = connection.webhooks.source(payload)
  const signs = await hasSigned(app.db.read, account.id, source)
  if (signs && proof === 'token') return 'refused'
  const stored = await app.db.write('webhook', async (tx) => {
    const id = await saveWebhook(tx, {
      accountId: account.id,
      deliveryId: connection.webhooks.deliveryId(webhook.headers) ?? randomUUID(),
      event: (webhook.headers['x-gitlab-event'] ?? 'unknown').slice(0, MAX_EVENT_LENGTH),
      receivedAt: now.getTime(),
      body: body.replaceAll('\0', ''),
      headers: keptHeaders(webhook.headers),
    })
    if (proof === 'signature' && !signs) await addSigner(tx, account.id, source)
    if (id !== null)
      await app.jobs.add(tx, { name: 'process-webhook', payload: { deliveryId: id }, key: `webhook:${id}`, priority: 'webhook' })
    return id
  })
  return stored === null ? 'duplicate' : 'stored'
}

/** undefined: it is not JSON. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}

function keptHeaders(headers: IncomingWebhook['headers']): Record<string, string> {
  return Object.fromEntries(KEPT_HEADERS.flatMap((name) => (headers[name] === undefined ? [] : [[name, headers[name]]])))
}
