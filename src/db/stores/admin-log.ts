import type { Reader, Tx } from '../database.ts'
import type { AdminLogTable } from '../identity-tables.ts'

export interface AdminLogEntry {
  readonly id: string
  /** In ms since 1970. */
  readonly at: number
  readonly actor: { readonly kind: AdminLogTable['actor_kind']; readonly name: string | null }
  readonly action: string
  readonly target: string | null
  /** Never a secret. */
  readonly details: Readonly<Record<string, unknown>>
}

export async function addAdminLogEntry(tx: Tx, entry: Omit<AdminLogEntry, 'id'>): Promise<void> {
  await tx
    .insertInto('admin_log')
    .values({
      at: entry.at,
      actor_kind: entry.actor.kind,
      actor_name: entry.actor.name,
      action: entry.action,
      target: entry.target,
      details: JSON.stringify(entry.details),
    })
    .execute()
}

/** Newest first. */
export async function listAdminLog(
  db: Reader,
  page: { readonly before: number | null; readonly limit: number },
): Promise<AdminLogEntry[]> {
  let select = db
    .selectFrom('admin_log')
    .select(['id', 'at', 'actor_kind', 'actor_name', 'action', 'target', 'details'])
    .orderBy('id', 'desc')
    .limit(page.limit)
  if (page.before !== null) select = select.where('id', '<', page.before)
  return (await select.execute()).map((row) => ({
    id: String(row.id),
    at: row.at,
    actor: { kind: row.actor_kind, name: row.actor_name },
    action: row.action,
    target: row.target,
    details: JSON.parse(row.details) as Record<string, unknown>,
  }))
}

/** Deletes entries of before a time in ms, looking at the `limit` oldest; returns how many. Ids rise with time. */
export async function pruneAdminLog(tx: Tx, { before, limit }: { before: number; limit: number }): Promise<number> {
  const oldest = await tx.selectFrom('admin_log').select(['id', 'at']).orderBy('id').limit(limit).execute()
  const lastId = Math.max(0, ...oldest.filter((row) => row.at < before).map((row) => row.id))
  const deleted = await tx.deleteFrom('admin_log').where('id', '<=', lastId).where('at', '<', before).executeTakeFirst()
  return Number(deleted.numDeletedRows)
}
