import { randomBytes } from 'node:crypto'
import type { Answer } from '../answer.ts'
import type { World } from '../state.ts'
import type { OAuthApplication } from './oauth-state.ts'

const CODE_LIFETIME_MS = 10 * 60_000
const INVALID_SCOPE = 'The requested scope is invalid, unknown, or malformed.'
const DENIED = 'The resource owner or authorization server denied the request.'

/**
 * `GET /oauth/authorize`: the page without its button. Whoever `signInBrowser` named approves or denies at once, as
 * GitLab answers for an application that was authorized before.
 */
export function authorize({ state, clock }: World, query: URLSearchParams): Answer {
  const application = state.oauth.applications.get(query.get('client_id') ?? '')
  if (application === undefined) return page(401, 'Client authentication failed due to unknown client.')
  const redirectUri = query.get('redirect_uri') ?? ''
  // Never sent there: an address that is not registered may be anybody's.
  if (!application.redirectUris.includes(redirectUri)) return page(400, 'The redirect URI included is not valid.')
  const { browser } = state.oauth
  if (browser === null) return { status: 302, headers: { Location: '/users/sign_in' }, text: '' }
  const scopes = (query.get('scope') ?? '').split(' ').filter((scope) => scope !== '')
  const refusal = findRefusal(application, query, scopes)
  if (refusal !== null) return back(redirectUri, query, refusal)
  if (browser.decision === 'deny') return back(redirectUri, query, { error: 'access_denied', error_description: DENIED })
  const code = randomBytes(32).toString('hex')
  state.oauth.codes.set(code, {
    application,
    userId: browser.user.id,
    redirectUri,
    scopes,
    challenge: query.get('code_challenge'),
    expiresAt: new Date(clock.now().getTime() + CODE_LIFETIME_MS),
    used: false,
  })
  return back(redirectUri, query, { code })
}

function findRefusal({ scopes: registered }: OAuthApplication, query: URLSearchParams, scopes: readonly string[]) {
  if (query.get('response_type') !== 'code')
    return {
      error: 'unsupported_response_type',
      error_description: 'The authorization server does not support this response type.',
    }
  if (scopes.length === 0 || !scopes.every((scope) => registered.includes(scope)))
    return { error: 'invalid_scope', error_description: INVALID_SCOPE }
  const method = query.get('code_challenge_method')
  if (query.get('code_challenge') !== null && method !== 'S256')
    return { error: 'invalid_code_challenge_method', error_description: 'The code challenge method must be S256.' }
  return null
}

function back(redirectUri: string, query: URLSearchParams, parameters: Readonly<Record<string, string>>): Answer {
  const target = new URL(redirectUri)
  for (const [name, value] of Object.entries(parameters)) target.searchParams.set(name, value)
  const state = query.get('state')
  if (state !== null) target.searchParams.set('state', state)
  return { status: 302, headers: { Location: target.href }, text: '' }
}

function page(status: number, text: string): Answer {
  const body = `<!DOCTYPE html><html><head><title>GitLab</title></head><body><h1>An error has occurred</h1><p>${text}</p></body></html>`
  return { status, headers: { 'Content-Type': 'text/html; charset=utf-8' }, text: body }
}
