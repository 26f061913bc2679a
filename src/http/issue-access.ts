import type { FastifyRequest } from 'fastify'
import type { ViewPermission } from '../app/identity/view-permission.ts'
import type { RouteContext } from './http-app.ts'
import { issueNotFound } from './issue-reference.ts'

/**
 * Viewers see what Jira lets them see, and it is asked before anything is looked up here: an issue that is hidden and one that
 * does not exist take the same way.
 *
 * @param issue key or numeric id, as the request names it
 * @throws ConnectorError `issue-not-found`, `view-permission-unknown`
 */
export async function ensureMayView(
  { viewPermission, closing }: Pick<RouteContext, 'closing'> & { readonly viewPermission: ViewPermission },
  { caller }: FastifyRequest,
  issue: string,
): Promise<void> {
  if (caller?.kind !== 'session' || caller.signedIn.session.role === 'administrator') return
  const { jiraUserKey, name } = caller.signedIn.user
  const key = issue.toUpperCase()
  const may = jiraUserKey !== null && (await viewPermission.mayViewDevelopment({ userKey: jiraUserKey, name }, key, closing))
  if (!may) throw issueNotFound(key)
}
