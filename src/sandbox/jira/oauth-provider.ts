import { createHash, randomUUID } from 'node:crypto'
import type { Clock } from '../../lib/clock.ts'
import type { Answer, Exchange } from './exchange.ts'

export interface OAuthLink {
  readonly clientId: string
  readonly clientSecret: string
  readonly redirectUri: string
}

export interface OAuthProvider {
  /** null: the address is none of OAuth's. */
  answer(exchange: Exchange, person: string): Answer | null
  /** Whose an access token is; null: nobody's. */
  userOf(token: string): string | null
}

interface Code {
  readonly person: string
  readonly challenge: string
  readonly expiresAtMs: number
}

const CODE_MS = 10 * 60_000
const TOKEN_S = 7_200

/**
 * Jira as OAuth 2.0 provider with one incoming link: authorization code with PKCE. The page on which people allow it is left
 * out: whoever looks at this Jira has allowed it.
 */
export function createOAuthProvider(link: OAuthLink | null, clock: Clock): OAuthProvider {
  const codes = new Map<string, Code>()
  const tokens = new Map<string, string>()

  function authorize({ query }: Exchange, person: string): Answer {
    const redirectUri = query.get('redirect_uri')
    // Never back to an address that is not registered.
    if (query.get('client_id') !== link?.clientId || redirectUri !== link.redirectUri) return refusal('invalid_client')
    const back = new URL(redirectUri)
    back.searchParams.set('state', query.get('state') ?? '')
    const challenge = query.get('code_challenge') ?? ''
    if (query.get('response_type') !== 'code' || query.get('code_challenge_method') !== 'S256' || challenge === '') {
      back.searchParams.set('error', 'invalid_request')
    } else if (query.get('scope') !== 'READ') back.searchParams.set('error', 'invalid_scope')
    else {
      const code = randomUUID()
      codes.set(code, { person, challenge, expiresAtMs: clock.now().getTime() + CODE_MS })
      back.searchParams.set('code', code)
    }
    return { status: 302, headers: { location: back.href } }
  }

  function exchange({ body }: Exchange): Answer {
    const form = new URLSearchParams(body.toString('utf8'))
    if (form.get('client_id') !== link?.clientId || form.get('client_secret') !== link.clientSecret)
      return refusal('invalid_client')
    const code = codes.get(form.get('code') ?? '')
    codes.delete(form.get('code') ?? '')
    const challenge = createHash('sha256')
      .update(form.get('code_verifier') ?? '')
      .digest('base64url')
    const good = code !== undefined && code.expiresAtMs > clock.now().getTime() && code.challenge === challenge
    if (!good || form.get('redirect_uri') !== link.redirectUri) return refusal('invalid_grant')
    const token = randomUUID()
    tokens.set(token, code.person)
    return {
      status: 200,
      body: { access_token: token, refresh_token: randomUUID(), token_type: 'Bearer', expires_in: TOKEN_S, scope: 'READ' },
    }
  }

  return {
    answer(given, person) {
      if (link === null) return null
      if (given.method === 'GET' && given.path === '/rest/oauth2/latest/authorize') return authorize(given, person)
      if (given.method === 'POST' && given.path === '/rest/oauth2/latest/token') return exchange(given)
      return null
    },
    userOf: (token) => tokens.get(token) ?? null,
  }
}

const refusal = (error: string): Answer => ({ status: 400, body: { error, error_description: error } })
