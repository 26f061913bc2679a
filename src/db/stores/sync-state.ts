import { sql } from 'kysely'
import { repositoryId, type RepositoryId } from '../../domain/ids.ts'
import type { Problem } from '../../domain/problem.ts'
import type { Asker } from '../../domain/asker.ts'
import type { SyncMode, SyncProgress, SyncStep, SyncStepRun } from '../../domain/repository.ts'
import type { Reader, Tx } from '../database.ts'
import { jsonRows } from '../json-rows.ts'

/**
 * The columns behind the state machine of `domain/repository.ts`. Every function is one transition; those that a race
 * could turn round name the state they leave in their `where`.
 */

/**
 * idle, retrying, paused → queued; while running the request is remembered. A full request is never weakened to soft, and
 * reads everything from the beginning. One statement, so that no other transition comes between looking and changing.
 */
export async function requestSync(tx: Tx, id: RepositoryId, mode: SyncMode): Promise<'queued' | 'remembered'> {
  return (await requestSyncs(tx, [id], mode)).has(id) ? 'remembered' : 'queued'
}

/** The same of several; resolves to those that are running, whose requests are remembered. */
export async function requestSyncs(tx: Tx, ids: readonly RepositoryId[], mode: SyncMode): Promise<ReadonlySet<RepositoryId>> {
  const full = mode === 'full'
  const asked = full
    ? { remembered: sql<SyncMode>`'full'`, next: sql<SyncMode>`'full'` }
    : {
        remembered: sql<SyncMode>`coalesce(sync_requested, 'soft')`,
        next: sql<SyncMode>`case when sync_state <> 'idle' and sync_mode = 'full' then 'full' else 'soft' end`,
      }
  const asking = jsonRows(
    tx,
    { i: 'bigint' },
    ids.map((id) => ({ i: Number(id) })),
  )
  const rows = await tx
    .updateTable('repositories')
    .set({
      sync_requested: sql`case when sync_state = 'running' then ${asked.remembered} else sync_requested end`,
      sync_mode: sql`case when sync_state = 'running' then sync_mode else ${asked.next} end`,
      sync_retry_at: sql`case when sync_state = 'running' then sync_retry_at end`,
      sync_state: sql`case when sync_state = 'running' then 'running' else 'queued' end`,
      cancel_requested: sql<0 | 1>`case when sync_state = 'running' then cancel_requested else 0 end`,
      ...(full
        ? { pull_requests_cursor: sql<string | null>`case when sync_state = 'running' then pull_requests_cursor end` }
        : {}),
    })
    .where(sql<boolean>`id in (select r.i from ${asking} as r)`)
    .returning(['id', 'sync_state'])
    .execute()
  return new Set(rows.filter((row) => row.sync_state === 'running').map(({ id }) => repositoryId(String(id))))
}

export interface StartedSync {
  /** Number of the journal entry. */
  readonly entry: number
  readonly mode: SyncMode
}

/**
 * queued (or left running by a process that died) → running. The mode is what was asked for until now: a request that
 * the dead run remembered is served by this one, and its journal entry is ended.
 *
 * @throws when the repository is not stored
 */
export async function beginSync(
  tx: Tx,
  id: RepositoryId,
  run: { trigger: string; askedBy?: Asker; now: number },
): Promise<StartedSync> {
  const { sync_mode: mode } = await tx
    .updateTable('repositories')
    .set({
      sync_state: 'running',
      sync_mode: sql<SyncMode>`coalesce(case when sync_requested = 'full' then 'full' end, sync_mode)`,
      pull_requests_cursor: sql<string | null>`case when sync_requested = 'full' then null else pull_requests_cursor end`,
      // Cancelled in a run whose process died: this one ends at once, unless somebody asked again.
      cancel_requested: sql<0 | 1>`case when sync_requested is null then cancel_requested else 0 end`,
      sync_requested: null,
      sync_requested_by: null,
      sync_step: null,
      sync_started_at: run.now,
      sync_retry_at: null,
      progress_commits: 0,
      progress_branches: 0,
      progress_pull_requests: 0,
      progress_issues: 0,
    })
    .where('id', '=', Number(id))
    .returning('sync_mode')
    .executeTakeFirstOrThrow()
  await failOpenEntries(tx, { id, now: run.now, problem: INTERRUPTED })
  const { id: entry } = await tx
    .insertInto('syncs')
    .values({
      repository_id: Number(id),
      trigger: run.trigger,
      asked_by: run.askedBy ?? null,
      mode,
      started_at: run.now,
      outcome: 'running',
      commits: 0,
      branches: 0,
      pull_requests: 0,
      issues: 0,
    })
    .returning('id')
    .executeTakeFirstOrThrow()
  return { entry, mode }
}

