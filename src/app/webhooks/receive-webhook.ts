import { randomUUID } from 'node:crypto'
import type { ReceivedWebhook } from '../../db/stores/webhook-deliveries.ts'
import { toProblem } from '../../domain/problem.ts'
import type { WebhookHint } from '../../domain/webhook-hint.ts'
import { isConnectorError } from '../../lib/connector-error.ts'
import type { AppContext } from '../app-context.ts'
import type { UnverifiedWebhook } from './webhook-verifier.ts'

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
export async function receiveWebhook(app: AppContext, webhook: UnverifiedWebhook): Promise<WebhookAnswer> {
  const { accountId, headers } = webhook
  const verified = await app.webhooks.verifier.verify(webhook)
  if (verified === 'unknown-account' || verified === 'refused') return verified
  const { webhooks, ownerPath, proof, signers } = verified
  const body = webhook.body.toString('utf8')
  const json = parseJson(body)
  if (json === undefined) return 'not-json'
  const source = webhooks.source(json)
  if (proof === 'signature') await signers.add(source)
  else if (await signers.has(source)) return 'refused'
  const stored = await app.webhooks.inbox.store({
    accountId,
    deliveryId: webhooks.deliveryId(headers) ?? randomUUID(),
    event: (headers['x-gitlab-event'] ?? 'unknown').slice(0, MAX_EVENT_LENGTH),
    receivedAt: app.clock.now().getTime(),
    body: webhooks.withoutSecrets(body).replaceAll('\0', ''),
    headers: keptHeaders(headers),
    reading: read(() => webhooks.parse(headers, json, ownerPath)),
  })
  app.log.debug({ webhook: stored, account: accountId }, stored === null ? 'webhook repeated' : 'webhook stored')
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

/** What cannot be read is stored all the same, for people to look at. */
function read(parse: () => WebhookHint): ReceivedWebhook['reading'] {
  try {
    return { hint: parse() }
  } catch (error) {
    if (!isConnectorError(error)) throw error
    return { problem: toProblem(error) }
  }
}

function keptHeaders(headers: UnverifiedWebhook['headers']): Record<string, string> {
  return Object.fromEntries(KEPT_HEADERS.flatMap((name) => (headers[name] === undefined ? [] : [[name, headers[name]]])))
}
