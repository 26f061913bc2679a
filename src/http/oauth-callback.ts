import type { FastifyReply } from 'fastify'
import { finishSignIn } from '../app/credentials/sign-in.ts'
import { toProblem } from '../domain/problem.ts'
import { isConnectorError } from '../lib/connector-error.ts'
import type { HttpApp, RouteContext } from './http-app.ts'
import { statusOf } from './problem-status.ts'
import type { RefusalLimit } from './refusal-limit.ts'

/** A host's answers are far shorter. */
const MAX_QUERY_LENGTH = 4_000

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
        text: `The account "${account.name}" is signed in. Its repositories are being listed. You can close this page.`,
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

/** Of several values of one name only the first counts, for whoever reads it. */
function readQuery(address: string): URLSearchParams {
  const query = address.slice(0, MAX_QUERY_LENGTH).split('?')[1] ?? ''
  const first = new URLSearchParams()
  for (const [name, value] of new URLSearchParams(query)) if (!first.has(name)) first.set(name, value)
  return first
}

interface Page {
  readonly status: number
  readonly title: string
  readonly text: string
}

async function sendPage(reply: FastifyReply, { status, title, text }: Page): Promise<void> {
  const body = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${escape(title)}</title>
<h1>${escape(title)}</h1>
<p>${escape(text)}</p>
</html>
`
  await reply.code(status).type('text/html; charset=utf-8').send(body)
}

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' }

function escape(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => ENTITIES[character] ?? '')
}
