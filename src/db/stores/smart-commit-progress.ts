import { sql } from 'kysely'
import type { Problem } from '../../domain/problem.ts'
import type { SmartCommitActor, SmartCommitState } from '../../domain/smart-commit-record.ts'
import type { Reader, Tx } from '../database.ts'

// The transitions of `domain/smart-commit-record.ts` that the execution makes. Each is true only of what is still there: a
// process that was held up may come after another one that took over. Each run counts an attempt first; who counted another
// one, or none, changes nothing any more.

/** Counts before anything is asked for an action: it may fail before anything is begun. False: another run has it now. */
export async function countAttempt(tx: Tx, { id, attempts }: { id: number; attempts: number }): Promise<boolean> {
  const counted = await tx
    .updateTable('smart_commit_actions')
    .set({ attempts: attempts + 1 })
    .where('id', '=', id)
    .where('attempts', '=', attempts)
    .where('state', 'in', ['found', 'executing'])
    .executeTakeFirst()
  return counted.numUpdatedRows > 0n
}

/** Whether the run that counted this attempt still has the action. */
export async function isAttempt(db: Reader, { id, attempt }: { id: number; attempt: number }): Promise<boolean> {
  const row = await db
    .selectFrom('smart_commit_actions')
    .select('id')
    .where('id', '=', id)
    .where('attempts', '=', attempt)
    .where('state', 'in', ['found', 'executing'])
    .executeTakeFirst()
  return row !== undefined
}

/** In whose name something is done, as Jira knows them. */
export interface ActionAuthor {
  /** Stays when they are renamed. */
  readonly userKey: string
  readonly name: string
}

export interface ActionBegin {
  readonly commitId: string
  readonly actionId: number
  /** As it was counted. */
  readonly attempt: number
  /** When it was begun before, as it was read; null: it was not. */
  readonly startedAt: Date | null
  readonly actor: SmartCommitActor
  readonly author: ActionAuthor
  readonly target: string | null
  readonly now: number
}

/**
 * found (or left executing by a run that broke off) → executing: before Jira is asked to change anything.
 *
 * @param target the status that a transition is to lead to, so that it is known again; null: it is no transition
 * @returns false: another run has it now, or ended it; Jira is not to be asked
 */
export async function beginAction(tx: Tx, { commitId, actionId, ...run }: ActionBegin): Promise<boolean> {
  const begun = await tx
    .updateTable('smart_commit_actions')
    .set({
      state: 'executing',
      // What is looked for in Jira is not older than the first time.
      started_at: run.startedAt?.getTime() ?? run.now,
      jira_id: run.target,
      actor: run.actor,
      user_name: run.author.name,
      user_key: run.author.userKey,
    })
    .where('id', '=', actionId)
    .where('state', 'in', ['found', 'executing'])
    .where('attempts', '=', run.attempt)
    .where('started_at', run.startedAt === null ? 'is' : '=', run.startedAt?.getTime() ?? null)
    .executeTakeFirst()
  if (begun.numUpdatedRows === 0n) return false
  await tx
    .updateTable('smart_commits')
    .set({ state: 'executing' })
    .where('id', '=', Number(commitId))
    .where('state', '=', 'found')
    .execute()
  return true
}

export type ActionEnd =
  | { readonly kind: 'done'; readonly summary: string; readonly jiraId: string | null }
  | { readonly kind: 'failed'; readonly problem: Problem }

/**
 * found, executing → done, failed.
 *
 * @param attempt as it was counted
 * @param undone nothing of it reached Jira: it is as if it was never begun. Otherwise what is known of a failed one stays, to
 *   be looked for when a person asks for it again
 * @returns false: another run has it now, or ended it
 */
export async function endAction(
  tx: Tx,
  { id, attempt }: { id: number; attempt: number },
  { end, now, author, undone = false }: { end: ActionEnd; now: number; author?: ActionAuthor; undone?: boolean },
): Promise<boolean> {
  const outcome =
    end.kind === 'done'
      ? { summary: end.summary, jira_id: end.jiraId, problem: null }
      : { summary: null, problem: JSON.stringify(end.problem), ...(undone ? { started_at: null, jira_id: null } : {}) }
  const who = author === undefined ? {} : { user_name: author.name, user_key: author.userKey }
  const ended = await tx
    .updateTable('smart_commit_actions')
    .set({ state: end.kind, ended_at: now, ...outcome, ...who })
    .where('id', '=', id)
    .where('attempts', '=', attempt)
    .where('state', 'in', ['found', 'executing'])
    .executeTakeFirst()
  return ended.numUpdatedRows > 0n
}

/**
 * found, executing → done, or failed when one of its commands did; null: some are still to be executed.
 *
 * @param reply the author is to be told on the host, unless that was done before
 */
export async function endSmartCommit(
  tx: Tx,
  id: string,
  { now, reply }: { now: number; reply: boolean },
): Promise<SmartCommitState | null> {
  const own = Number(id)
  const rows = await tx.selectFrom('smart_commit_actions').select('state').where('smart_commit_id', '=', own).execute()
  if (rows.some(({ state }) => state === 'found' || state === 'executing')) return null
  const state = rows.some((row) => row.state === 'failed') ? 'failed' : 'done'
  await tx
    .updateTable('smart_commits')
    .set({
      state,
      executed_at: now,
      problem: null,
      ...(reply ? { reply_state: sql<'waiting'>`coalesce(reply_state, 'waiting')` } : {}),
    })
    .where('id', '=', own)
    .where('state', 'in', ['found', 'executing'])
    .execute()
  return state
}

/** found, executing → skipped; what was begun of it stays as it is. */
export async function skipSmartCommit(tx: Tx, id: string, problem: Problem): Promise<void> {
  await tx
    .updateTable('smart_commits')
    .set({ state: 'skipped', problem: JSON.stringify(problem) })
    .where('id', '=', Number(id))
    .where('state', 'in', ['found', 'executing'])
    .execute()
}

/**
 * skipped, failed → found: what failed of it, or was skipped, is to be tried again, what is done stays. False: it is in
 * neither state.
 */
export async function askAgain(tx: Tx, id: string, who: string): Promise<boolean> {
  const own = Number(id)
  const changed = await tx
    .updateTable('smart_commits')
    .set({ state: 'found', problem: null, asked_by: who })
    .where('id', '=', own)
    .where('state', 'in', ['skipped', 'failed'])
    .executeTakeFirst()
  if (changed.numUpdatedRows === 0n) return false
  await tx
    .updateTable('smart_commit_actions')
    .set({ state: 'found', problem: null, attempts: 0, ended_at: null })
    .where('smart_commit_id', '=', own)
    .where('state', 'in', ['failed', 'skipped'])
    .execute()
  return true
}

/** found → skipped: commands, by position, that another commit executed. */
export async function skipActions(tx: Tx, id: string, problems: ReadonlyMap<number, Problem>): Promise<void> {
  for (const [position, problem] of problems) {
    await tx
      .updateTable('smart_commit_actions')
      .set({ state: 'skipped', problem: JSON.stringify(problem) })
      .where('smart_commit_id', '=', Number(id))
      .where('position', '=', position)
      .where('state', '=', 'found')
      .execute()
  }
}
