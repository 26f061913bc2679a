import type { Tx } from '../database.ts'

/**
 * Deletes journal entries of synchronisations that ended before a time in ms, looking at the `limit` oldest; returns how
 * many. Ids rise with time, so no index is needed.
 */
export async function pruneSyncs(tx: Tx, { before, limit }: { before: number; limit: number }): Promise<number> {
  const oldest = await tx.selectFrom('syncs').select(['id', 'finished_at']).orderBy('id').limit(limit).execute()
  const lastId = Math.max(0, ...oldest.filter((row) => row.finished_at !== null && row.finished_at < before).map((row) => row.id))
  const deleted = await tx.deleteFrom('syncs').where('id', '<=', lastId).where('finished_at', '<', before).executeTakeFirst()
  return Number(deleted.numDeletedRows)
}
