import * as oauth from 'oauth4webapi'
import { ConnectorError } from '../../lib/connector-error.ts'
import type { Clock } from '../../lib/clock.ts'
import type { HttpClient } from '../../lib/http-client.ts'
import { createFormFetch } from '../../lib/http-client/fetch-adapter.ts'
import { toRateLimited } from '../../lib/rate-budget.ts'
import type { HostOAuth, HostTokenPair } from '../types.ts'
import { toUnexpectedAnswer } from './answer-error.ts'
import { parseAddresses } from './config.ts'

export interface GitLabOAuthSettings {
  readonly url: string
  readonly clientId: string
  readonly clientSecret: string
  readonly http: HttpClient
  readonly clock: Clock
}

/** Reading is all that an account needs; webhooks are managed by a token of their own. */
const SCOPES = 'read_api read_repository'
const TIMEOUT_MS = 20_000
const MAX_BYTES = 64 * 1024

/**
 * GitLab's OAuth 2 (documentation "OAuth 2.0 identity provider API"): authorization code with PKCE. An access token
 * lasts 7,200 s; a refresh ends both tokens of the pair before.
 */
export function createGitLabOAuth(settings: GitLabOAuthSettings): HostOAuth {
  const { base } = parseAddresses({ url: settings.url, gitUrl: null })
  const server: oauth.AuthorizationServer = {
    issuer: base.href.replace(/\/$/, ''),
    authorization_endpoint: new URL('oauth/authorize', base).href,
    token_endpoint: new URL('oauth/token', base).href,
  }
  const client: oauth.Client = { client_id: settings.clientId }
  const ask = createAsk(settings, base)
  const authentication = oauth.ClientSecretPost(settings.clientSecret)

  return {
    authorizationUrl({ redirectUri, state, codeChallenge }) {
      const url = new URL('oauth/authorize', base)
      const parameters = {
        client_id: settings.clientId,
        redirect_uri: redirectUri,
        response_type: 'code',
        scope: SCOPES,
        state,
        code_challenge: codeChallenge,
        code_challenge_method: 'S256',
      }
      for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value)
      return url
    },
    exchangeCode({ answer, state, redirectUri, codeVerifier }, signal) {
      return ask(signal, async (options) => {
        const parameters = validate(server, client, { answer, state })
        const request = oauth.authorizationCodeGrantRequest
        const response = await request(server, client, authentication, parameters, redirectUri, codeVerifier, options)
        return oauth.processAuthorizationCodeResponse(server, client, response)
      })
    },
    refresh(refreshToken, signal) {
      return ask(signal, async (options) => {
        const response = await oauth.refreshTokenGrantRequest(server, client, authentication, refreshToken, options)
        return oauth.processRefreshTokenResponse(server, client, response)
      })
    },
  }
}

/** What the browser came back with; the state was looked up by its hash and is compared once more. */
function validate(
  server: oauth.AuthorizationServer,
  client: oauth.Client,
  { answer, state }: { readonly answer: URLSearchParams; readonly state: string },
): URLSearchParams {
  try {
    return oauth.validateAuthResponse(server, client, answer, state)
  } catch (cause) {
    if (!(cause instanceof oauth.OperationProcessingError)) throw cause
    throw new ConnectorError('sign-in-failed', {
      userMessage: `The browser came back without a usable answer (${cause.code ?? 'no code'}).`,
      remedy: 'Begin the sign-in again, and follow it in one browser to its end.',
      cause,
    })
  }
}

type Work = (options: oauth.TokenEndpointRequestOptions) => Promise<oauth.TokenEndpointResponse>

