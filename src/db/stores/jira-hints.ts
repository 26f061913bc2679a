import { sql } from 'kysely'
import type { IssueKey } from '../../domain/ids.ts'
import type { Reader, Tx } from '../database.ts'
import { UNCERTAIN_CONTENT } from './issues.ts'

/** What Jira's side may have changed: an issue by its numeric id, and by keys. */
export interface IssueReference {
  /** null: not known. */
  readonly jiraId: string | null
  readonly keys: readonly IssueKey[]
}

export interface HeldIssue {
  readonly key: IssueKey
  readonly state: 'clean' | 'dirty' | 'retrying' | 'refused' | 'unknown'
  readonly jiraId: string | null
  readonly currentKey: IssueKey | null
}

/** The keys stored here that this may be: by the key itself, by what Jira called it last, or by its number. */
export async function listHeldIssues(db: Reader, { jiraId, keys }: IssueReference): Promise<HeldIssue[]> {
  if (jiraId === null && keys.length === 0) return []
  const rows = await db
    .selectFrom('issues')
    .select(['issue_key', 'state', 'jira_id', 'current_key'])
    .where((e) =>
      e.or([
        ...(keys.length === 0 ? [] : [e('issue_key', 'in', keys), e('current_key', 'in', keys)]),
        ...(jiraId === null ? [] : [e('jira_id', '=', jiraId)]),
      ]),
    )
    .execute()
  return rows.map(toHeldIssue)
}

/**
 * Makes issues due: Jira's side changed. Raises the version, so that a delivery under way, which asked Jira before, does
 * not count as an answer. `uncertain`: what Jira holds of them is to be looked at again.
 */
export async function requeueIssues(
  tx: Tx,
  keys: readonly IssueKey[],
  { dueAt, uncertain }: { dueAt: number; uncertain: boolean },
): Promise<void> {
  if (keys.length === 0) return
  const content = sql<string | null>`case when content_hash is null then null else ${UNCERTAIN_CONTENT} end`
  await tx
    .updateTable('issues')
    .set({
      state: 'dirty',
      version: sql<number>`version + 1`,
      due_at: sql<number>`case when due_at is not null and due_at < ${dueAt} then due_at else ${dueAt} end`,
      check_at: null,
      attempts: 0,
      reason: null,
      ...(uncertain ? { content_hash: content } : {}),
    })
    .where('issue_key', 'in', [...keys].sort())
    .execute()
}

/** Which of these keys are stored and unknown to Jira so far. */
export async function selectUnknownIssues(db: Reader, keys: readonly string[]): Promise<IssueKey[]> {
  if (keys.length === 0) return []
  const rows = await db
    .selectFrom('issues')
    .select('issue_key')
    .where('issue_key', 'in', keys)
    .where('state', '=', 'unknown')
    .execute()
  return rows.map((row) => row.issue_key as IssueKey)
}

/** Newest unknown issues of projects that Jira has, whenever they were looked at last. */
export async function listNewestUnknownIssues(db: Reader, limit: number): Promise<IssueKey[]> {
  const rows = await db
    .selectFrom('issues')
    .select('issue_key')
    .where('state', '=', 'unknown')
    .where('project_key', 'in', (e) => e.selectFrom('projects').select('key'))
    .orderBy('newest_at', 'desc')
    .limit(limit)
    .execute()
  return rows.map((row) => row.issue_key as IssueKey)
}

/** A project of which something stored is unknown to Jira. */
export interface AwaitedProject {
  /** Today's. */
  readonly key: string
  /** Today's and former ones: by any of them its issues may be named here. */
  readonly allKeys: readonly string[]
}

/** Projects that Jira has, with keys of which it knew no issue. */
export async function listAwaitedProjects(db: Reader): Promise<AwaitedProject[]> {
  const rows = await db
    .selectFrom('projects')
    .select(['key', 'jira_id', 'former'])
    .where('jira_id', 'in', (e) =>
      e
        .selectFrom('projects as p')
        .select('p.jira_id')
        .where('p.key', 'in', (i) => i.selectFrom('issues').select('project_key').distinct().where('state', '=', 'unknown')),
    )
    .orderBy('key')
    .execute()
  const byProject = Map.groupBy(rows, (row) => row.jira_id)
  return [...byProject.values()].flatMap((same) => {
    const today = same.find(({ former }) => Number(former) === 0)
    return today === undefined ? [] : [{ key: today.key, allKeys: same.map(({ key }) => key) }]
  })
}

/** Issues that Jira knew, in the order of their keys, after `after`; for a look at all of them, part by part. */
export async function listKnownIssues(db: Reader, { after, limit }: { after: string; limit: number }): Promise<HeldIssue[]> {
  const rows = await db
    .selectFrom('issues')
    .select(['issue_key', 'state', 'jira_id', 'current_key'])
    .where('issue_key', '>', after)
    .where('jira_id', 'is not', null)
    .orderBy('issue_key')
    .limit(limit)
    .execute()
  return rows.map(toHeldIssue)
}

/** How many issues Jira knew. */
export async function countKnownIssues(db: Reader): Promise<number> {
  const row = await db
    .selectFrom('issues')
    .select((e) => e.fn.countAll<number>().as('n'))
    .where('jira_id', 'is not', null)
    .executeTakeFirstOrThrow()
  return Number(row.n)
}

interface IssueRow {
  readonly issue_key: string
  readonly state: HeldIssue['state']
  readonly jira_id: string | null
  readonly current_key: string | null
}

function toHeldIssue(row: IssueRow): HeldIssue {
  return {
    key: row.issue_key as IssueKey,
    state: row.state,
    jiraId: row.jira_id,
    currentKey: row.current_key as IssueKey | null,
  }
}
