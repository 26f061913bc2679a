import type { IssueKey } from '../../domain/ids.ts'
import type { Problem } from '../../domain/problem.ts'
import type { SmartCommitAction } from '../../domain/smart-commit-record.ts'
import type { Reader } from '../database.ts'

/** The commands of these smart commits, by the number of each, in order. */
export async function listActionsOf(
  db: Reader,
  smartCommits: readonly number[],
): Promise<ReadonlyMap<number, readonly SmartCommitAction[]>> {
  if (smartCommits.length === 0) return new Map()
  const rows = await db
    .selectFrom('smart_commit_actions')
    .select(['id', 'smart_commit_id', 'position', 'issue_key', 'name', 'argument', 'state', 'attempts', 'summary', 'problem'])
    .select(['jira_id', 'actor', 'user_name', 'started_at', 'ended_at'])
    .where('smart_commit_id', 'in', smartCommits)
    .orderBy('smart_commit_id')
    .orderBy('position')
    .execute()
  const groups = Map.groupBy(rows, (row) => row.smart_commit_id)
  return new Map([...groups].map(([id, own]) => [id, own.map(toAction)]))
}

interface Row {
  readonly id: number
  readonly position: number
  readonly issue_key: string
  readonly name: string
  readonly argument: string
  readonly state: SmartCommitAction['state']
  readonly attempts: number
  readonly summary: string | null
  readonly problem: string | null
  readonly jira_id: string | null
  readonly actor: SmartCommitAction['actor']
  readonly user_name: string | null
  readonly started_at: number | null
  readonly ended_at: number | null
}

function toAction(row: Row): SmartCommitAction {
  return {
    id: row.id,
    position: row.position,
    key: row.issue_key as IssueKey,
    name: row.name,
    argument: row.argument,
    state: row.state,
    attempts: row.attempts,
    summary: row.summary,
    problem: row.problem === null ? null : (JSON.parse(row.problem) as Problem),
    jiraId: row.jira_id,
    actor: row.actor,
    userName: row.user_name,
    startedAt: row.started_at === null ? null : new Date(row.started_at),
    endedAt: row.ended_at === null ? null : new Date(row.ended_at),
  }
}
