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

/** Jira's own limit. The name is searched for by its beginning, in e-mail addresses and full names too: `li` may find many. */
const PAGE = 1_000
/** Each page costs Jira a search among all of its users. Who stands behind 20,000 others of the same beginning is not found. */
const MOST_PAGES = 20

const foundSchema = z.array(z.object({ name: z.string(), key: z.string().optional() }))

interface AskedPerson {
  readonly name: string
  /** Jira's key of the person, where it must be theirs; it stays when they are renamed. */
  readonly userKey?: string
  readonly issue: string
  readonly permissions: readonly IssuePermission[]
}

/**
 * Whether an active person has all these permissions on an issue, its security level included
 * (`GET /rest/api/2/user/permission/search`, page by page). The transport's user must administer Jira or the project, else
 * Jira answers 403.
 *
 * @throws ConnectorError `jira-issue-not-found`, `jira-permission-missing`, or what else the client's calls reject with
 */
export async function isPermitted(transport: JiraTransport, asked: AskedPerson, signal: AbortSignal): Promise<boolean> {
  const { name, userKey, permissions } = asked
  try {
    return await search(permissions)
  } catch (error) {
    if (isConnectorError(error, 'jira-refused')) return search(permissions.map((one) => OLDER_NAMES[one]))
    throw error
  }

  async function search(names: readonly string[]): Promise<boolean> {
    for (let page = 0; page < MOST_PAGES; page += 1) {
      const found = await readPage(transport, { ...asked, names, startAt: page * PAGE }, signal)
      if (found.some((user) => user.name === name && (userKey === undefined || (user.key ?? user.name) === userKey))) return true
      if (found.length < PAGE) return false
    }
    return false
  }
}

function readPage(
  transport: JiraTransport,
  { name, issue, names, startAt }: Pick<AskedPerson, 'name' | 'issue'> & { names: readonly string[]; startAt: number },
  signal: AbortSignal,
): Promise<z.infer<typeof foundSchema>> {
  const slice = { startAt: String(startAt), maxResults: String(PAGE) }
  const query = { username: name, permissions: names.join(','), issueKey: issue, ...slice }
  const what = `asking who may see or change issue ${issue}`
  return transport.get({ path: 'rest/api/2/user/permission/search', query, what, issue, signal }, foundSchema)
}
