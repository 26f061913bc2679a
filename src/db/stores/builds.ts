import type { RepositoryId, Sha } from '../../domain/ids.ts'
import type { Reader, Tx } from '../database.ts'
import { saveRuns, sweepRuns, type KeyedRun, type RunBatch, type RunTable } from './run-rows.ts'

const BUILDS: RunTable = { name: 'builds', keys: 'build_keys', parent: 'build_id' }

export interface KeyedBuild extends KeyedRun {
  /** Branch or tag that was built. */
  readonly ref: string
}

/** Stores builds that name issues; see `saveRuns`. */
export function saveBuilds(tx: Tx, batch: RunBatch<KeyedBuild>): Promise<void> {
  return saveRuns(tx, batch, { ...BUILDS, own: ({ ref }) => ({ ref }) })
}

/** See `sweepRuns`. */
export function sweepBuilds(
  tx: Tx,
  repositoryId: RepositoryId,
  sweep: { generation: number; limit: number; dueAt: number | null },
): Promise<number> {
  return sweepRuns(tx, BUILDS, { repositoryId, ...sweep })
}

/** Which of these commits a stored build ran for. */
export async function findBuiltShas(db: Reader, repositoryId: RepositoryId, shas: readonly Sha[]): Promise<Set<Sha>> {
  if (shas.length === 0) return new Set()
  const rows = await db
    .selectFrom('builds')
    .select('sha')
    .distinct()
    .where('repository_id', '=', Number(repositoryId))
    .where('sha', 'in', shas)
    .execute()
  return new Set(rows.map(({ sha }) => sha as Sha))
}
