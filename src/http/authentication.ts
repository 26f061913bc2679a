import type { FastifyRequest } from 'fastify'
import { findGoodToken } from '../app/identity/api-tokens.ts'
import { findSignedIn } from '../app/identity/sessions.ts'
import type { AppContext } from '../app/app-context.ts'
import { ConnectorError } from '../lib/connector-error.ts'
import type { Secret } from '../lib/secret.ts'
import { isOneOfSecrets } from '../lib/secret-compare.ts'
import { admit, isReading, type Caller } from './caller.ts'
import { toRouteNotFound } from './problem-document.ts'
import type { RefusalLimit } from './refusal-limit.ts'
import { checkCsrf } from './same-origin.ts'
import type { SessionCookie } from './session-cookie.ts'

export interface AuthenticationOptions {
  readonly app: AppContext
  /** Of the configuration. */
  readonly adminToken: Secret | null
  readonly isTrusted: (request: FastifyRequest) => boolean
  readonly refusals: RefusalLimit
  readonly cookie: SessionCookie
}

/**
 * A hook that finds out who sends a request and whether the route is for them: the local socket, else an API token, else the
 * session of a browser, which has to prove for every change that a page of ours sent it. What is not for a caller answers as if
 * it did not exist.
 */
export function createAuthentication(options: AuthenticationOptions) {
  return async (request: FastifyRequest): Promise<void> => {
    const { access } = request.routeOptions.config
    const caller = await identify(options, request)
    if (caller === null && access !== 'anyone') throw authenticationRequired()
    request.caller = caller
    if (caller === null) return
    const admission = admit(caller, access, request.method)
    if (admission === 'hidden') throw toRouteNotFound(request)
    if (admission === 'read-only') throw readOnlyToken()
    if (caller.kind === 'session' && access !== 'anyone' && !isReading(request.method)) {
      checkCsrf(request, { signedIn: caller.signedIn, serverUrl: options.app.settings.serverUrl })
    }
  }
}

async function identify({ app, adminToken, isTrusted, refusals, cookie }: AuthenticationOptions, request: FastifyRequest) {
  if (isTrusted(request)) return { kind: 'local' } satisfies Caller
  const { authorization } = request.headers
  // A token counts alone: a program that sends both means the token.
  if (authorization !== undefined && authorization !== '') {
    const given = findBearerToken(authorization)
    if (given === null) return null
    const caller = await findTokenCaller(app, given, adminToken)
    if (caller !== null) return caller
    await refusals.count(request)
    throw tokenRefused()
  }
  const value = cookie.read(request)
  const signedIn = value === null ? null : await findSignedIn(app, value)
  return signedIn === null ? null : ({ kind: 'session', signedIn } satisfies Caller)
}

async function findTokenCaller(app: AppContext, given: string, adminToken: Secret | null): Promise<Caller | null> {
  if (adminToken !== null && isOneOfSecrets(given, [adminToken.reveal()])) return { kind: 'token', scope: 'admin', name: null }
  const token = await findGoodToken(app, given)
  return token === null ? null : { kind: 'token', scope: token.scope, name: token.name }
}

/** The token of `Authorization: Bearer …`, RFC 6750; null: none was sent. */
function findBearerToken(header: string): string | null {
  return /^Bearer +(\S+) *$/i.exec(header)?.[1] ?? null
}

function authenticationRequired(): ConnectorError {
  return new ConnectorError('authentication-required', {
    userMessage: 'This needs a sign-in or an API token.',
    remedy: 'Sign in, or send "Authorization: Bearer <token>" with an API token or the token of server.adminToken.',
  })
}

function tokenRefused(): ConnectorError {
  return new ConnectorError('token-refused', {
    userMessage: 'The API token is not valid: it is wrong, expired or revoked.',
    remedy: 'Send another one; "jira-dvcs token create" makes one, and server.adminToken of the configuration is one.',
  })
}

function readOnlyToken(): ConnectorError {
  return new ConnectorError('token-read-only', {
    userMessage: 'This API token may only read.',
    remedy: 'Use one with the scope "admin".',
  })
}
