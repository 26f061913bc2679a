import * as oauth from 'oauth4webapi'
import { ConnectorError } from '../lib/connector-error.ts'
import type { HttpClient } from '../lib/http-client.ts'
import { createFormFetch } from '../lib/http-client/fetch-adapter.ts'
import { signInDenied, throwIfAway, toWord } from './sign-in-errors.ts'

export interface JiraOAuthSettings {
  /** Of Jira, with its context path. */
  readonly url: string
  /** Of the incoming application link. */
  readonly clientId: string
  readonly clientSecret: string
  readonly http: HttpClient
}

/** Jira's OAuth 2.0 for people who sign in here. */
export interface JiraOAuth {
  /** Where the browser is sent; Jira sends it back to `redirectUri`. */
  authorizationUrl(request: { readonly redirectUri: string; readonly state: string; readonly codeChallenge: string }): URL
  /**
   * The access token for what the browser came back with.
   *
   * @throws ConnectorError `sign-in-denied`, `sign-in-failed`, `grant-refused`, `oauth-client-refused`, `jira-unavailable`,
   *   `jira-unexpected-answer`, or those of the HTTP client
   */
  exchangeCode(
    request: {
      readonly answer: URLSearchParams
      readonly state: string
      readonly redirectUri: string
      readonly codeVerifier: string
    },
    signal: AbortSignal,
  ): Promise<string>
}

/** To ask who somebody is needs no more. */
const SCOPE = 'READ'
const TIMEOUT_MS = 20_000
const MAX_BYTES = 64 * 1024

/** Jira as OAuth 2.0 provider, since 8.22 ("Jira OAuth 2.0 provider API"): authorization code with PKCE. */
export function createJiraOAuth({ url, clientId, clientSecret, http }: JiraOAuthSettings): JiraOAuth {
  const base = new URL(url.endsWith('/') ? url : `${url}/`)
  const endpoint = (name: string) => new URL(`rest/oauth2/latest/${name}`, base)
  const server: oauth.AuthorizationServer = {
    issuer: base.href.replace(/\/$/, ''),
    authorization_endpoint: endpoint('authorize').href,
    token_endpoint: endpoint('token').href,
  }
  const client: oauth.Client = { client_id: clientId }
  const authentication = oauth.ClientSecretPost(clientSecret)
  return {
    authorizationUrl({ redirectUri, state, codeChallenge }) {
      const address = endpoint('authorize')
      const parameters = {
        client_id: clientId,
        redirect_uri: redirectUri,
        response_type: 'code',
        scope: SCOPE,
        state,
        code_challenge: codeChallenge,
        code_challenge_method: 'S256',
      }
      for (const [name, value] of Object.entries(parameters)) address.searchParams.set(name, value)
      return address
    },
    async exchangeCode({ answer, state, redirectUri, codeVerifier }, signal) {
      const send = createFormFetch(http, { signal, timeoutMs: TIMEOUT_MS, maxBytes: MAX_BYTES })
      try {
        const parameters = oauth.validateAuthResponse(server, client, answer, state)
        const request = oauth.authorizationCodeGrantRequest
        const response = await request(server, client, authentication, parameters, redirectUri, codeVerifier, {
          [oauth.customFetch]: async (address, { method, headers, body }) => {
            const received = await send(address, { method, headers, body })
            throwIfAway(received, base)
            return received
          },
          [oauth.allowInsecureRequests]: base.protocol === 'http:',
        })
        return (await oauth.processAuthorizationCodeResponse(server, client, response)).access_token
      } catch (error) {
        throw toSignInError(error, base)
      }
    },
  }
}

/** Decided by the code of the protocol; its texts may repeat what was sent and are not shown. */
function toSignInError(error: unknown, base: URL): unknown {
  if (error instanceof oauth.AuthorizationResponseError) return toDenied(error.error, base)
  if (error instanceof oauth.ResponseBodyError) return toGrantError(error.error, base)
  if (error instanceof oauth.OperationProcessingError || error instanceof oauth.UnsupportedOperationError) {
    return new ConnectorError('sign-in-failed', {
      userMessage: `The sign-in at ${base.host} came back without a usable answer (${error.code ?? 'no code'}).`,
      remedy: 'Begin it again. If it stays: Jira must be 8.22 or later, and jira.url its own address.',
      cause: error,
    })
  }
  return error
}

function toDenied(code: string, base: URL): ConnectorError {
  if (code === 'access_denied') return signInDenied(base)
  return new ConnectorError('sign-in-failed', {
    userMessage: `${base.host} refused the sign-in (${toWord(code)}).`,
    remedy: 'Check the incoming application link in Jira: its redirect address, and that it has the permission "Read".',
  })
}

function toGrantError(code: string, base: URL): ConnectorError {
  if (code === 'invalid_client' || code === 'unauthorized_client')
    return new ConnectorError('oauth-client-refused', {
      userMessage: `${base.host} does not accept the OAuth application (${code}).`,
      remedy: 'Compare jira.oauth.clientId and jira.oauth.clientSecret with the incoming application link in Jira.',
    })
  return new ConnectorError('grant-refused', {
    userMessage: `${base.host} takes this sign-in no more (${toWord(code)}).`,
    remedy:
      'Sign in again. If that fails, compare the redirect address of the application link with the one in the documentation.',
  })
}
