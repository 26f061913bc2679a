import { randomUUID } from 'node:crypto'
import type { Clock } from '../lib/clock.ts'
import { ConnectorError } from '../lib/connector-error.ts'
import type { HttpClient, HttpResponse } from '../lib/http-client.ts'
import type { JiraCredentials } from './jira-transport.ts'
import { findOAuthProblem, toOAuthError } from './oauth-problem.ts'
import { signRequest, type OAuthConsumer } from './oauth1-signature.ts'
import { signInDenied, throwIfAway } from './sign-in-errors.ts'

export interface ApplicationLinkOptions {
  /** Of Jira, with its context path. */
  readonly url: string | URL
  readonly consumer: OAuthConsumer
  readonly http: HttpClient
  readonly clock: Clock
}

/** Jira's OAuth 1.0a for people who sign in here: three legs, each signed with RSA-SHA1. */
export interface JiraApplicationLink {
  /**
   * The first leg.
   *
   * @param callback where Jira sends the browser back to
   * @returns the request token: no secret, and nothing without somebody's consent
   * @throws ConnectorError `oauth-client-refused`, `jira-clock-differs`, `sign-in-failed`, `jira-unavailable`, or those of the
   *   HTTP client
   */
  getRequestToken(callback: string, signal: AbortSignal): Promise<string>
  /** Where the browser is sent for consent. */
  authorizationUrl(requestToken: string): URL
  /**
   * The last leg, with what the browser came back with.
   *
   * @returns the access token
   * @throws ConnectorError `sign-in-denied`, `grant-refused`, and as `getRequestToken`
   */
  getAccessToken(requestToken: string, answer: URLSearchParams, signal: AbortSignal): Promise<string>
  /** Calls as the person whose access token it is. */
  credentialsOf(accessToken: string): JiraCredentials
}

const TIMEOUT_MS = 20_000
const MAX_BYTES = 64 * 1024

/**
 * Jira as OAuth 1.0a provider with an application link for incoming calls (RFC 5849; "OAuth" in the documentation for
 * developers of Jira Server).
 */
export function createJiraApplicationLink({ url, consumer, http, clock }: ApplicationLinkOptions): JiraApplicationLink {
  const base = new URL(String(url).endsWith('/') ? url : `${String(url)}/`)
  const endpoint = (name: string) => new URL(`plugins/servlet/oauth/${name}`, base)
  const authorize = (method: string, address: URL, parameters: Readonly<Record<string, string>>) =>
    signRequest({ method, url: address }, consumer, { parameters, now: clock.now(), nonce: randomUUID() })

  async function askForToken(name: string, parameters: Readonly<Record<string, string>>, signal: AbortSignal) {
    const address = endpoint(name)
    const authorization = authorize('POST', address, parameters)
    const headers = { authorization, accept: '*/*', 'x-atlassian-token': 'no-check' }
    const limits = { timeoutMs: TIMEOUT_MS, maxBytes: MAX_BYTES, retries: 0 }
    const answer = await http.send({ method: 'POST', url: address, headers, signal, ...limits })
    const problem = findOAuthProblem(answer)
    if (problem !== null) throw toOAuthError(problem, { base, answer, now: clock.now() })
    throwIfAway(answer, base)
    const form = new URLSearchParams(answer.body.toString('utf8'))
    const token = form.get('oauth_token') ?? ''
    // A login page, say: nothing of it may get into an address.
    if (answer.status !== 200 || !/^[\x21-\x7e]{1,500}$/.test(token)) throw unusable(answer, base)
    return { token, form }
  }

  return {
    async getRequestToken(callback, signal) {
      const { token, form } = await askForToken('request-token', { oauth_callback: callback }, signal)
      // Without it Jira would send anybody's consent anywhere: OAuth 1.0 as it was before 1.0a.
      if (form.get('oauth_callback_confirmed') !== 'true') throw notConfirmed(base)
      return token
    },
    authorizationUrl(requestToken) {
      const address = endpoint('authorize')
      address.searchParams.set('oauth_token', requestToken)
      return address
    },
    async getAccessToken(requestToken, answer, signal) {
      const verifier = answer.get('oauth_verifier') ?? ''
      if (verifier === 'denied') throw signInDenied(base)
      if (!/^[\x21-\x7e]{1,500}$/.test(verifier)) throw withoutVerifier(base)
      const parameters = { oauth_token: requestToken, oauth_verifier: verifier }
      return (await askForToken('access-token', parameters, signal)).token
    },
    credentialsOf: (accessToken) => ({
      authorize: (method, address) => authorize(method, address, { oauth_token: accessToken }),
    }),
  }
}

function unusable({ status }: HttpResponse, base: URL): ConnectorError {
  return new ConnectorError('sign-in-failed', {
    userMessage: `${base.host} gave no token for the sign-in (HTTP ${status}).`,
    remedy:
      'Check that jira.url is the address of Jira itself, and that no proxy or login page stands before /plugins/servlet/oauth.',
  })
}

function notConfirmed(base: URL): ConnectorError {
  return new ConnectorError('sign-in-failed', {
    userMessage: `${base.host} did not confirm where the sign-in comes back to (oauth_callback_confirmed).`,
    remedy: 'Jira 8.14 or later does. Look for a proxy between here and Jira that changes answers.',
  })
}

function withoutVerifier(base: URL): ConnectorError {
  return new ConnectorError('sign-in-failed', {
    userMessage: `The sign-in at ${base.host} came back without a verifier.`,
    remedy: 'Begin it again.',
  })
}
