import { z } from 'zod'
import { isConnectorError } from '../lib/connector-error.ts'
import type { JiraTransport } from './jira-transport.ts'

/**
 * The permissions that are asked about by their keys, and the names that Jira 6 had for them at this one
 * address (its source, `UserResource`). Jira refuses what it does not know with 400, and which version changed the names is not
 * documented.
 */
const OLDER_NAMES = {
  BROWSE_PROJECTS: 'BROWSE',
  VIEW_DEV_TOOLS: 'VIEW_VERSION_CONTROL',
  ADD_COMMENTS: 'COMMENT_ISSUE',
  WORK_ON_ISSUES: 'WORK_ISSUE',
  TRANSITION_ISSUES: 'TRANSITION_ISSUE',
} as const

export type IssuePermission = keyof typeof OLDER_NAMES

/** Jira's own limit. The name is searched for by its beginning: `a` may find many before it finds the one. */
const MAX_RESULTS = '1000'

const foundSchema = z.array(z.object({ name: z.string(), key: z.string().optional() }))

/**
 * Active people whose name begins with `name` and who have all these permissions on an issue, its security level included
 * (`GET /rest/api/2/user/permission/search`). The transport's user must administer Jira or the project, else Jira answers 403.
 *
 * @throws ConnectorError `jira-issue-not-found`, `jira-permission-missing`, or what else the client's calls reject with
 */
export function searchPermitted(
  transport: JiraTransport,
  {
    name,
    issue,
    permissions,
  }: { readonly name: string; readonly issue: string; readonly permissions: readonly IssuePermission[] },
  signal: AbortSignal,
): Promise<z.infer<typeof foundSchema>> {
  const search = (names: readonly string[]) => {
    const query = { username: name, permissions: names.join(','), issueKey: issue, maxResults: MAX_RESULTS }
    const what = `asking who may see or change issue ${issue}`
    return transport.get({ path: 'rest/api/2/user/permission/search', query, what, issue, signal }, foundSchema)
  }
  return search(permissions).catch((error: unknown) => {
    if (isConnectorError(error, 'jira-refused')) return search(permissions.map((one) => OLDER_NAMES[one]))
    throw error
  })
}
