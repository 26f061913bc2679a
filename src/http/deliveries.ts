import { z } from 'zod'
import { deliveryNotFound, replayWebhook, replayWrite } from '../app/audit/replay-delivery.ts'
import {
  deliveryDetailSchema,
  deliveryQuerySchema,
  deliverySchema,
  type DeliveryDetailJson,
  type DeliveryJson,
} from '../contract/delivery.ts'
import { listSchema } from '../contract/page.ts'
import { readWebhook, readWebhooks, readWrite, readWrites } from '../db/views/deliveries.ts'
import { readWebhookPayload } from '../db/views/webhook-payload.ts'
import { repositoryId, type RepositoryId } from '../domain/ids.ts'
import { createCursor, cursorNumber } from './cursor.ts'
import { toJiraDeliveryJson, toWebhookDeliveryJson } from './delivery-json.ts'
import type { HttpApp, RouteContext } from './http-app.ts'
import { problems } from './responses.ts'

const params = z.object({ id: z.string() })
const tags = ['deliveries']
const cursors = { in: createCursor('webhooks', cursorNumber), out: createCursor('writes', cursorNumber) }

/** People read the beginning; a program that needs all of it has the Git host's own log. */
const MAX_PAYLOAD_LENGTH = 200_000

/** `/deliveries`: webhooks received and writes to Jira. */
export function registerDeliveries(http: HttpApp, context: RouteContext): void {
  registerDeliveryReading(http, context)
  registerReplay(http, context)
}

function registerDeliveryReading(http: HttpApp, { app }: RouteContext): void {
  http.get(
    '/deliveries',
    {
      schema: {
        operationId: 'listDeliveries',
        summary: 'Webhooks received or writes to Jira, newest first',
        tags,
        querystring: deliveryQuerySchema,
        response: { 200: listSchema(deliverySchema), ...problems(400, 401) },
      },
    },
    async ({ query }) => {
      const cursor = cursors[query.direction]
      const page = { before: cursor.decode(query.cursor), limit: query.limit }
      const { direction, state, repository } = query
      const asked = {
        ...page,
        direction,
        state: state || null,
        ...(repository ? { repositoryId: repositoryId(repository) } : {}),
      }
      const { items, next } = await listDeliveries(app, asked)
      return { items, next: cursor.encode(next) }
    },
  )

  http.get(
    '/deliveries/:id',
    {
      schema: {
        operationId: 'getDelivery',
        summary: 'One delivery; of a webhook also its payload while it is kept',
        tags,
        params,
        response: { 200: deliveryDetailSchema, ...problems(401, 404) },
      },
    },
    async ({ params: { id }, caller }) => {
      const detail = await getDelivery(app, id)
      // What a Git host sent is for administrators; a token that may read is given to dashboards.
      return caller?.kind === 'token' && caller.scope !== 'admin' ? { ...detail, payload: null } : detail
    },
  )
}

function registerReplay(http: HttpApp, { app }: RouteContext): void {
  http.post(
    '/deliveries/:id/replay',
    {
      schema: {
        operationId: 'replayDelivery',
        summary: 'Look at a webhook again, or write an issue to Jira again whatever it holds',
        tags,
        params,
        response: { 202: deliverySchema, ...problems(401, 404, 409) },
      },
    },
    async (request, reply) => {
      const { direction, number } = parseDeliveryId(request.params.id)
      void reply.code(202)
      return direction === 'in'
        ? toWebhookDeliveryJson(await replayWebhook(app, number))
        : toJiraDeliveryJson(await replayWrite(app, number))
    },
  )
}

interface Asked {
  readonly direction: 'in' | 'out'
  readonly state: Exclude<z.infer<typeof deliveryQuerySchema>['state'], '' | undefined> | null
  readonly before: number | null
  readonly limit: number
  readonly repositoryId?: RepositoryId
}

/** Other texts are ids of no repository. */
const REPOSITORY_ID = /^[1-9][0-9]{0,14}$/

async function listDeliveries(
  { db }: RouteContext['app'],
  { direction, state, ...page }: Asked,
): Promise<{ items: DeliveryJson[]; next: number | null }> {
  if (page.repositoryId !== undefined && !REPOSITORY_ID.test(page.repositoryId)) return { items: [], next: null }
  if (direction === 'in') {
    const { items, next } = await readWebhooks(db.read, { ...page, state })
    return { items: items.map(toWebhookDeliveryJson), next }
  }
  // A write is over when it is recorded: it is never in any of the other states.
  if (state !== null && state !== 'done' && state !== 'failed') return { items: [], next: null }
  const { items, next } = await readWrites(db.read, { ...page, state })
  return { items: items.map(toJiraDeliveryJson), next }
}

async function getDelivery({ db }: RouteContext['app'], id: string): Promise<DeliveryDetailJson> {
  const { direction, number } = parseDeliveryId(id)
  if (direction === 'out') {
    const write = await readWrite(db.read, number)
    if (write === null) throw deliveryNotFound(id)
    return { delivery: toJiraDeliveryJson(write), payload: null }
  }
  const webhook = await readWebhook(db.read, number)
  if (webhook === null) throw deliveryNotFound(id)
  return { delivery: toWebhookDeliveryJson(webhook), payload: await readWebhookPayload(db.read, number, MAX_PAYLOAD_LENGTH) }
}

/** Numbers of two tables, told apart by what stands before them; ids are opaque to callers. */
function parseDeliveryId(text: string): { direction: 'in' | 'out'; number: number } {
  const [, direction, number] = /^(in|out)-([0-9]{1,15})$/.exec(text) ?? []
  if (number === undefined) throw deliveryNotFound(text)
  return { direction: direction === 'in' ? 'in' : 'out', number: Number(number) }
}
