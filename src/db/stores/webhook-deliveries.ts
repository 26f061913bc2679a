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

/** null: there is none, or it was followed already. */
export async function findWebhook(db: Reader, id: number): Promise<StoredWebhook | null> {
  const row = await db
    .selectFrom('webhook_deliveries')
    .select(['id', 'account_id', 'body', 'headers'])
    .where('id', '=', id)
    .where('state', 'in', ['pending', 'failed'])
    .executeTakeFirst()
  if (row === undefined) return null
  return {
    id: row.id,
    accountId: row.account_id as AccountId,
    body: row.body,
    headers: JSON.parse(row.headers) as Record<string, string>,
  }
}

/** Records what became of it. Only a failed one keeps its body, for people to look at. */
export async function setWebhookOutcome(
  tx: Tx,
  id: number,
  outcome: { state: 'done' | 'ignored' | 'failed'; problem: Problem | null },
): Promise<void> {
  await tx
    .updateTable('webhook_deliveries')
    .set({
      state: outcome.state,
      error: outcome.problem === null ? null : JSON.stringify(outcome.problem),
      attempts: (e) => e('attempts', '+', 1),
      ...(outcome.state === 'failed' ? {} : { body: '' }),
    })
    .where('id', '=', id)
    .execute()
}

/**
 * Deletes deliveries received before a time in ms, looking at the `limit` oldest; returns how many. Ids rise with time,
 * so no index is needed.
 */
export async function pruneWebhooks(tx: Tx, { before, limit }: { before: number; limit: number }): Promise<number> {
  const oldest = await tx.selectFrom('webhook_deliveries').select(['id', 'received_at']).orderBy('id').limit(limit).execute()
  const lastId = Math.max(0, ...oldest.filter((row) => row.received_at < before).map((row) => row.id))
  const deleted = await tx
    .deleteFrom('webhook_deliveries')
    .where('id', '<=', lastId)
    .where('received_at', '<', before)
    .executeTakeFirst()
  return Number(deleted.numDeletedRows)
}
