import { readJiraSignIn } from '../app/identity/jira-sign-in-way.ts'
import type { SessionJson } from '../contract/session.ts'
import type { Caller } from './caller.ts'
import type { RouteContext } from './http-app.ts'

/** What a browser is told of its session; a token has none. */
export async function toSessionJson(
  { app, version }: Pick<RouteContext, 'app'> & { readonly version: string },
  caller: Caller | null,
): Promise<SessionJson> {
  const { way } = await readJiraSignIn(app)
  const rest = { jiraSignIn: { oauth: way !== null, token: app.jira !== null }, version }
  if (caller?.kind !== 'session') return { user: null, csrfToken: null, ...rest }
  const { user, session, csrfToken } = caller.signedIn
  const { name, displayName, source } = user
  return { user: { name, displayName, source, role: session.role }, csrfToken, ...rest }
}
