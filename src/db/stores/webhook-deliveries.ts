import { sql } from 'kysely'
import type { AccountId, RepositoryId } from '../../domain/ids.ts'
import type { Problem } from '../../domain/problem.ts'
import type { WebhookHint } from '../../domain/webhook-hint.ts'
import type { Reader, Tx } from '../database.ts'
import { insertRowsForIds } from '../insert-rows.ts'
import { jsonRows } from '../json-rows.ts'
import type { SettingKey } from './settings.ts'

/**
 * A webhook delivery. It is stored before the host gets its answer, and says only "look again": the state is read from
 * the host afterwards. States:
 *
 * - pending: stored; its job waits.
 * - done: what it hinted at was asked for.
 * - ignored: it concerns nothing that is looked at.
 * - failed: `attempts` tries failed, the last one at `processed_at`; its job waits for the next.
 * - dead: nobody tries any more; `error` says why. A replay makes any of them pending again, if the payload is still there.
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
    const ids = await insertRowsForIds(tx, {
      ...DELIVERIES,
      values: rows.flatMap(toValues),
      children: { ...PAYLOADS, values: rows.map(({ body }) => body), counts: rows.map(() => 1) },
    })
    for (const [index, row] of rows.entries()) stored.set(row, ids[index] ?? null)
  }
  return webhooks.map((webhook) => stored.get(webhook) ?? null)
}

const PAYLOADS = { table: 'webhook_payloads', columns: { webhook_id: 'bigint', body: 'text' }, onConflict: '' } as const

const DELIVERIES = {
  table: 'webhook_deliveries',
  columns: {
    account_id: 'text',
    delivery_id: 'text',
    event: 'text',
    received_at: 'bigint',
    headers: 'text',
    state: 'text',
    attempts: 'bigint',
    hint: 'text',
    error: 'text',
    processed_at: 'bigint',
  },
  key: 'delivery_id',
  onConflict: 'on conflict (account_id, delivery_id) do nothing',
} as const

function toValues({ accountId, deliveryId, event, receivedAt, headers, reading }: ReceivedWebhook) {
  const common = [accountId, deliveryId, event, receivedAt, JSON.stringify(headers)]
  return 'hint' in reading
    ? [...common, 'pending', 0, JSON.stringify(reading.hint), null, null]
    : [...common, 'dead', 1, null, JSON.stringify(reading.problem), receivedAt]
}

export interface PendingWebhook {
  readonly id: number
  readonly accountId: AccountId
  readonly event: string
  readonly hint: WebhookHint
}

/** Deliveries to follow, oldest first, without their bodies. */
export async function listPendingWebhooks(
  db: Reader,
  { after, limit }: { readonly after: number; readonly limit: number },
): Promise<PendingWebhook[]> {
  const rows = await db
    .selectFrom('webhook_deliveries')
    .select(['id', 'account_id', 'event', 'hint'])
    .where('state', '=', 'pending')
    .where('hint', 'is not', null)
    .where('id', '>', after)
    .orderBy('id')
    .limit(limit)
    .execute()
  return rows.map((row) => ({
    id: row.id,
    accountId: row.account_id as AccountId,
    event: row.event,
    hint: JSON.parse(row.hint ?? '') as WebhookHint,
  }))
}

/** Of those that were still to be followed when payloads of their age were cleared: they go when nobody needs them any more. */
async function dropLatePayloads(tx: Tx, ids: readonly number[]): Promise<void> {
  const rows = jsonRows(
    tx,
    { i: 'bigint' },
    ids.map((i) => ({ i })),
  )
  await sql`
    delete from webhook_payloads
    where webhook_id in (select r.i from ${rows} as r) and webhook_id <= coalesce(
      (select cast(value as bigint) from settings where key = ${sql.lit('retention.payloads-cleared-to' satisfies SettingKey)}), 0
    )
  `.execute(tx)
}

/** What became of a delivery that was followed. */
export interface FollowedWebhook {
  readonly state: 'done' | 'ignored'
  /** The repository that it is about; absent: unknown. */
  readonly repositoryId?: RepositoryId
}

/** Records what became of deliveries. */
export async function setWebhooksFollowed(
  tx: Tx,
  followed: readonly (FollowedWebhook & { readonly id: number })[],
  now: number,
): Promise<void> {
  const rows = jsonRows(
    tx,
    { i: 'bigint', s: 'text', r: 'bigint' },
    followed.map(({ id, state, repositoryId }) => ({
      i: id,
      s: state,
      r: repositoryId === undefined ? null : Number(repositoryId),
    })),
  )
  await sql`
    update webhook_deliveries
    set state = f.s, attempts = attempts + 1, error = null, processed_at = ${now},
      repository_id = coalesce(f.r, repository_id)
    from ${rows} as f where webhook_deliveries.id = f.i
  `.execute(tx)
  await dropLatePayloads(
    tx,
    followed.map(({ id }) => id),
  )
}

