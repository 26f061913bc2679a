import type { IssueKey } from '../../domain/ids.ts'
import type { Problem } from '../../domain/problem.ts'
import type { Reader, Tx } from '../database.ts'

/**
 * What a rule did with one issue because of one event:
 *
 * - (none) → acting: written before Jira is asked to change anything.
 * - acting → done | failed: Jira answered. Found acting at a start: Jira is asked whether it was done.
 * - (none) → skipped: nothing was to be done, with the reason.
 */
export type TriggerRunState = 'acting' | 'done' | 'skipped' | 'failed'

export interface TriggerRun {
  readonly eventId: number
  readonly issueKey: IssueKey
  /** Jira's id of the issue; null: it was not found. */
  readonly issueId: string | null
  readonly rule: { readonly id: string; readonly name: string }
  readonly state: TriggerRunState
  readonly summary: string
  readonly problem: Problem | null
  /** The issue was moved, or is to be. */
  readonly moved: boolean
  /** While acting: the status that it is moved to. */
  readonly targetStatus: string | null
  readonly at: Date
}

/**
 * Stores it in the place of what was read for this event and issue, if that is still there and acting: a process that was held
 * up may come after another one that took over.
 *
 * @param over the attempt that was read, or stored before by the same run; null: nothing was stored
 * @returns its attempt; null: another run has the issue now, or ended it
 */
export async function saveTriggerRun(tx: Tx, run: TriggerRun, over: number | null): Promise<number | null> {
  const columns = {
    issue_id: run.issueId,
    rule_id: Number(run.rule.id),
    rule_name: run.rule.name,
    state: run.state,
    summary: run.summary,
    problem: run.problem === null ? null : JSON.stringify(run.problem),
    moved: run.moved ? 1 : 0,
    target_status: run.targetStatus,
    at: run.at.getTime(),
  } as const
  const place = { event_id: run.eventId, issue_key: run.issueKey }
  const saved =
    over === null
      ? await tx
          .insertInto('trigger_runs')
          .values({ ...place, ...columns, attempt: 0 })
          .onConflict((conflict) => conflict.columns(['event_id', 'issue_key']).doNothing())
          .returning('attempt')
          .executeTakeFirst()
      : await tx
          .updateTable('trigger_runs')
          .set({ ...columns, attempt: over + 1 })
          .where('event_id', '=', place.event_id)
          .where('issue_key', '=', place.issue_key)
          .where('state', '=', 'acting')
          .where('attempt', '=', over)
          .returning('attempt')
          .executeTakeFirst()
  return saved?.attempt ?? null
}

export type FoundTriggerRun = Pick<TriggerRun, 'state' | 'summary' | 'targetStatus' | 'rule' | 'at'> & {
  readonly attempt: number
}

/** What is stored for this event, by issue. */
export async function findTriggerRuns(db: Reader, eventId: number): Promise<Map<IssueKey, FoundTriggerRun>> {
  const rows = await db
    .selectFrom('trigger_runs')
    .select(['issue_key', 'state', 'summary', 'target_status', 'rule_id', 'rule_name', 'at', 'attempt'])
    .where('event_id', '=', eventId)
    .execute()
  return new Map(
    rows.map(({ issue_key, state, summary, target_status, rule_id, rule_name, at, attempt }) => [
      issue_key as IssueKey,
      { state, summary, targetStatus: target_status, rule: { id: String(rule_id), name: rule_name }, at: new Date(at), attempt },
    ]),
  )
}

/** What is stored for this event and the same issue under another of its keys; null: nothing. */
export async function findRunOfSameIssue(
  db: Reader,
  { eventId, key, issueId }: { readonly eventId: number; readonly key: IssueKey; readonly issueId: string },
): Promise<Pick<TriggerRun, 'issueKey' | 'state'> | null> {
  const row = await db
    .selectFrom('trigger_runs')
    .select(['issue_key', 'state'])
    .where('event_id', '=', eventId)
    .where('issue_id', '=', issueId)
    .where('issue_key', '<>', key)
    .orderBy('id')
    .limit(1)
    .executeTakeFirst()
  return row === undefined ? null : { issueKey: row.issue_key as IssueKey, state: row.state }
}

/** How often rules moved an issue since then, by whatever keys it was named. */
export async function countMoves(db: Reader, issueId: string, since: Date): Promise<number> {
  const row = await db
    .selectFrom('trigger_runs')
    .select((e) => e.fn.countAll<number>().as('n'))
    .where('issue_id', '=', issueId)
    .where('at', '>=', since.getTime())
    .where('moved', '=', 1)
    .where('state', '=', 'done')
    .executeTakeFirstOrThrow()
  return Number(row.n)
}
