import type { FastifyRequest } from 'fastify'
import { z } from 'zod'
import { receiveJiraWebhook, type JiraWebhookAnswer } from '../app/jira-events/receive-jira-webhook.ts'
import { ConnectorError, isConnectorError } from '../lib/connector-error.ts'
import { ORDINARY_BYTES } from './webhooks.ts'
import { limitBytesInFlight } from './bytes-in-flight.ts'
import type { HttpApp, RouteContext } from './http-app.ts'
import type { RefusalLimit } from './refusal-limit.ts'
import { noBody, problems } from './responses.ts'

/** As for Git hosts. Jira sends the whole issue, comments of long-lived ones included. */
const MAX_BODY_BYTES = 25 * 1024 * 1024
/** Of all webhooks of Jira that are being received. */
const MAX_BYTES_IN_FLIGHT = 64 * 1024 * 1024
const RETRY_AFTER_MS = 30_000

/**
 * `POST /webhooks/jira` and, for a Jira before 10 which signs nothing, `POST /webhooks/jira/{secret}`. The order of checks:
 * content type (415), size (413), connected (404), proof over the raw bytes (401), JSON (400); then what it hints at is on
 * disk (202), was there or concerns nothing here (200), or could not be written (503).
 */
export function registerJiraWebhooks(http: HttpApp, context: RouteContext, refusals: RefusalLimit): void {
  limitBytesInFlight(http, { maxBytes: MAX_BYTES_IN_FLIGHT, ordinaryBytes: ORDINARY_BYTES, toError: () => notStored(context) })
  http.removeAllContentTypeParsers()
  // The signature is over these very bytes.
  http.addContentTypeParser('application/json', { parseAs: 'buffer', bodyLimit: MAX_BODY_BYTES }, (_request, body, done) => {
    done(null, body)
  })
  const received = { 200: noBody, 202: noBody, ...problems(400, 401, 404, 413, 415, 429, 503) }
  const shared = { tags: ['webhooks'], response: received }

  http.post(
    '/webhooks/jira',
    {
      bodyLimit: MAX_BODY_BYTES,
      schema: {
        operationId: 'receiveJiraWebhook',
        summary: "Jira's webhooks, signed with X-Hub-Signature: 202 stored, 200 nothing new",
        ...shared,
      },
    },
    async (request, reply) => {
      const proof = { signature: toText(request.headers['x-hub-signature']), pathSecret: null }
      const answer = await receiveCounted(request, { context, refusals, proof })
      return reply.code(answer === 'stored' ? 202 : 200).send()
    },
  )

  http.post(
    '/webhooks/jira/:secret',
    {
      bodyLimit: MAX_BODY_BYTES,
      schema: {
        operationId: 'receiveUnsignedJiraWebhook',
        summary: 'Webhooks of a Jira before 10, whose address ends with the secret',
        params: z.object({ secret: z.string() }),
        ...shared,
      },
    },
    async (request, reply) => {
      const proof = { signature: undefined, pathSecret: request.params.secret }
      const answer = await receiveCounted(request, { context, refusals, proof })
      return reply.code(answer === 'stored' ? 202 : 200).send()
    },
  )
}

interface Receiving {
  readonly context: RouteContext
  readonly refusals: RefusalLimit
  readonly proof: Webhook['proof']
}

async function receiveCounted(request: FastifyRequest, { context, refusals, proof }: Receiving) {
  const body = toBuffer(request.body)
  try {
    return await receive(context, { proof, body })
  } catch (error) {
    if (UNVERIFIED.some((code) => isConnectorError(error, code))) await refusals.count(request)
    throw error
  }
}

const UNVERIFIED = ['jira-webhooks-off', 'webhook-refused']

type Webhook = Parameters<typeof receiveJiraWebhook>[1]

async function receive(context: RouteContext, webhook: Webhook): Promise<'stored' | 'nothing-new'> {
  const answer = await receiveOrSayLater(context, webhook)
  switch (answer) {
    case 'not-connected':
      throw new ConnectorError('jira-webhooks-off', {
        userMessage: 'No webhooks of Jira are taken here.',
        remedy: 'Connect Jira, and do not set jira.webhooks to off.',
      })
    case 'refused':
      throw new ConnectorError('webhook-refused', {
        userMessage: 'The webhook of Jira carries no valid signature, and its address no valid secret.',
        remedy: 'Enter the secret of jira.webhookSecret in the webhook in Jira, or let the connector install it.',
      })
    case 'not-json':
      throw new ConnectorError('webhook-not-json', { userMessage: 'The body of the webhook is not JSON.' })
    case 'stored':
    case 'nothing-new':
      return answer
  }
}

/** Jira does not send again; the poll finds what this would have told. */
async function receiveOrSayLater(context: RouteContext, webhook: Webhook): Promise<JiraWebhookAnswer> {
  try {
    return await receiveJiraWebhook(context.app, webhook)
  } catch (cause) {
    context.log.error({ cause }, "jira's webhook could not be stored")
    throw notStored(context, cause)
  }
}

function notStored({ app }: RouteContext, cause?: unknown): ConnectorError {
  return new ConnectorError('webhook-not-stored', {
    userMessage: 'The webhook of Jira could not be stored.',
    remedy: 'Send it again later. The next look at Jira finds what it would have told.',
    retryable: true,
    retryAt: new Date(app.clock.now().getTime() + RETRY_AFTER_MS),
    cause,
  })
}

function toBuffer(body: unknown): Buffer {
  if (Buffer.isBuffer(body)) return body
  throw new ConnectorError('media-type-unsupported', {
    userMessage: 'A webhook has a JSON body.',
    remedy: 'Send "Content-Type: application/json".',
  })
}

const toText = (header: string | string[] | undefined) => (typeof header === 'string' ? header : undefined)
