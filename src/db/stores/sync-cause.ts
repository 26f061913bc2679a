import { findWebhookOf, type Asker } from '../../domain/asker.ts'
import type { Reader } from '../database.ts'

/** The webhook behind a synchronisation. */
export interface WebhookCause {
  readonly deliveryId: number
  /** In ms since 1970. */
  readonly receivedAt: number
}

/** When a webhook was received, if that is who asked and it is still in the journal; else null. */
export async function findWebhookCause(db: Reader, askedBy: Asker | null): Promise<WebhookCause | null> {
  const deliveryId = findWebhookOf(askedBy)
  if (deliveryId === null) return null
  const row = await db.selectFrom('webhook_deliveries').select('received_at').where('id', '=', deliveryId).executeTakeFirst()
  return row === undefined ? null : { deliveryId, receivedAt: row.received_at }
}

/** The webhooks behind these synchronisations, by the number of the synchronisation; those without one are absent. */
export async function listWebhookCauses(db: Reader, syncIds: readonly number[]): Promise<Map<number, WebhookCause>> {
  if (syncIds.length === 0) return new Map()
  const syncs = await db.selectFrom('syncs').select(['id', 'asked_by']).where('id', 'in', syncIds).execute()
  const asked = syncs.flatMap(({ id, asked_by }) => {
    const deliveryId = findWebhookOf(asked_by as Asker | null)
    return deliveryId === null ? [] : [{ id, deliveryId }]
  })
  if (asked.length === 0) return new Map()
  const ids = asked.map(({ deliveryId }) => deliveryId)
  const rows = await db.selectFrom('webhook_deliveries').select(['id', 'received_at']).where('id', 'in', ids).execute()
  const receivedAt = new Map(rows.map((row) => [row.id, row.received_at]))
  return new Map(
    asked.flatMap(({ id, deliveryId }) => {
      const at = receivedAt.get(deliveryId)
      return at === undefined ? [] : [[id, { deliveryId, receivedAt: at }] as const]
    }),
  )
}
