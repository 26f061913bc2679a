import type { SSEMessage } from '@fastify/sse'
import type { FastifyReply } from 'fastify'
import { createChangeFeed } from '../app/stream/change-feed.ts'
import type { FeedEvent } from '../app/stream/feed-event.ts'
import { toShownAccount } from './accounts.ts'
import { toJiraDeliveryJson, toWebhookDeliveryJson } from './delivery-json.ts'
import type { HttpApp, RouteContext } from './http-app.ts'
import { toRepositoryJson } from './repository-json.ts'
import { problems } from './responses.ts'

/** How soon a browser whose connection broke comes back. */
const RETRY_MS = 2_000

/** Then the browser connects again and is looked at again: who signed out sees nothing more after this time. */
const LONGEST_MS = 15 * 60_000

/**
 * `/stream`: server-sent events. `account`, `repository` and `delivery` carry what the lists of these show; a client that gives the
 * last id back in `Last-Event-ID` is told what happened meanwhile.
 */
export function registerStream(http: HttpApp, { app, closing, log }: RouteContext): void {
  const feed = createChangeFeed(app)
  http.get(
    '/stream',
    {
      sse: 'only',
      schema: {
        operationId: 'followChanges',
        summary: 'Server-sent events: progress of synchronisations, webhooks, writes to Jira',
        description:
          'Events `account`, `repository` and `delivery`; their data is what the lists of these show. `account-deleted` has the id.',
        tags: ['stream'],
        response: { ...problems(401, 503) },
      },
    },
    async (request, reply) => {
      const gone = new AbortController()
      reply.sse.onClose(() => gone.abort())
      const signal = AbortSignal.any([closing, gone.signal, AbortSignal.timeout(LONGEST_MS)])
      reply.sse.sendHeaders()
      try {
        const onBegun = () => send(reply, { retry: RETRY_MS, event: 'open', data: {} }, signal)
        for await (const event of feed.listen({ after: reply.sse.lastEventId, signal, onBegun })) {
          await send(reply, await toMessage(app, event), signal)
        }
      } catch (error) {
        // The answer has begun: all that is left to say is its end, after which the client connects again.
        if (!gone.signal.aborted) log.info({ requestId: request.id, error: String(error) }, 'stream ended')
      }
    },
  )
}

/** Until it is on its way, or the stream is over: a client that has gone while it did not read is not waited for. */
function send(reply: FastifyReply, message: SSEMessage, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const leave = () => resolve()
    signal.addEventListener('abort', leave, { once: true })
    void reply.sse
      .send(message)
      .then(resolve, reject)
      .finally(() => signal.removeEventListener('abort', leave))
  })
}

async function toMessage(app: RouteContext['app'], { id, change }: FeedEvent): Promise<SSEMessage> {
  switch (change.kind) {
    case 'repository':
      return { id, event: 'repository', data: await toRepositoryJson(app, change.repository) }
    case 'account':
      return { id, event: 'account', data: await toShownAccount(app, change.account) }
    case 'account-gone':
      return { id, event: 'account-deleted', data: { id: change.id } }
    case 'webhook':
      return { id, event: 'delivery', data: toWebhookDeliveryJson(change.webhook) }
    case 'write':
      return { id, event: 'delivery', data: toJiraDeliveryJson(change.write) }
  }
}