export interface StoredWebhook {
  readonly id: number
  readonly accountId: AccountId
  readonly event: string
  readonly body: string
  readonly headers: Readonly<Record<string, string>>
}

/** null: there is none, or it was followed already. */
export async function findWebhook(db: Reader, id: number): Promise<StoredWebhook | null> {
  const row = await db
    .selectFrom('webhook_deliveries as w')
    .innerJoin('webhook_payloads as p', 'p.webhook_id', 'w.id')
    .select(['w.id', 'w.account_id', 'w.event', 'p.body', 'w.headers'])
    .where('w.id', '=', id)
    .where('w.state', 'in', ['pending', 'failed'])
    .executeTakeFirst()
  if (row === undefined) return null
  return {
    id: row.id,
    accountId: row.account_id as AccountId,
    event: row.event,
    body: row.body,
    headers: JSON.parse(row.headers) as Record<string, string>,
  }
}

/** Records what became of a try. The body stays until its time is over: see `clearPayloads`. */
export async function setWebhookOutcome(
  tx: Tx,
  id: number,
  outcome: {
    readonly state: 'done' | 'ignored' | 'failed' | 'dead'
    readonly problem: Problem | null
    /** The repository that it is about; absent: unknown. */
    readonly repositoryId?: RepositoryId
    readonly now: number
  },
): Promise<void> {
  await tx
    .updateTable('webhook_deliveries')
    .set({
      state: outcome.state,
      error: outcome.problem === null ? null : JSON.stringify(outcome.problem),
      attempts: (e) => e('attempts', '+', 1),
      processed_at: outcome.now,
      ...(outcome.repositoryId === undefined ? {} : { repository_id: Number(outcome.repositoryId) }),
    })
    .where('id', '=', id)
    .execute()
  // A failed one is tried again.
  if (outcome.state !== 'failed') await dropLatePayloads(tx, [id])
}

/** failed, pending → dead: nobody tries any more, for the reason of the last try. Returns its event; null: it was in another state. */
export async function buryWebhook(
  tx: Tx,
  id: number,
  { problem, now }: { problem: Problem; now: number },
): Promise<string | null> {
  const row = await tx
    .updateTable('webhook_deliveries')
    .set({ state: 'dead', error: JSON.stringify(problem), processed_at: now })
    .where('id', '=', id)
    .where('state', 'in', ['pending', 'failed'])
    .returning('event')
    .executeTakeFirst()
  if (row !== undefined) await dropLatePayloads(tx, [id])
  return row?.event ?? null
}

/** Any state → pending; false when there is no such delivery, or its payload is gone. */
export async function reopenWebhook(tx: Tx, id: number): Promise<boolean> {
  const { numUpdatedRows } = await tx
    .updateTable('webhook_deliveries')
    .set({ state: 'pending', attempts: 0, error: null })
    .where('id', '=', id)
    .where('id', 'in', tx.selectFrom('webhook_payloads').select('webhook_id').where('webhook_id', '=', id))
    .executeTakeFirst()
  return numUpdatedRows > 0n
}

/**
 * Removes the payloads of deliveries received before a time in ms, of `limit` after the one up to which that is done;
 * returns the new mark, null when nothing is left to do. Those that are still to be followed keep theirs until they were.
 */
export async function clearPayloads(
  tx: Tx,
  { after, before, limit }: { after: number; before: number; limit: number },
): Promise<number | null> {
  const next = await tx
    .selectFrom('webhook_deliveries')
    .select(['id', 'received_at'])
    .where('id', '>', after)
    .orderBy('id')
    .limit(limit)
    .execute()
  const until = Math.max(0, ...next.filter((row) => row.received_at < before).map((row) => row.id))
  if (until === 0) return null
  const old = tx
    .selectFrom('webhook_deliveries')
    .select('id')
    .where('id', '>', after)
    .where('id', '<=', until)
    .where('received_at', '<', before)
    .where('state', 'not in', ['pending', 'failed'])
  await tx.deleteFrom('webhook_payloads').where('webhook_id', 'in', old).execute()
  return until
}

/**
 * Deletes deliveries received before a time in ms, looking at the `limit` oldest; returns how many. Ids rise with time,
 * so no index is needed.
 */
export async function pruneWebhooks(tx: Tx, { before, limit }: { before: number; limit: number }): Promise<number> {
  const oldest = await tx.selectFrom('webhook_deliveries').select(['id', 'received_at']).orderBy('id').limit(limit).execute()
  const lastId = Math.max(0, ...oldest.filter((row) => row.received_at < before).map((row) => row.id))
  const old = tx.selectFrom('webhook_deliveries').select('id').where('id', '<=', lastId).where('received_at', '<', before)
  await tx.deleteFrom('webhook_payloads').where('webhook_id', 'in', old).execute()
  const deleted = await tx
    .deleteFrom('webhook_deliveries')
    .where('id', '<=', lastId)
    .where('received_at', '<', before)
    .executeTakeFirst()
  return Number(deleted.numDeletedRows)
}
