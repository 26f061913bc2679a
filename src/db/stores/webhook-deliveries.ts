import type { AccountId } from '../../domain/ids.ts'
import type { Problem } from '../../domain/problem.ts'
import type { Reader, Tx } from '../database.ts'

/**
 * A webhook delivery: pending → done | ignored | failed. It is stored before the host gets its answer, and says only
 * "look again": the state is read from the host afterwards.
 */
export interface ReceivedWebhook {
  readonly accountId: AccountId
  /** The host's id of this delivery, or one of ours when it sends none. */
  readonly deliveryId: string
  readonly event: string
  readonly receivedAt: number
  readonly body: string
  /** Without the secret. */
  readonly headers: Readonly<Record<string, string>>
}

/** Stores a delivery; null when one with the same id is stored already. */
export async function saveWebhook(tx: Tx, webhook: ReceivedWebhook): Promise<number | null> {
  const row = await tx
    .insertInto('webhook_deliveries')
    .values({
      account_id: webhook.accountId,
      delivery_id: webhook.deliveryId,
      event: webhook.event,
      received_at: webhook.receivedAt,
      body: webhook.body,
      headers: JSON.stringify(webhook.headers),
      state: 'pending',
      attempts: 0,
    })
    .onConflict((conflict) => conflict.columns(['account_id', 'delivery_id']).doNothing())
    .returning('id')
    .executeTakeFirst()
  return row?.id ?? null
}

export interface StoredWebhook {
  readonly id: number
  readonly accountId: AccountId
  readonly body: string
  readonly headers: Readonly<Record<string, string>>
}

export async function findWebhook(db: Reader, id: number): Promise<StoredWebhook | null> {
  const row = await db.selectFrom('webhook_deliveries').select(['id', 'account_id', 'body', 'headers']).where('id', '=', id).executeTakeFirst()
  if (row === undefined) return null
  return { id: row.id, accountId: row.account_id as AccountId, body: row.body, headers: JSON.parse(row.headers) as Record<string, string> }
}

export async function setWebhookOutcome(tx: Tx, id: number, outcome: { state: 'done' | 'ignored' | 'failed'; problem: Problem | null }): Promise<void> {
  await tx
    .updateTable('webhook_deliveries')
    .set({ state: outcome.state, error: outcome.problem === null ? null : JSON.stringify(outcome.problem), attempts: (e) => e('attempts', '+', 1) })
    .where('id', '=', id)
    .execute()
}
