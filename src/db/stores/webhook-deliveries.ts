import { sql } from 'kysely'
import type { AccountId } from '../../domain/ids.ts'
import type { Problem } from '../../domain/problem.ts'
import type { WebhookHint } from '../../domain/webhook-hint.ts'
import type { Reader, Tx } from '../database.ts'
import { insertRowsForIds } from '../insert-rows.ts'
import { jsonRows } from '../json-rows.ts'

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
  /** What it asks for, or why that cannot be told. */
  readonly reading: { readonly hint: WebhookHint } | { readonly problem: Problem }
}

/** Stores deliveries; resolves to their ids, null for each whose delivery id is stored already or came earlier in the list. */
export async function saveWebhooks(tx: Tx, webhooks: readonly ReceivedWebhook[]): Promise<(number | null)[]> {
  const stored = new Map<ReceivedWebhook, number | null>()
  for (const ofAccount of Map.groupBy(webhooks, ({ accountId }) => accountId).values()) {
    const firsts = new Map(ofAccount.toReversed().map((webhook) => [webhook.deliveryId, webhook]))
    const rows = [...firsts.values()].reverse()
    const ids = await insertRowsForIds(tx, { ...DELIVERIES, values: rows.flatMap(toValues) })
    for (const [index, row] of rows.entries()) stored.set(row, ids[index] ?? null)
  }
  return webhooks.map((webhook) => stored.get(webhook) ?? null)
}

const DELIVERIES = {
  table: 'webhook_deliveries',
  columns: {
    account_id: 'text',
    delivery_id: 'text',
    event: 'text',
    received_at: 'bigint',
    body: 'text',
    headers: 'text',
    state: 'text',
    attempts: 'bigint',
    hint: 'text',
    error: 'text',
  },
  key: 'delivery_id',
  onConflict: 'on conflict (account_id, delivery_id) do nothing',
} as const

function toValues({ accountId, deliveryId, event, receivedAt, body, headers, reading }: ReceivedWebhook) {
  const common = [accountId, deliveryId, event, receivedAt, body, JSON.stringify(headers)]
  return 'hint' in reading
    ? [...common, 'pending', 0, JSON.stringify(reading.hint), null]
    : [...common, 'failed', 1, null, JSON.stringify(reading.problem)]
}

export interface PendingWebhook {
  readonly id: number
  readonly accountId: AccountId
  readonly hint: WebhookHint
}

/** Deliveries to follow, oldest first, without their bodies. */
export async function listPendingWebhooks(
  db: Reader,
  { after, limit }: { readonly after: number; readonly limit: number },
): Promise<PendingWebhook[]> {
  const rows = await db
    .selectFrom('webhook_deliveries')
    .select(['id', 'account_id', 'hint'])
    .where('state', '=', 'pending')
    .where('hint', 'is not', null)
    .where('id', '>', after)
    .orderBy('id')
    .limit(limit)
    .execute()
  return rows.map((row) => ({
    id: row.id,
    accountId: row.account_id as AccountId,
    hint: JSON.parse(row.hint ?? '') as WebhookHint,
  }))
}

/** Records that deliveries were followed. Their bodies are not needed any more. */
export async function setWebhooksFollowed(tx: Tx, ids: readonly number[], state: 'done' | 'ignored'): Promise<void> {
  if (ids.length === 0) return
  await sql`
    update webhook_deliveries set state = ${state}, attempts = attempts + 1, body = ''
    where id in (select r.i from ${jsonRows(
      tx,
      { i: 'bigint' },
      ids.map((i) => ({ i })),
    )} as r)
  `.execute(tx)
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
