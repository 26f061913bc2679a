import { sql } from 'kysely'
import type { IssueKey, RepositoryId } from '../../domain/ids.ts'
import type { Tx } from '../database.ts'
import { FORCED_CONTENT, markRepositoryIssuesDirty, UNCERTAIN_CONTENT } from './issues.ts'

/** What is known of Jira's content becomes uncertain; what was never written stays so. */
const UNCERTAIN = sql<string | null>`case when content_hash is null then null else ${UNCERTAIN_CONTENT} end`

/** Postpones the next look at issues that Jira still does not know: twice as long as the last time. */
export async function postponeChecks(
  tx: Tx,
  keys: readonly IssueKey[],
  { now, baseMs, maxMs }: { now: number; baseMs: number; maxMs: number },
): Promise<void> {
  if (keys.length === 0) return
  const wait = sql<number>`${baseMs} * (cast(1 as bigint) << cast(case when attempts > 20 then 20 else attempts end as integer))`
  await tx
    .updateTable('issues')
    .set({
      attempts: sql<number>`attempts + 1`,
      check_at: sql<number>`${now} + case when ${wait} > ${maxMs} then ${maxMs} else ${wait} end`,
    })
    .where('issue_key', 'in', keys)
    .where('state', '=', 'unknown')
    .execute()
}

/** Makes refused issues due whose next look has come, newest first; their reason and their attempts stay until Jira answers. */
export async function retryRefusedIssues(tx: Tx, { now, limit }: { now: number; limit: number }): Promise<void> {
  const due = tx
    .selectFrom('issues')
    .select('issue_key')
    .where('state', '=', 'refused')
    .where('project_key', 'in', (e) => e.selectFrom('projects').select('key'))
    .where((e) => e.or([e('check_at', 'is', null), e('check_at', '<=', now)]))
    .orderBy('newest_at', 'desc')
    .limit(limit)
  await tx
    .updateTable('issues')
    .set({ state: 'dirty', due_at: now })
    .where('issue_key', 'in', due)
    .where('state', '=', 'refused')
    .execute()
}

/** Makes everything due that was refused in these projects: Jira lets the connector's user write there now. */
export async function retryRefusedProjects(tx: Tx, projectKeys: readonly string[], now: number): Promise<void> {
  if (projectKeys.length === 0) return
  await tx
    .updateTable('issues')
    .set({ state: 'dirty', due_at: now, attempts: 0 })
    .where('state', '=', 'refused')
    .where('project_key', 'in', projectKeys)
    .execute()
}

/** Forgets which Jira issue these keys are: Jira does not know that issue any more. */
export async function forgetIssueIdentities(tx: Tx, keys: readonly IssueKey[]): Promise<void> {
  if (keys.length === 0) return
  await tx
    .updateTable('issues')
    .set({ jira_id: null, current_key: null, content_hash: UNCERTAIN })
    .where('issue_key', 'in', keys)
    .execute()
}

/** Takes nothing for granted any more: every key is looked up again and compared with what Jira holds. */
export async function forgetJira(tx: Tx, dueAt: number): Promise<void> {
  await tx
    .updateTable('issues')
    .set({
      jira_id: null,
      current_key: null,
      content_hash: UNCERTAIN,
      state: 'dirty',
      version: sql<number>`version + 1`,
      attempts: 0,
      due_at: sql<number>`coalesce(due_at, ${dueAt})`,
    })
    .execute()
}

/** Makes an issue due, under every key that it had, and lets it be written whatever Jira holds; false: nothing is stored of it. */
export async function forceDelivery(
  tx: Tx,
  issue: { readonly key: IssueKey; readonly jiraId: string },
  now: number,
): Promise<boolean> {
  const rows = await tx
    .updateTable('issues')
    .set({
      content_hash: FORCED_CONTENT,
      state: 'dirty',
      version: sql<number>`version + 1`,
      attempts: 0,
      due_at: now,
    })
    .where((e) => e.or([e('issue_key', '=', issue.key), e('jira_id', '=', issue.jiraId)]))
    .returning('issue_key')
    .execute()
  return rows.length > 0
}

/** Makes everything due that Jira has or refused: the settings that decide what it gets have changed. */
export async function markDeliveredIssuesDirty(tx: Tx, dueAt: number): Promise<void> {
  await tx
    .updateTable('issues')
    .set({ state: 'dirty', version: sql<number>`version + 1`, attempts: 0, due_at: sql<number>`coalesce(due_at, ${dueAt})` })
    .where('state', 'in', ['clean', 'refused'])
    .execute()
}

/** Makes a repository's issues due and lets their content be compared with what Jira holds. */
export async function recheckRepositoryIssues(tx: Tx, repositoryId: RepositoryId, dueAt: number): Promise<void> {
  await markRepositoryIssuesDirty(tx, repositoryId, dueAt)
  const id = Number(repositoryId)
  await sql`
    update issues set content_hash = ${UNCERTAIN_CONTENT}
    where content_hash is not null and issue_key in (
      select k.issue_key from commit_keys k join commits c on c.id = k.commit_id where c.repository_id = ${id}
      union select b.issue_key from branch_keys b where b.repository_id = ${id}
      union select k.issue_key from pull_request_keys k join pull_requests p on p.id = k.pull_request_id where p.repository_id = ${id}
      union select k.issue_key from build_keys k join builds b on b.id = k.build_id where b.repository_id = ${id}
      union select k.issue_key from deployment_keys k join deployments d on d.id = k.deployment_id where d.repository_id = ${id}
    )
  `.execute(tx)
}
