import type { SessionJson } from '../contract/session.ts'
import type { Caller } from './caller.ts'
import type { RouteContext } from './http-app.ts'

/** What a browser is told of its session; a token has none. */
export function toSessionJson(
  { app, version }: Pick<RouteContext, 'app'> & { readonly version: string },
  caller: Caller | null,
): SessionJson {
  const rest = { jiraSignIn: { oauth: app.jira?.oauth !== undefined, token: app.jira !== null }, version }
  if (caller?.kind !== 'session') return { user: null, csrfToken: null, ...rest }
  const { user, session, csrfToken } = caller.signedIn
  const { name, displayName, source } = user
  return { user: { name, displayName, source, role: session.role }, csrfToken, ...rest }
}
