import { findKeyOfJiraIssue, mayBeProject } from '../db/views/issues.ts'
import { issueKey, type IssueKey } from '../domain/ids.ts'
import { projectKeyOf } from '../domain/issue-keys.ts'
import { ConnectorError } from '../lib/connector-error.ts'
import type { RouteContext } from './http-app.ts'

/**
 * The key in upper case.
 *
 * @throws ConnectorError `issue-not-found` when Jira has no such project
 */
export async function getIssueKey(app: RouteContext['app'], text: string): Promise<IssueKey> {
  const key = issueKey(text.toUpperCase())
  if (await mayBeProject(app.db.read, projectKeyOf(key))) return key
  throw issueNotFound(key)
}

/** For what Jira does not have and for what the caller may not see: one answer. */
export function issueNotFound(issue: string): ConnectorError {
  return new ConnectorError('issue-not-found', { userMessage: `Jira has no issue ${issue}.` })
}

/**
 * The key for a numeric id or a key; null: a number of which nothing is stored, which may well be an issue.
 *
 * @throws ConnectorError `issue-not-found` as above
 */
export async function findIssueKey(app: RouteContext['app'], idOrKey: string): Promise<IssueKey | null> {
  return /^\d+$/.test(idOrKey) ? findKeyOfJiraIssue(app.db.read, idOrKey) : getIssueKey(app, idOrKey)
}
