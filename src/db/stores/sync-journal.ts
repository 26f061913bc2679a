import { sql } from 'kysely'
import type { Asker } from '../../domain/asker.ts'
import type { RepositoryId } from '../../domain/ids.ts'
import type { Problem } from '../../domain/problem.ts'
import type { SyncMode, SyncProgress, SyncStepRun } from '../../domain/repository.ts'
import type { Reader, Tx } from '../database.ts'
import { jsonRows } from '../json-rows.ts'

export interface SyncEntry {
  readonly id: string
  readonly trigger: string
  readonly mode: SyncMode
  readonly startedAt: Date
  readonly finishedAt: Date | null
  readonly outcome: 'running' | 'done' | 'failed' | 'cancelled'
  readonly error: Problem | null
  readonly progress: SyncProgress
  /** null: it was not recorded. */
  readonly askedBy: Asker | null
  /** Empty while it runs. */
  readonly steps: readonly SyncStepRun[]
  /** Requests made to the host. */
  readonly requests: number
}

/** Remembers who asked for synchronisations of repositories while one runs; the last one counts. */
export async function rememberAskers(
  tx: Tx,
  asked: readonly { readonly repositoryId: RepositoryId; readonly askedBy: Asker }[],
): Promise<void> {
  if (asked.length === 0) return
  const rows = jsonRows(
    tx,
    { i: 'bigint', a: 'text' },
    asked.map(({ repositoryId, askedBy }) => ({ i: Number(repositoryId), a: askedBy })),
  )
  await sql`update repositories set sync_requested_by = r.a from ${rows} as r where repositories.id = r.i`.execute(tx)
}

/** Who asked meanwhile; null: it is not known. */
export async function findRememberedAsker(db: Reader, id: RepositoryId): Promise<Asker | null> {
  const row = await db.selectFrom('repositories').select('sync_requested_by').where('id', '=', Number(id)).executeTakeFirst()
  return (row?.sync_requested_by ?? null) as Asker | null
}

/** When the last one that ended well began; null: none did, or it is forgotten. */
export async function findLastDone(db: Reader, id: RepositoryId): Promise<Date | null> {
  const row = await db
    .selectFrom('syncs')
    .select('started_at')
    .where('repository_id', '=', Number(id))
    .where('outcome', '=', 'done')
    .orderBy('id', 'desc')
    .limit(1)
    .executeTakeFirst()
  return row === undefined ? null : new Date(row.started_at)
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
      'asked_by',
      'steps',
      'requests',
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
    askedBy: row.asked_by as Asker | null,
    steps: row.steps === null ? [] : (JSON.parse(row.steps) as SyncStepRun[]),
    requests: row.requests,
  }))
}
