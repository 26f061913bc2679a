import type { RepositoryId } from '../../domain/ids.ts'
import type { Problem } from '../../domain/problem.ts'
import type { Reader, Tx } from '../database.ts'
import { findSetting, saveSetting } from './settings.ts'

/**
 * After a restoration: what waited when the backup was made, and what was met since, may have been done by the connector
 * that was lost. Each repository's first synchronisation that ends tells what there is now; until then nothing is news.
 *
 * @param tables those that the backup has; an older one lacks some
 */
export async function holdRestoredWork(
  tx: Tx,
  { tables, problem }: { tables: ReadonlySet<string>; problem: Problem },
): Promise<void> {
  const { last } = await tx
    .selectFrom('syncs')
    .select((e) => e.fn.max('id').as('last'))
    .executeTakeFirstOrThrow()
  await saveSetting(tx, 'restored.sync', String(last ?? 0))
  const told = JSON.stringify(problem)
  if (tables.has('smart_commits')) {
    await tx
      .updateTable('smart_commits')
      .set({ state: 'skipped', problem: told })
      .where('state', 'in', ['found', 'executing'])
      .execute()
    await tx
      .updateTable('smart_commits')
      .set({ reply_state: 'failed', reply_problem: told })
      .where('reply_state', 'in', ['waiting', 'posting'])
      .execute()
  }
  if (tables.has('development_events'))
    await tx.updateTable('development_events').set({ state: 'done' }).where('state', '=', 'pending').execute()
}

/** No synchronisation of the repository has ended well since the installation was restored; false: or it never was. */
export async function isRestoredUnmet(db: Reader, id: RepositoryId): Promise<boolean> {
  const last = await findSetting(db, 'restored.sync')
  if (last === null) return false
  const row = await db
    .selectFrom('syncs')
    .select('id')
    .where('repository_id', '=', Number(id))
    .where('id', '>', Number(last))
    .where('outcome', '=', 'done')
    .limit(1)
    .executeTakeFirst()
  return row === undefined
}
