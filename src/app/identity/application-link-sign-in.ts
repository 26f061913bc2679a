import { createJiraApplicationLink, type JiraApplicationLink } from '../../jira/application-link.ts'
import type { JiraCredentials } from '../../jira/jira-transport.ts'
import { ConnectorError } from '../../lib/connector-error.ts'
import type { SecretBox } from '../../lib/secret-box.ts'
import type { AppContext } from '../app-context.ts'
import { jiraNotConnected } from '../jira/connect-jira.ts'
import { findApplicationLink, noteAccepted, openConsumer, type ApplicationLink } from './application-link.ts'
import { jiraSignInOff } from './sign-in-with-jira.ts'

export interface LinkContext {
  readonly app: AppContext
  readonly secretBox: SecretBox
}

/** Where Jira sends people back to, whatever the way. */
export const callbackOf = ({ settings }: Pick<AppContext, 'settings'>): string => `${settings.serverUrl}/sign-in/jira/callback`

/**
 * @returns the request token, which comes back with the browser, and where to send that
 * @throws ConnectorError `jira-sign-in-off`, and those of `JiraApplicationLink`
 */
export async function beginByApplicationLink(
  context: LinkContext,
  signal: AbortSignal,
): Promise<{ readonly requestToken: string; readonly address: URL }> {
  const { jira } = await openLink(context)
  const requestToken = await jira.getRequestToken(callbackOf(context.app), signal)
  return { requestToken, address: jira.authorizationUrl(requestToken) }
}

/**
 * @param answer what the browser came back with
 * @returns credentials of the person, who is asked for next; nothing of them is kept
 * @throws ConnectorError as `beginByApplicationLink`
 */
export async function finishByApplicationLink(
  context: LinkContext,
  { requestToken, answer }: { readonly requestToken: string; readonly answer: URLSearchParams },
  signal: AbortSignal,
): Promise<JiraCredentials> {
  const { jira } = await openLink(context)
  return jira.credentialsOf(await jira.getAccessToken(requestToken, answer, signal))
}

/**
 * Takes the first leg alone: Jira gives a request token to those alone whose consumer key and public key it has. From then on the
 * sign-in page offers it.
 *
 * @throws ConnectorError `jira-not-connected`, `application-link-missing`, and those of `JiraApplicationLink`
 */
export async function testApplicationLink(context: LinkContext, signal: AbortSignal): Promise<void> {
  const { app } = context
  await app.jiraAccess.refresh()
  if (app.jira === null) throw jiraNotConnected()
  if ((await findApplicationLink(app.db.read)) === null) throw linkMissing()
  const { jira, link, url } = await openLink(context)
  await jira.getRequestToken(callbackOf(app), signal)
  const accepted = { url, at: app.clock.now().getTime() }
  await app.db.write('interactive', (tx) => noteAccepted(tx, link, accepted))
}

async function openLink({ app, secretBox }: LinkContext): Promise<{
  readonly jira: JiraApplicationLink
  readonly link: ApplicationLink
  readonly url: string
}> {
  const url = app.jira?.client.base.href
  const link = await findApplicationLink(app.db.read)
  if (url === undefined || link === null) throw jiraSignInOff()
  const { http, clock } = app
  return { jira: createJiraApplicationLink({ url, consumer: openConsumer(secretBox, link), http, clock }), link, url }
}

function linkMissing(): ConnectorError {
  return new ConnectorError('application-link-missing', {
    userMessage: 'There is no key pair for an application link yet.',
    remedy: 'Make one, and enter its public key in Jira.',
  })
}
