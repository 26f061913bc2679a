import type { IssueKey } from '../../domain/ids.ts'
import type { Reader } from '../database.ts'

/** A key under which the Jira issue of this numeric id is stored, today's if possible; null: nothing is stored of it. */
export async function findKeyOfJiraIssue(db: Reader, jiraId: string): Promise<IssueKey | null> {
  const rows = await db
    .selectFrom('issues')
    .select(['issue_key', 'current_key'])
    .where('jira_id', '=', jiraId)
    .orderBy('issue_key')
    .execute()
  const row = rows.find(({ issue_key, current_key }) => issue_key === current_key) ?? rows[0]
  return row === undefined ? null : (row.issue_key as IssueKey)
}

/** Whether Jira has this project; as long as no project list was read at all, every project may exist. */
export async function mayBeProject(db: Reader, projectKey: string): Promise<boolean> {
  const own = await db.selectFrom('projects').select('key').where('key', '=', projectKey).executeTakeFirst()
  if (own !== undefined) return true
  return (await db.selectFrom('projects').select('key').limit(1).executeTakeFirst()) === undefined
}
