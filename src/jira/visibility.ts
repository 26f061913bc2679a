import { z } from 'zod'
import { isConnectorError } from '../lib/connector-error.ts'
import { isPermitted, type IssuePermission } from './issue-permission.ts'
import type { JiraTransport } from './jira-transport.ts'

/** Somebody with an account in Jira. */
export interface JiraUser {
  /** Stays when they are renamed. */
  readonly userKey: string
  readonly name: string
  readonly displayName: string
  readonly active: boolean
}

export interface InstalledApp {
  readonly version: string
  readonly enabled: boolean
}

/**
 * What decides whether somebody sees the panel. Each call rejects with `jira-permission-missing` when the connector's user
 * may not ask, and with what else the client's calls reject with.
 */
export interface JiraVisibility {
  /** By name; else everybody whose name, e-mail address or full name is this text. */
  findUsers(text: string, signal: AbortSignal): Promise<readonly JiraUser[]>
  /** Whether somebody has a permission on an issue. The connector's user must administer Jira or the project. */
  hasPermission(name: string, asked: PermissionOnIssue, signal: AbortSignal): Promise<boolean>
  /** An app by its key; null: it is not installed. */
  findApp(key: string, signal: AbortSignal): Promise<InstalledApp | null>
}

export interface PermissionOnIssue {
  readonly issue: string
  readonly permission: IssuePermission
}

/** Jira's own limit: names are searched for by their beginning. */
const MAX_RESULTS = '1000'

const userSchema = z
  .object({
    name: z.string(),
    key: z.string().optional(),
    displayName: z.string().default(''),
    emailAddress: z.string().nullish(),
    active: z.boolean().default(true),
  })
  .transform(({ key, ...user }) => ({ ...user, userKey: key ?? user.name }))
const appSchema = z.object({ version: z.string().default(''), enabled: z.boolean() })

export function createJiraVisibility(transport: JiraTransport): JiraVisibility {
  return {
    async findUsers(text, signal) {
      const named = await findByName(transport, text, signal)
      return named === null ? searchUsers(transport, text, signal) : [named]
    },
    hasPermission: (name, asked, signal) => hasPermission(transport, { name, ...asked }, signal),
    findApp: (key, signal) => findApp(transport, key, signal),
  }
}

async function findByName(transport: JiraTransport, name: string, signal: AbortSignal): Promise<JiraUser | null> {
  const what = 'looking for a user'
  return nullIfMissing(
    transport.get({ path: 'rest/api/2/user', query: { username: name }, what, issue: name, signal }, userSchema),
  )
}

async function searchUsers(transport: JiraTransport, text: string, signal: AbortSignal): Promise<JiraUser[]> {
  const query = { username: text, includeInactive: 'true', maxResults: MAX_RESULTS }
  const call = { path: 'rest/api/2/user/search', query, what: 'searching for a user', signal }
  const found = await transport.get(call, z.array(userSchema))
  const same = (other: string | null | undefined) => other?.toLowerCase() === text.toLowerCase()
  return found.filter(({ name, displayName, emailAddress }) => same(name) || same(displayName) || same(emailAddress))
}

function hasPermission(
  transport: JiraTransport,
  { name, issue, permission }: PermissionOnIssue & { readonly name: string },
  signal: AbortSignal,
): Promise<boolean> {
  return isPermitted(transport, { name, issue, permissions: [permission] }, signal)
}

function findApp(transport: JiraTransport, key: string, signal: AbortSignal): Promise<InstalledApp | null> {
  const call = { path: `rest/plugins/1.0/${encodeURIComponent(key)}-key`, what: 'looking for the Jira app', issue: key, signal }
  return nullIfMissing(transport.get(call, appSchema))
}

/** A 404 of a call that names what it asks for means that there is no such thing. */
async function nullIfMissing<T>(asked: Promise<T>): Promise<T | null> {
  try {
    return await asked
  } catch (error) {
    if (isConnectorError(error, 'jira-issue-not-found')) return null
    throw error
  }
}
