import { z } from 'zod'
import { isConnectorError } from '../lib/connector-error.ts'
import { myPermissionsSchema, myselfSchema } from './jira-schema.ts'
import type { JiraTransport } from './jira-transport.ts'

/** Somebody with an account in Jira. */
export interface JiraPerson {
  /** Stays when they are renamed. */
  readonly userKey: string
  /** What they sign in with. */
  readonly name: string
  readonly displayName: string
}

/** Whose credentials the transport carries, and whether they administer Jira. */
export async function getOwnPerson(
  transport: JiraTransport,
  signal: AbortSignal,
): Promise<JiraPerson & { readonly administrator: boolean }> {
  const what = 'asking who signs in'
  const { name, key, displayName } = await transport.get({ path: 'rest/api/2/myself', what, signal }, myselfSchema)
  const call = { path: 'rest/api/2/mypermissions', query: { permissions: 'ADMINISTER,SYSTEM_ADMIN' }, what, signal }
  const { permissions } = await transport.get(call, myPermissionsSchema)
  const administrator = ['ADMINISTER', 'SYSTEM_ADMIN'].some((one) => permissions[one]?.havePermission === true)
  return { userKey: key ?? name, name, displayName: displayName || name, administrator }
}

const foundSchema = z.array(z.object({ name: z.string(), key: z.string().optional() }))

/**
 * Names of the permissions "Browse Projects" and "View Development Tools". Jira refuses names that it does not know with 400:
 * the keys are of Jira 7 and later, but this one address took the older names (source of Jira 6, `UserResource`), and which
 * version changed that is not documented.
 */
const PERMISSION_NAMES = ['BROWSE_PROJECTS,VIEW_DEV_TOOLS', 'BROWSE,VIEW_VERSION_CONTROL'] as const
/** Jira's own limit. The name is searched for by its beginning: `a` may find many before it finds the one. */
const MAX_RESULTS = '1000'

/**
 * Whether somebody may see the development information of an issue: Browse Projects, the security level included, and View
 * Development Tools. The transport's user must administer Jira or the project, else Jira answers 403.
 */
export async function maySeeDevelopment(
  transport: JiraTransport,
  { person, issue }: { readonly person: Pick<JiraPerson, 'userKey' | 'name'>; readonly issue: string },
  signal: AbortSignal,
): Promise<boolean> {
  const [keys, olderNames] = PERMISSION_NAMES
  const search = async (permissions: string) => {
    const query = { username: person.name, permissions, issueKey: issue, maxResults: MAX_RESULTS }
    const call = { path: 'rest/api/2/user/permission/search', query, what: `asking who may see issue ${issue}`, issue, signal }
    const found = await transport.get(call, foundSchema)
    return found.some(({ name, key }) => name === person.name && (key ?? name) === person.userKey)
  }
  try {
    return await search(keys).catch((error: unknown) => {
      if (isConnectorError(error, 'jira-refused')) return search(olderNames)
      throw error
    })
  } catch (error) {
    if (isConnectorError(error, 'jira-issue-not-found')) return false
    throw error
  }
}