/**
 * At the start of every transaction in which a run stores something: false when it is to store nothing more, because it
 * was cancelled or the repository is gone. On PostgreSQL the row stays locked until the commit, so that whoever cancels
 * or deletes knows that nothing comes after him.
 */
export async function holdSync(tx: Tx, id: RepositoryId): Promise<boolean> {
  const row = await tx
    .updateTable('repositories')
    .set({ cancel_requested: sql<0 | 1>`cancel_requested` })
    .where('id', '=', Number(id))
    .returning('cancel_requested')
    .executeTakeFirst()
  return row?.cancel_requested === 0
}

/** Whether a run is to end: somebody cancelled it, or its repository is gone. */
export async function isSyncCancelled(db: Reader, id: RepositoryId): Promise<boolean> {
  const row = await db.selectFrom('repositories').select('cancel_requested').where('id', '=', Number(id)).executeTakeFirst()
  return row?.cancel_requested !== 0
}

/** Asks the running synchronisation to end, on whatever node it runs, and forgets what was remembered meanwhile. */
export async function cancelRunningSync(tx: Tx, id: RepositoryId): Promise<void> {
  await tx
    .updateTable('repositories')
    .set({ cancel_requested: 1, sync_requested: null })
    .where('id', '=', Number(id))
    .where('sync_state', '=', 'running')
    .execute()
}

export async function setSyncProgress(tx: Tx, id: RepositoryId, progress: SyncProgress & { step: SyncStep }): Promise<void> {
  await tx
    .updateTable('repositories')
    .set({
      sync_step: progress.step,
      progress_commits: progress.commits,
      progress_branches: progress.branches,
      progress_pull_requests: progress.pullRequests,
      progress_issues: progress.issues,
    })
    .where('id', '=', Number(id))
    .execute()
}

export type SyncOutcome =
  | { readonly kind: 'done' }
  | { readonly kind: 'cancelled' }
  | { readonly kind: 'retrying'; readonly problem: Problem; readonly at: number }
  | { readonly kind: 'paused'; readonly problem: Problem; readonly until: number | null }

export interface FinishedSync {
  readonly entry: number
  readonly outcome: SyncOutcome
  readonly progress: SyncProgress
  readonly now: number
  /** What it did and asked of the host; absent: nothing is told of it. */
  readonly account?: { readonly steps: readonly SyncStepRun[]; readonly requests: number }
}

/**
 * running → idle, retrying or paused; returns the mode of a request that was remembered meanwhile, or `gone` when the
 * repository was deleted meanwhile.
 */
export async function endSync(
  tx: Tx,
  id: RepositoryId,
  { entry, outcome, progress, now, account }: FinishedSync,
): Promise<SyncMode | 'gone' | null> {
  const own = Number(id)
  const problem = toStoredProblem(outcome)
  // Changed first, which locks the row: a request that comes now waits and finds the run ended.
  const row = await tx
    .updateTable('repositories')
    .set({
      sync_state: outcome.kind === 'retrying' || outcome.kind === 'paused' ? outcome.kind : 'idle',
      sync_step: null,
      cancel_requested: 0,
      sync_error: problem,
      sync_retry_at: outcome.kind === 'retrying' ? outcome.at : outcome.kind === 'paused' ? outcome.until : null,
      sync_attempts: outcome.kind === 'retrying' ? sql<number>`sync_attempts + 1` : 0,
      ...(outcome.kind === 'done'
        ? {
            sync_finished_at: now,
            relinked_after: sql<number | null>`case when relinked_after >= ${entry} then relinked_after end`,
          }
        : {}),
    })
    .where('id', '=', own)
    .returning('sync_requested')
    .executeTakeFirst()
  if (row === undefined) return 'gone'
  await tx.updateTable('repositories').set({ sync_requested: null }).where('id', '=', own).execute()
  await tx
    .updateTable('syncs')
    .set({
      finished_at: now,
      outcome: outcome.kind === 'done' ? 'done' : outcome.kind === 'cancelled' ? 'cancelled' : 'failed',
      error: problem,
      commits: progress.commits,
      branches: progress.branches,
      pull_requests: progress.pullRequests,
      issues: progress.issues,
      ...(account === undefined ? {} : { steps: JSON.stringify(account.steps), requests: account.requests }),
    })
    .where('id', '=', entry)
    .execute()
  return row.sync_requested
}

