import type { RepositoryId } from '../../domain/ids.ts'
import type { Tx } from '../database.ts'
import { saveRuns, sweepRuns, type KeyedRun, type RunBatch, type RunTable, type SavedRun } from './run-rows.ts'

const BUILDS: RunTable = { name: 'builds', keys: 'build_keys', parent: 'build_id' }

export interface KeyedBuild extends KeyedRun {
  /** Branch or tag that was built. */
  readonly ref: string
}

/** Stores builds that name issues; see `saveRuns`. */
export function saveBuilds(tx: Tx, batch: RunBatch<KeyedBuild>): Promise<readonly SavedRun<KeyedBuild>[]> {
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
