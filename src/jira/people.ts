import { isConnectorError } from '../lib/connector-error.ts'
import { isPermitted } from './issue-permission.ts'
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
  // The body says who it is, and nobody gets 401: X-AUSERNAME, which proves it elsewhere, is not promised for signed calls.
  const asked = { what: 'asking who signs in', anonymousAllowed: true, signal }
  const { name, key, displayName } = await transport.get({ path: 'rest/api/2/myself', ...asked }, myselfSchema)
  const call = { path: 'rest/api/2/mypermissions', query: { permissions: 'ADMINISTER,SYSTEM_ADMIN' }, ...asked }
  const { permissions } = await transport.get(call, myPermissionsSchema)
  const administrator = ['ADMINISTER', 'SYSTEM_ADMIN'].some((one) => permissions[one]?.havePermission === true)
  return { userKey: key ?? name, name, displayName: displayName || name, administrator }
}

/**
 * Whether somebody may see the development information of an issue: Browse Projects, the security level included, and View
 * Development Tools. Rejects as `isPermitted` does, except that an issue that is not there is not seen.
 */
export async function maySeeDevelopment(
  transport: JiraTransport,
  { person, issue }: { readonly person: Pick<JiraPerson, 'userKey' | 'name'>; readonly issue: string },
  signal: AbortSignal,
): Promise<boolean> {
  try {
    return await isPermitted(transport, { ...person, issue, permissions: ['BROWSE_PROJECTS', 'VIEW_DEV_TOOLS'] }, signal)
  } catch (error) {
    if (isConnectorError(error, 'jira-issue-not-found')) return false
    throw error
  }
}