/** Cancelled counts as failing: the next sweep asks again, for what was not read may never be touched again at the host. */
function toStoredProblem(outcome: SyncOutcome): string | null {
  if ('problem' in outcome) return JSON.stringify(outcome.problem)
  if (outcome.kind === 'done') return null
  return JSON.stringify({ code: 'cancelled', message: 'The synchronisation was cancelled.', remedy: null } satisfies Problem)
}

/** any state → idle, by the job that would run it: nothing is to be synchronised any more. */
export async function dropSync(tx: Tx, id: RepositoryId, now: number): Promise<void> {
  await tx
    .updateTable('repositories')
    .set({ sync_state: 'idle', sync_step: null, sync_requested: null, cancel_requested: 0, sync_retry_at: null })
    .where('id', '=', Number(id))
    .execute()
  await failOpenEntries(tx, { id, now, problem: INTERRUPTED })
}

/** queued, retrying, paused → idle; false when it was in none of them. */
export async function cancelWaitingSync(tx: Tx, id: RepositoryId): Promise<boolean> {
  const result = await tx
    .updateTable('repositories')
    .set({ sync_state: 'idle', sync_retry_at: null })
    .where('id', '=', Number(id))
    .where('sync_state', 'in', ['queued', 'retrying', 'paused'])
    .executeTakeFirst()
  return result.numUpdatedRows > 0n
}

const INTERRUPTED: Problem = { code: 'interrupted', message: 'The connector stopped during this synchronisation.', remedy: null }

async function failOpenEntries(tx: Tx, { id, now, problem }: { id: RepositoryId; now: number; problem: Problem }): Promise<void> {
  await tx
    .updateTable('syncs')
    .set({ outcome: 'failed', finished_at: now, error: JSON.stringify(problem) })
    .where('repository_id', '=', Number(id))
    .where('outcome', '=', 'running')
    .execute()
}

/** running → paused: its job was given up without the run having ended by itself. Returns what was remembered meanwhile. */
export async function abandonSync(
  tx: Tx,
  id: RepositoryId,
  { problem, now }: { problem: Problem; now: number },
): Promise<SyncMode | null> {
  const own = Number(id)
  const row = await tx
    .updateTable('repositories')
    .set({ sync_state: 'paused', sync_step: null, cancel_requested: 0, sync_error: JSON.stringify(problem), sync_retry_at: null })
    .where('id', '=', own)
    .where('sync_state', 'in', ['running', 'queued'])
    .returning('sync_requested')
    .executeTakeFirst()
  if (row === undefined) return null
  await tx.updateTable('repositories').set({ sync_requested: null }).where('id', '=', own).execute()
  await failOpenEntries(tx, { id, now, problem })
  return row.sync_requested
}

/**
 * running → queued, for a process that owns the database alone: what runs in it at its start was left by one that died.
 * Of many nodes each ends its own (see `beginSync`).
 */
export async function failInterruptedSyncs(tx: Tx, now: number): Promise<void> {
  const error = JSON.stringify(INTERRUPTED)
  await tx.updateTable('syncs').set({ outcome: 'failed', finished_at: now, error }).where('outcome', '=', 'running').execute()
  await tx
    .updateTable('repositories')
    .set({ sync_state: 'queued', sync_step: null })
    .where('sync_state', '=', 'running')
    .execute()
}

/** Linked repositories that wait although the embedded queue has no job for them, in whatever state. */
export async function listSyncsWithoutJob(
  db: Reader,
  toJobKey: (id: RepositoryId) => string,
): Promise<{ id: RepositoryId; mode: SyncMode }[]> {
  const rows = await db
    .selectFrom('repositories')
    .select(['id', 'sync_mode'])
    .where('sync_state', 'in', ['queued', 'retrying'])
    .where('linked', '=', 1)
    .execute()
  if (rows.length === 0) return []
  const jobs = await db.selectFrom('jobs').select('key').where('name', '=', 'sync-repository').execute()
  const keys = new Set(jobs.map(({ key }) => key))
  return rows
    .map((row) => ({ id: String(row.id) as RepositoryId, mode: row.sync_mode }))
    .filter(({ id }) => !keys.has(toJobKey(id)))
}

export async function findSyncAttempts(db: Reader, id: RepositoryId): Promise<number> {
  const row = await db.selectFrom('repositories').select('sync_attempts').where('id', '=', Number(id)).executeTakeFirst()
  return row?.sync_attempts ?? 0
}
