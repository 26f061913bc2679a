import { z } from 'zod'
import { deliveryNotFound, replayWebhook, replayWrite } from '../app/audit/replay-delivery.ts'
import { deliveryQuerySchema, deliverySchema, type DeliveryJson } from '../contract/delivery.ts'
import { listSchema } from '../contract/page.ts'
import { readWebhooks, readWrites } from '../db/views/deliveries.ts'
import { createCursor, cursorNumber } from './cursor.ts'
import { toJiraDeliveryJson, toWebhookDeliveryJson } from './delivery-json.ts'
import type { HttpApp, RouteContext } from './http-app.ts'
import { problems } from './responses.ts'

const params = z.object({ id: z.string() })
const tags = ['deliveries']
const cursors = { in: createCursor('webhooks', cursorNumber), out: createCursor('writes', cursorNumber) }

/** `/deliveries`: webhooks received and writes to Jira. */
export function registerDeliveries(http: HttpApp, { app }: RouteContext): void {
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
      const { items, next } = await listDeliveries(app, { ...page, direction: query.direction, state: query.state || null })
      return { items, next: cursor.encode(next) }
    },
  )

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
}

async function listDeliveries(
  { db }: RouteContext['app'],
  { direction, state, ...page }: Asked,
): Promise<{ items: DeliveryJson[]; next: number | null }> {
  if (direction === 'in') {
    const { items, next } = await readWebhooks(db.read, { ...page, state })
    return { items: items.map(toWebhookDeliveryJson), next }
  }
  // A write is over when it is recorded: it is never in any of the other states.
  if (state !== null && state !== 'done' && state !== 'failed') return { items: [], next: null }
  const { items, next } = await readWrites(db.read, { ...page, state })
  return { items: items.map(toJiraDeliveryJson), next }
}

/** Numbers of two tables, told apart by what stands before them; ids are opaque to callers. */
function parseDeliveryId(text: string): { direction: 'in' | 'out'; number: number } {
  const [, direction, number] = /^(in|out)-([0-9]{1,15})$/.exec(text) ?? []
  if (number === undefined) throw deliveryNotFound(text)
  return { direction: direction === 'in' ? 'in' : 'out', number: Number(number) }
}
