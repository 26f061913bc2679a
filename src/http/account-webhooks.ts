import { z } from 'zod'
import { requestRotation } from '../app/webhooks/rotate-secret.ts'
import { webhookUrl } from '../app/webhooks/webhook-address.ts'
import { accountWebhooksSchema, type AccountWebhooksJson } from '../contract/account-webhooks.ts'
import { readAccount } from '../db/views/accounts.ts'
import { readWebhookOverview, type WebhookOverview } from '../db/views/webhooks.ts'
import type { AccountId } from '../domain/ids.ts'
import { ConnectorError } from '../lib/connector-error.ts'
import { toWebhookLevel } from './account-json.ts'
import { parseAccountId } from './accounts.ts'
import type { HttpApp, RouteContext } from './http-app.ts'
import { problems } from './responses.ts'

const params = z.object({ id: z.string() })
const tags = ['accounts']

/** `/accounts/{id}/webhooks`: how an account's webhooks are, and a new secret for them. */
export function registerAccountWebhooks(http: HttpApp, { app }: RouteContext): void {
  http.get(
    '/accounts/:id/webhooks',
    {
      schema: {
        operationId: 'getAccountWebhooks',
        summary: "How an account's webhooks are",
        tags,
        params,
        response: { 200: accountWebhooksSchema, ...problems(401, 404) },
      },
    },
    async (request) => readJson(app, parseAccountId(request.params.id)),
  )

  http.post(
    '/accounts/:id/rotate-webhook-secret',
    {
      schema: {
        operationId: 'rotateWebhookSecret',
        summary: "Give an account's webhooks a new secret; the old one stays valid until every hook has it, and an hour longer",
        tags,
        params,
        response: { 202: accountWebhooksSchema, ...problems(401, 404, 409) },
      },
    },
    async (request, reply) => {
      const id = parseAccountId(request.params.id)
      await requestRotation(app, id)
      void reply.code(202)
      return readJson(app, id)
    },
  )
}

async function readJson(app: RouteContext['app'], id: AccountId): Promise<AccountWebhooksJson> {
  const overview = await readAccount(app.db.read, id)
  if (overview === null) throw new ConnectorError('account-not-found', { userMessage: `There is no account "${id}".` })
  const { account } = overview
  const webhooks = await readWebhookOverview(app.db.read, id)
  return {
    address: webhookUrl(app.settings.serverUrl, account),
    mode: account.webhooks,
    level: toWebhookLevel(account.webhooks, webhooks.hook),
    hooks: webhooks.counts,
    reasons: [...webhooks.reasons],
    left: webhooks.left.map(({ path, webUrl, reason, attempts, nextAt }) => ({
      repository: path,
      url: webUrl,
      reason,
      attempts,
      nextTry: new Date(nextAt).toISOString(),
    })),
    rotation: toRotationJson(webhooks.rotation),
    lastReceivedAt: toTime(webhooks.lastReceivedAt),
  }
}

function toRotationJson(rotation: WebhookOverview['rotation']): AccountWebhooksJson['rotation'] {
  if (rotation === null) return null
  const { beganAt, done, total, previousUntil } = rotation
  return { startedAt: new Date(beganAt).toISOString(), done, total, oldSecretUntil: toTime(previousUntil) }
}

const toTime = (millis: number | null) => (millis === null ? null : new Date(millis).toISOString())