function createAsk({ http, clock }: GitLabOAuthSettings, base: URL) {
  return async (signal: AbortSignal, work: Work): Promise<HostTokenPair> => {
    const send = createFormFetch(http, { signal, timeoutMs: TIMEOUT_MS, maxBytes: MAX_BYTES })
    const askedAt = clock.now().getTime()
    try {
      const answer = await work({
        [oauth.customFetch]: async (url, { method, headers, body }) => {
          const response = await send(url, { method, headers, body })
          throwIfAway(response, { base, clock })
          return response
        },
        [oauth.allowInsecureRequests]: base.protocol === 'http:',
      })
      return toPair(answer, askedAt)
    } catch (error) {
      throw toSignInError(error, base)
    }
  }
}

/** What says nothing about the tokens: the host is down, or asks to wait. */
function throwIfAway({ status }: Response, { base, clock }: { base: URL; clock: Clock }): void {
  if (status === 429) throw toRateLimited(base.host, new Date(clock.now().getTime() + 60_000))
  if (status < 500 && status !== 408) return
  throw new ConnectorError('host-unavailable', {
    userMessage: `POST ${base.href}oauth/token was answered with ${status}.`,
    remedy: `It is tried again. If it stays, look at the state of ${base.host}.`,
    retryable: true,
  })
}

/** Counted from before the request, so that ours never lasts longer than theirs. */
function toPair(answer: oauth.TokenEndpointResponse, askedAt: number): HostTokenPair {
  return {
    accessToken: answer.access_token,
    refreshToken: answer.refresh_token ?? null,
    expiresAt: answer.expires_in === undefined ? null : new Date(askedAt + answer.expires_in * 1000),
  }
}

/** Decided by the code of the protocol; its texts may repeat what was sent and are not shown. */
function toSignInError(error: unknown, base: URL): unknown {
  if (error instanceof oauth.AuthorizationResponseError) return toDenied(error.error, base)
  if (error instanceof oauth.ResponseBodyError) return toGrantError(error.error, error.status, base)
  if (error instanceof oauth.OperationProcessingError || error instanceof oauth.UnsupportedOperationError) {
    const remedy = 'Check the address of the account (relative root?), and that no sign-in page of a proxy lies before GitLab.'
    const text = `What answered POST ${base.href}oauth/token is not GitLab's token endpoint (${error.code ?? 'no code'}).`
    return toUnexpectedAnswer(text, { remedy, retryable: true })
  }
  return error
}

function toDenied(code: string, base: URL): ConnectorError {
  if (code === 'access_denied')
    return new ConnectorError('sign-in-denied', {
      userMessage: `Access was denied at ${base.host}.`,
      remedy: 'Begin the sign-in again, and choose "Authorize".',
    })
  if (code === 'invalid_scope')
    return new ConnectorError('scope-missing', {
      userMessage: `The OAuth application at ${base.host} lacks a scope that is asked for.`,
      remedy: 'Give the application the scopes read_api and read_repository, then begin the sign-in again.',
    })
  return new ConnectorError('sign-in-failed', {
    userMessage: `${base.host} refused the sign-in (${toWord(code)}).`,
    remedy: 'Check the OAuth application there: its redirect address, its scopes, and that it is confidential.',
  })
}

function toGrantError(code: string, status: number, base: URL): ConnectorError {
  if (code === 'invalid_grant')
    return new ConnectorError('grant-refused', {
      userMessage: `${base.host} takes this sign-in no more (${code}): expired, revoked, used, or begun with another redirect address.`,
      remedy: 'Sign in again. If that fails, compare the redirect address of the OAuth application with the one shown here.',
    })
  if (code === 'invalid_client' || code === 'unauthorized_client')
    return new ConnectorError('oauth-client-refused', {
      userMessage: `${base.host} does not accept the OAuth application (${code}).`,
      remedy: 'Enter its application id and secret again, and check that it still exists and is confidential.',
    })
  return toUnexpectedAnswer(`POST ${base.href}oauth/token was answered with ${status} (${toWord(code)}).`, { retryable: true })
}

/** A code of the protocol, and nothing else that a host might send in its place. */
function toWord(code: string): string {
  return /^[a-z_]{1,60}$/.test(code) ? code : 'unknown error'
}
