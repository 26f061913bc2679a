import type { RepositoryId } from '../../domain/ids.ts'
import type { Problem } from '../../domain/problem.ts'
import type { SyncMode, SyncProgress } from '../../domain/repository.ts'
import type { Reader } from '../database.ts'

export interface SyncEntry {
  readonly id: string
  readonly trigger: string
  readonly mode: SyncMode
  readonly startedAt: Date
  readonly finishedAt: Date | null
  readonly outcome: 'running' | 'done' | 'failed' | 'cancelled'
  readonly error: Problem | null
  readonly progress: SyncProgress
}

/** The journal of one repository, newest first. */
export async function listSyncs(
  db: Reader,
  id: RepositoryId,
  page: { before: number | null; limit: number },
): Promise<SyncEntry[]> {
  let select = db
    .selectFrom('syncs')
    .select([
      'id',
      'trigger',
      'mode',
      'started_at',
      'finished_at',
      'outcome',
      'error',
      'commits',
      'branches',
      'pull_requests',
      'issues',
    ])
    .where('repository_id', '=', Number(id))
    .orderBy('id', 'desc')
    .limit(page.limit)
  if (page.before !== null) select = select.where('id', '<', page.before)
  const rows = await select.execute()
  return rows.map((row) => ({
    id: String(row.id),
    trigger: row.trigger,
    mode: row.mode,
    startedAt: new Date(row.started_at),
    finishedAt: row.finished_at === null ? null : new Date(row.finished_at),
    outcome: row.outcome,
    error: row.error === null ? null : (JSON.parse(row.error) as Problem),
    progress: { commits: row.commits, branches: row.branches, pullRequests: row.pull_requests, issues: row.issues },
  }))
}
