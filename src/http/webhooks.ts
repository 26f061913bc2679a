import type { IncomingHttpHeaders } from 'node:http'
import { z } from 'zod'
import { recordMissedWebhooks } from '../app/webhooks/record-missed-webhooks.ts'
import { receiveWebhook, type WebhookAnswer } from '../app/webhooks/receive-webhook.ts'
import type { AccountId } from '../domain/ids.ts'
import { ConnectorError, isConnectorError } from '../lib/connector-error.ts'
import { parseAccountId } from './accounts.ts'
import { limitBytesInFlight } from './bytes-in-flight.ts'
import type { HttpApp, RouteContext } from './http-app.ts'
import { createOutageLog, type OutageLog } from './outage-log.ts'
import type { RefusalLimit } from './refusal-limit.ts'
import { noBody, problems } from './responses.ts'

/** GitLab's own limit of a webhook's payload. */
const MAX_BODY_BYTES = 25 * 1024 * 1024
/** Of all webhooks that are being received: anybody may send bodies, only their secret tells whom they are from. */
const MAX_BYTES_IN_FLIGHT = 128 * 1024 * 1024
/** Most payloads have about 10 KiB. */
export const ORDINARY_BYTES = 256 * 1024
const RETRY_AFTER_MS = 30_000

const params = z.object({ accountId: z.string() })

/**
 * `POST /webhooks/{accountId}`. The order of checks: content type (415), size (413), account (404), secret over the raw
 * bytes (401), JSON (400); then it is on disk (202), was there before (200), or could not be written (503). Only what
 * could not be verified counts towards 429: GitLab switches a hook off that is refused.
 */
export function registerWebhooks(http: HttpApp, context: RouteContext, refusals: RefusalLimit): void {
  limitBytesInFlight(http, {
    maxBytes: MAX_BYTES_IN_FLIGHT,
    ordinaryBytes: ORDINARY_BYTES,
    toError: () => tooManyAtOnce(context.app),
  })
  const { app, log } = context
  const messages = { failed: 'webhook could not be stored', again: 'webhooks are stored again' }
  const intake: Intake = { app, log, outages: createOutageLog({ log, clock: app.clock, messages }) }
  http.removeAllContentTypeParsers()
  // The signature is over these very bytes.
  http.addContentTypeParser('application/json', { parseAs: 'buffer', bodyLimit: MAX_BODY_BYTES }, (_request, body, done) => {
    done(null, body)
  })

  http.post(
    '/webhooks/:accountId',
    {
      bodyLimit: MAX_BODY_BYTES,
      // A program reads the answer, and its body is empty: headers for browsers would cost a tenth of the time.
      helmet: false,
      schema: {
        operationId: 'receiveWebhook',
        summary: "The Git host's webhooks: 202 stored, 200 a duplicate",
        description: 'Any JSON, with X-Gitlab-Token or a signature after Standard Webhooks.',
        tags: ['webhooks'],
        params,
        response: { 200: noBody, 202: noBody, ...problems(400, 401, 404, 413, 415, 429, 503) },
      },
    },
    async (request, reply) => {
      const { body } = request
      if (!Buffer.isBuffer(body)) throw noJsonBody()
      try {
        const answer = await receive(intake, { id: request.params.accountId, headers: request.headers, body })
        return await reply.code(answer === 'stored' ? 202 : 200).send()
      } catch (error) {
        if (UNVERIFIED.some((code) => isConnectorError(error, code))) await refusals.count(request)
        throw error
      }
    },
  )
}

const UNVERIFIED = ['account-not-found', 'webhook-refused']

interface Intake extends Pick<RouteContext, 'app' | 'log'> {
  readonly outages: OutageLog
}

interface Received {
  readonly id: string
  readonly headers: IncomingHttpHeaders
  readonly body: Buffer
}

async function receive(intake: Intake, { id, headers, body }: Received): Promise<'stored' | 'duplicate'> {
  const accountId = parseAccountId(id)
  const answer = await receiveOrSayLater(intake, { accountId, headers: toPlainHeaders(headers), body })
  switch (answer) {
    case 'unknown-account':
      throw new ConnectorError('account-not-found', { userMessage: `There is no account "${accountId}".` })
    case 'refused':
      throw new ConnectorError('webhook-refused', {
        userMessage: `The webhook for the account "${accountId}" carries no valid secret.`,
        remedy: "Enter the account's webhook secret in the hook at the Git host, or let the connector install the hook again.",
      })
    case 'not-json':
      throw new ConnectorError('webhook-not-json', { userMessage: 'The body of the webhook is not JSON.' })
    case 'stored':
    case 'duplicate':
      return answer
  }
}

type Webhook = Parameters<typeof receiveWebhook>[1]

/** Whatever keeps it from the disk, the host may come again; one that does not, such as GitLab, is asked soon. */
async function receiveOrSayLater({ app, log, outages }: Intake, webhook: Webhook): Promise<WebhookAnswer> {
  try {
    const answer = await receiveWebhook(app, webhook)
    app.metrics.webhookAnswered(webhook.headers['x-gitlab-event'] ?? '', answer)
    if (answer === 'stored') await recordMissed({ app, log, outages })
    return answer
  } catch (cause) {
    // Not in the configuration file any more: nothing can verify it.
    const unknown = isConnectorError(cause, 'account-not-configured') || isConnectorError(cause, 'account-not-found')
    app.metrics.webhookAnswered(webhook.headers['x-gitlab-event'] ?? '', unknown ? 'unknown-account' : 'not-stored')
    if (unknown) return 'unknown-account'
    outages.failed({ account: webhook.accountId, cause })
    app.webhooks.missed.note(webhook.accountId)
    throw notStored(app, webhook.accountId, cause)
  }
}

/** One is stored again: so can be what was missed before. It may wait, this webhook's answer may not fail for it. */
async function recordMissed({ app, log, outages }: Intake): Promise<void> {
  outages.worked()
  try {
    await recordMissedWebhooks(app)
  } catch (cause) {
    log.warn({ cause }, 'missed webhooks could not be recorded yet')
  }
}

function tooManyAtOnce({ clock, webhooks }: RouteContext['app']): ConnectorError {
  webhooks.missed.note(null)
  return new ConnectorError('webhook-not-stored', {
    userMessage: 'The webhook was not received: too many large ones come at once.',
    remedy: 'Send it again later. The next sweep finds what it would have told.',
    retryable: true,
    retryAt: new Date(clock.now().getTime() + RETRY_AFTER_MS),
  })
}

function notStored({ clock }: RouteContext['app'], accountId: AccountId, cause: unknown): ConnectorError {
  return new ConnectorError('webhook-not-stored', {
    userMessage: `The webhook for the account "${accountId}" could not be stored.`,
    remedy: 'Send it again later. A sweep within minutes finds what it would have told.',
    retryable: true,
    retryAt: new Date(clock.now().getTime() + RETRY_AFTER_MS),
    cause,
  })
}

function noJsonBody(): ConnectorError {
  return new ConnectorError('media-type-unsupported', {
    userMessage: 'A webhook has a JSON body.',
    remedy: 'Send "Content-Type: application/json".',
  })
}

function toPlainHeaders(headers: IncomingHttpHeaders): Record<string, string | undefined> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, typeof value === 'string' ? value : undefined]))
}
