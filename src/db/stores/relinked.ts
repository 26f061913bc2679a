import { sql } from 'kysely'
import type { RepositoryId } from '../../domain/ids.ts'
import type { Reader, Tx } from '../database.ts'

/**
 * Repositories are linked again: what came to them meanwhile is no news, though it is met for the first time then. It ends
 * with their first synchronisation from now on that ends well, see `endSync`.
 */
export async function markRelinked(tx: Tx, ids: readonly RepositoryId[]): Promise<void> {
  if (ids.length === 0) return
  await tx
    .updateTable('repositories')
    .set({ relinked_after: sql<number>`(select coalesce(max(id), 0) from syncs)` })
    .where('id', 'in', ids.map(Number))
    .execute()
}

/** No synchronisation of the repository has ended well since it was linked again; false: or it never was. */
export async function isRelinkedUnmet(db: Reader, id: RepositoryId): Promise<boolean> {
  const row = await db.selectFrom('repositories').select('relinked_after').where('id', '=', Number(id)).executeTakeFirst()
  return row !== undefined && row.relinked_after !== null
}
