import { sql } from 'kysely'
import type { AccountId, RepositoryId } from '../../domain/ids.ts'
import type { Problem } from '../../domain/problem.ts'
import type { SyncMode, SyncProgress, SyncStep } from '../../domain/repository.ts'
import type { Reader, Tx } from '../database.ts'

/**
 * The columns behind the state machine of `domain/repository.ts`. Every function is one transition; those that a race
 * could turn round name the state they leave in their `where`.
 */

/** idle, retrying, paused → queued; while running the request is remembered. A full request is never weakened to soft. */
export async function requestSync(tx: Tx, id: RepositoryId, mode: SyncMode): Promise<'queued' | 'remembered'> {
  const own = Number(id)
  const full = mode === 'full'
  const remembered = await tx
    .updateTable('repositories')
    .set({ sync_requested: full ? 'full' : sql<SyncMode>`coalesce(sync_requested, 'soft')` })
    .where('id', '=', own)
    .where('sync_state', '=', 'running')
    .executeTakeFirst()
  if (remembered.numUpdatedRows > 0n) return 'remembered'
  await tx
    .updateTable('repositories')
    .set({
      sync_state: 'queued',
      sync_mode: full ? 'full' : sql<SyncMode>`case when sync_state <> 'idle' and sync_mode = 'full' then 'full' else 'soft' end`,
      sync_retry_at: null,
    })
    .where('id', '=', own)
    .execute()
  return 'queued'
}

/** queued (or left running by a process that died) → running; returns the number of the journal entry. */
export async function beginSync(tx: Tx, id: RepositoryId, run: { mode: SyncMode; trigger: string; now: number }): Promise<number> {
  await tx
    .updateTable('repositories')
    .set({
      sync_state: 'running',
      sync_mode: run.mode,
      sync_requested: null,
      sync_step: null,
      sync_started_at: run.now,
      sync_retry_at: null,
      progress_commits: 0,
      progress_branches: 0,
      progress_pull_requests: 0,
      progress_issues: 0,
    })
    .where('id', '=', Number(id))
    .execute()
  const { id: entry } = await tx
    .insertInto('syncs')
    .values({
      repository_id: Number(id),
      trigger: run.trigger,
      mode: run.mode,
      started_at: run.now,
      outcome: 'running',
      commits: 0,
      branches: 0,
      pull_requests: 0,
      issues: 0,
    })
    .returning('id')
    .executeTakeFirstOrThrow()
  return entry
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
}

/** running → idle, retrying or paused; returns the mode of a request that was remembered meanwhile. */
export async function endSync(tx: Tx, id: RepositoryId, { entry, outcome, progress, now }: FinishedSync): Promise<SyncMode | null> {
  const own = Number(id)
  const row = await tx.selectFrom('repositories').select('sync_requested').where('id', '=', own).executeTakeFirst()
  const problem = 'problem' in outcome ? JSON.stringify(outcome.problem) : null
  await tx
    .updateTable('repositories')
    .set({
      sync_state: outcome.kind === 'retrying' || outcome.kind === 'paused' ? outcome.kind : 'idle',
      sync_step: null,
      sync_requested: null,
      sync_error: problem,
      sync_retry_at: outcome.kind === 'retrying' ? outcome.at : outcome.kind === 'paused' ? outcome.until : null,
      sync_attempts: outcome.kind === 'retrying' ? sql<number>`sync_attempts + 1` : 0,
      ...(outcome.kind === 'done' ? { sync_finished_at: now } : {}),
    })
    .where('id', '=', own)
    .execute()
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
    })
    .where('id', '=', entry)
    .execute()
  return row?.sync_requested ?? null
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

/** What a process that died left running or waiting: to be asked for again. */
export async function listInterruptedSyncs(db: Reader): Promise<{ id: RepositoryId; mode: SyncMode }[]> {
  const rows = await db
    .selectFrom('repositories')
    .select(['id', 'sync_mode'])
    .where('sync_state', 'in', ['running', 'queued', 'retrying'])
    .where('linked', '=', 1)
    .execute()
  return rows.map((row) => ({ id: String(row.id) as RepositoryId, mode: row.sync_mode }))
}

/** Ends the journal entries and the states that a dead process left running. */
export async function failInterruptedEntries(tx: Tx, now: number): Promise<void> {
  const error = JSON.stringify({ code: 'interrupted', message: 'The connector stopped during this synchronisation.', remedy: null } satisfies Problem)
  await tx.updateTable('syncs').set({ outcome: 'failed', finished_at: now, error }).where('outcome', '=', 'running').execute()
  await tx.updateTable('repositories').set({ sync_state: 'queued', sync_step: null }).where('sync_state', '=', 'running').execute()
}

export async function findSyncAttempts(db: Reader, id: RepositoryId): Promise<number> {
  const row = await db.selectFrom('repositories').select('sync_attempts').where('id', '=', Number(id)).executeTakeFirst()
  return row?.sync_attempts ?? 0
}

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
export async function listSyncs(db: Reader, id: RepositoryId, page: { before: number | null; limit: number }): Promise<SyncEntry[]> {
  let select = db
    .selectFrom('syncs')
    .select(['id', 'trigger', 'mode', 'started_at', 'finished_at', 'outcome', 'error', 'commits', 'branches', 'pull_requests', 'issues'])
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

/** Before commits are stored: until `endHistory` the history counts as incomplete. */
export async function beginHistory(tx: Tx, id: RepositoryId, generation: number): Promise<void> {
  await tx.updateTable('repositories').set({ history_complete: 0, generation }).where('id', '=', Number(id)).execute()
}

/** After commits, branches and kept heads are stored: the next synchronisation counts from them. */
export async function endHistory(tx: Tx, id: RepositoryId, rulesVersion: number): Promise<void> {
  await tx.updateTable('repositories').set({ history_complete: 1, rules_version: rulesVersion }).where('id', '=', Number(id)).execute()
}

/** Newest entity stored, for the column "Last activity". */
export async function raiseLastActivity(tx: Tx, id: RepositoryId, at: number): Promise<void> {
  await tx
    .updateTable('repositories')
    .set({ last_activity_at: at })
    .where('id', '=', Number(id))
    .where((e) => e.or([e('last_activity_at', 'is', null), e('last_activity_at', '<', at)]))
    .execute()
}

/** Moves the mark from which pull requests are listed the next time. */
export async function setPullRequestsSince(tx: Tx, id: RepositoryId, at: number | null): Promise<void> {
  await tx.updateTable('repositories').set({ pull_requests_since: at }).where('id', '=', Number(id)).execute()
}

/** Repositories of an account, or of all, with their states: for the end of a foreground synchronisation. */
export async function listSyncStates(
  db: Reader,
  accountId: AccountId | null,
): Promise<{ id: RepositoryId; name: string; state: string; error: Problem | null }[]> {
  let select = db.selectFrom('repositories').select(['id', 'path', 'sync_state', 'sync_error']).where('linked', '=', 1)
  if (accountId !== null) select = select.where('account_id', '=', accountId)
  const rows = await select.execute()
  return rows.map((row) => ({
    id: String(row.id) as RepositoryId,
    name: row.path,
    state: row.sync_state,
    error: row.sync_error === null ? null : (JSON.parse(row.sync_error) as Problem),
  }))
}
