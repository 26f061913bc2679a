import type { IssueKey } from '../../domain/ids.ts'
import type { Problem } from '../../domain/problem.ts'
import type { SmartCommitAction } from '../../domain/smart-commit-record.ts'
import type { Reader, Tx } from '../database.ts'

/** Which issue an action is for: two keys may lead to one. */
export async function noteActionIssue(tx: Tx, actionId: number, issueId: string): Promise<void> {
  await tx.updateTable('smart_commit_actions').set({ issue_id: issueId }).where('id', '=', actionId).execute()
}

export interface ActionOnIssue {
  readonly commitId: string
  readonly actionId: number
  /** Of the actions of one command. */
  readonly positions: readonly number[]
  readonly issueId: string
}

/** Another action of the same command on the same issue that was done, or may have been; null: there is none. */
export async function findSameAction(
  db: Reader,
  { commitId, actionId, positions, issueId }: ActionOnIssue,
): Promise<Pick<SmartCommitAction, 'key' | 'state' | 'problem'> | null> {
  const row = await db
    .selectFrom('smart_commit_actions')
    .select(['issue_key', 'state', 'problem'])
    .where('smart_commit_id', '=', Number(commitId))
    .where('issue_id', '=', issueId)
    .where('position', 'in', positions)
    .where('id', '<>', actionId)
    .where((e) => e.or([e('state', '=', 'done'), e('started_at', 'is not', null)]))
    .orderBy('position')
    .limit(1)
    .executeTakeFirst()
  if (row === undefined) return null
  const problem = row.problem === null ? null : (JSON.parse(row.problem) as Problem)
  return { key: row.issue_key as IssueKey, state: row.state, problem }
}
