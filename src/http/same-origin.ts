import type { FastifyRequest } from 'fastify'
import type { SignedIn } from '../app/identity/sessions.ts'
import { ConnectorError } from '../lib/connector-error.ts'
import { isOneOfSecrets } from '../lib/secret-compare.ts'

export const CSRF_HEADER = 'x-csrf-token'

/**
 * A change in a session must come from a page of ours: with the session's token, which no other site can read, and from no
 * other origin as far as the browser tells.
 *
 * @throws ConnectorError `csrf-refused`
 */
export function checkCsrf(
  request: FastifyRequest,
  { signedIn, serverUrl }: { readonly signedIn: SignedIn; readonly serverUrl: string },
): void {
  checkOrigin(request, serverUrl)
  const given = request.headers[CSRF_HEADER]
  if (typeof given === 'string' && isOneOfSecrets(given, [signedIn.csrfToken])) return
  throw refused('The request does not carry the token of this session.')
}

/**
 * For sign-ins, which no session protects yet: JSON, which a form of another site cannot send, and from no other origin.
 *
 * @throws ConnectorError `csrf-refused`, `media-type-unsupported`
 */
export function checkSignInRequest(request: FastifyRequest, serverUrl: string): void {
  checkOrigin(request, serverUrl)
  if (/^application\/json\s*(;|$)/i.test(request.headers['content-type'] ?? '')) return
  throw new ConnectorError('media-type-unsupported', {
    userMessage: `The body of this ${request.method} has a content type that is not read here.`,
    remedy: 'Send "Content-Type: application/json".',
  })
}

function checkOrigin({ headers }: FastifyRequest, serverUrl: string): void {
  const site = headers['sec-fetch-site']
  if (site !== undefined && site !== 'same-origin' && site !== 'none') throw refused('The request comes from another site.')
  const { origin } = headers
  if (origin === undefined || isOurs(origin, { serverUrl, host: headers.host })) return
  throw refused('The request comes from another site.')
}

/** Our public address, or the one under which this very request was sent: a browser names both, or neither is made up. */
function isOurs(origin: string, { serverUrl, host }: { readonly serverUrl: string; readonly host: string | undefined }): boolean {
  const url = URL.parse(origin)
  if (url === null) return false
  return url.origin === new URL(serverUrl).origin || (host !== undefined && url.host === host.toLowerCase())
}

function refused(userMessage: string): ConnectorError {
  return new ConnectorError('csrf-refused', {
    userMessage: `${userMessage} It was not carried out.`,
    remedy: `Load the page again. A script sends the csrfToken of GET /api/v1/session as "${CSRF_HEADER}", or uses an API token.`,
  })
}
