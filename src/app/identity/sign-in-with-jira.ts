import { saveJiraUser } from '../../db/stores/users.ts'
import type { JiraCredentials } from '../../jira/jira-transport.ts'
import { ConnectorError, isConnectorError } from '../../lib/connector-error.ts'
import type { AppContext } from '../app-context.ts'
import { beginSession, type BeginSession } from './sessions.ts'

export interface JiraSignIn extends Pick<BeginSession, 'userAgent' | 'replaces'> {
  /** Of theirs, a personal access token or what a sign-in at Jira gave: asked with once, never stored. */
  readonly credentials: JiraCredentials
}

/**
 * Signs in whoever credentials of Jira belong to: as administrator when they administer Jira, else as viewer.
 *
 * @returns the value of the new session
 * @throws ConnectorError `jira-sign-in-off`, `jira-sign-in-refused`, and those of the Jira client
 */
export async function signInWithJira(
  app: AppContext,
  { credentials, ...browser }: JiraSignIn,
  signal: AbortSignal,
): Promise<string> {
  if (app.jira === null) throw jiraSignInOff()
  const { administrator, ...person } = await app.jira.client.getPerson(credentials, signal).catch((error: unknown) => {
    throw isRefusal(error) ? refused(credentials, error) : error
  })
  const role = administrator ? 'administrator' : 'viewer'
  const value = await app.db.write('interactive', async (tx) => {
    const user = await saveJiraUser(tx, { ...person, now: app.clock.now().getTime() })
    if (user.disabled) throw disabled()
    return beginSession(app, tx, { user, role, ...browser })
  })
  app.log.info({ user: person.name, source: 'jira', role }, 'signed in')
  return value
}

const isRefusal = (error: unknown) =>
  isConnectorError(error, 'jira-anonymous') || isConnectorError(error, 'jira-credentials-refused')

function refused(credentials: JiraCredentials, cause: unknown): ConnectorError {
  if ('authorize' in credentials)
    return new ConnectorError('jira-sign-in-refused', {
      userMessage: 'Jira gave access, and then did not accept the signed request that asks who you are.',
      remedy: 'Sign in again. If it stays, a proxy before Jira changes addresses or the Authorization header below /rest.',
      cause,
    })
  return new ConnectorError('jira-sign-in-refused', {
    userMessage: 'Jira does not accept this token: it is wrong, expired or revoked.',
    remedy: 'Create a new one in Jira (Profile > Personal access tokens).',
    cause,
  })
}

function disabled(): ConnectorError {
  return new ConnectorError('jira-sign-in-refused', {
    userMessage: 'Your account is disabled in the connector.',
    remedy: 'Ask an administrator of the connector.',
  })
}

export function jiraSignInOff(): ConnectorError {
  return new ConnectorError('jira-sign-in-off', {
    userMessage: 'This way to sign in with Jira is not set up.',
    remedy: 'Connect a Jira, and set up one of the ways of docs/permissions.md: OAuth 2.0, or an application link.',
  })
}
