import { finishSignIn } from '../app/credentials/sign-in.ts'
import { toProblem } from '../domain/problem.ts'
import { isConnectorError } from '../lib/connector-error.ts'
import type { HttpApp, RouteContext } from './http-app.ts'
import { readQuery, sendPage } from './page.ts'
import { statusOf } from './problem-status.ts'
import type { RefusalLimit } from './refusal-limit.ts'

/**
 * `GET /oauth/callback`: where a Git host sends the browser after a sign-in. Needs no token, only a state that was given
 * out; answers with a page for people. Whatever was in the query is neither shown nor logged.
 */
export function registerOAuthCallback(
  http: HttpApp,
  { app, secretBox, closing, log }: RouteContext,
  refusals: RefusalLimit,
): void {
  http.get('/oauth/callback', { schema: { hide: true }, exposeHeadRoute: false }, async (request, reply) => {
    try {
      const answer = readQuery(request.raw.url ?? '')
      const account = await finishSignIn(app, { answer, secretBox }, closing)
      return await sendPage(reply, {
        status: 200,
        title: 'Signed in',
        text: `The account "${account.name}" is signed in. Its repositories are being listed.`,
        link: { href: `${app.settings.serverUrl}/accounts/${encodeURIComponent(account.id)}`, text: 'Open the account' },
      })
    } catch (error) {
      if (isConnectorError(error, 'sign-in-expired')) await refusals.count(request)
      if (!isConnectorError(error)) log.error({ requestId: request.id, cause: error }, 'sign-in failed')
      const { code, message, remedy } = toProblem(error)
      const text = [message, remedy].filter((part) => part !== null).join(' ')
      return sendPage(reply, { status: statusOf(code), title: 'Not signed in', text })
    }
  })
}
