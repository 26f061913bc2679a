import { createPublicKey, randomBytes } from 'node:crypto'
import type { Clock } from '../../lib/clock.ts'
import type { Answer, Exchange } from './exchange.ts'
import { absent, createSignatureCheck, Problem, toAnswer, type SignedExchange, type Signer } from './signed-call.ts'

/** What an administrator entered under incoming authentication. */
export interface IncomingLink {
  readonly consumerKey: string
  /** PEM. */
  readonly publicKey: string
  /** Who sits before the browser that is sent here; default: whoever looks at the pages. */
  readonly person?: string
  /** They choose "Deny". */
  readonly denies?: boolean
}

export interface ApplicationLinks {
  set(link: IncomingLink | null): void
  /** null: the address is none of OAuth's. */
  answer(exchange: SignedExchange, person: string): Answer | null
  /** Who signed a call; null: it is not signed. A wrong signature is an answer. */
  userOf(exchange: SignedExchange): string | Answer | null
}

interface Token {
  readonly kind: 'request' | 'access'
  readonly consumerKey: string
  readonly callback: string
  readonly expiresAtMs: number
  /** Of whoever decided. */
  person: string | null
  /** null: nobody decided yet; `denied`. */
  verifier: string | null
}

const REQUEST_TOKEN_MS = 10 * 60_000
const ACCESS_TOKEN_MS = 5 * 365 * 24 * 60 * 60_000
const REQUEST_TOKEN = '/plugins/servlet/oauth/request-token'
const AUTHORIZE = '/plugins/servlet/oauth/authorize'
const ACCESS_TOKEN = '/plugins/servlet/oauth/access-token'

/**
 * Jira as OAuth 1.0a provider with one application link. The page on which people allow it is left out: whoever is sent here has
 * decided by what the link says.
 */
export function createApplicationLinks(clock: Clock): ApplicationLinks {
  let link: IncomingLink | null = null
  let signer: Signer | null = null
  const check = createSignatureCheck(clock)
  const { grant, end, ...tokens } = createTokens(clock)
  const tokenOf = (given: Map<string, string>, kind: Token['kind']) =>
    tokens.find(given.get('oauth_token') ?? absent('oauth_token'), { kind, consumerKey: link?.consumerKey })

  function giveRequestToken(exchange: SignedExchange): Answer {
    const given = check(exchange, signer)
    const callback = given.get('oauth_callback') ?? absent('oauth_callback')
    if (!/^https?:\/\/[^/]/.test(callback))
      throw new Problem('parameter_rejected', { oauth_parameters_rejected: 'oauth_callback' })
    return grant({ kind: 'request', consumerKey: given.get('oauth_consumer_key') ?? '', callback, person: null })
  }

  function decide({ query }: Exchange, person: string): Answer {
    const value = query.get('oauth_token') ?? ''
    const token = tokenOf(new Map([['oauth_token', value]]), 'request')
    if (token.verifier !== null) throw new Problem('token_used')
    token.person = link?.person ?? person
    token.verifier = link?.denies === true ? 'denied' : randomBytes(3).toString('hex')
    const back = new URL(token.callback)
    back.searchParams.set('oauth_token', value)
    back.searchParams.set('oauth_verifier', token.verifier)
    return { status: 302, headers: { location: back.href } }
  }

  function giveAccessToken(exchange: SignedExchange): Answer {
    const given = check(exchange, signer)
    const token = tokenOf(given, 'request')
    if (token.verifier === null) throw new Problem('permission_unknown')
    if (token.verifier === 'denied') throw new Problem('permission_denied')
    if (token.verifier !== (given.get('oauth_verifier') ?? absent('oauth_verifier'))) throw new Problem('token_rejected')
    end(given.get('oauth_token') ?? '')
    return grant({ kind: 'access', consumerKey: token.consumerKey, callback: '', person: token.person })
  }

  function dispatch(exchange: SignedExchange, person: string): Answer | null {
    const { method, path } = exchange
    if (method === 'POST' && path === REQUEST_TOKEN) return giveRequestToken(exchange)
    if (method === 'GET' && path === AUTHORIZE) return decide(exchange, person)
    if (method === 'POST' && path === ACCESS_TOKEN) return giveAccessToken(exchange)
    return null
  }

  const reported = <T>(work: () => T) => orProblem(work, clock)
  return {
    set(entered) {
      link = entered
      signer = entered === null ? null : { consumerKey: entered.consumerKey, key: createPublicKey(entered.publicKey) }
    },
    answer: (exchange, person) => reported(() => dispatch(exchange, person)),
    userOf: (exchange) =>
      /^oauth /i.test(exchange.authorization ?? '') ? reported(() => tokenOf(check(exchange, signer), 'access').person) : null,
  }
}

function createTokens(clock: Clock) {
  const tokens = new Map<string, Token>()
  const nowMs = () => clock.now().getTime()
  return {
    find(value: string, { kind, consumerKey }: { kind: Token['kind']; consumerKey: string | undefined }): Token {
      const token = tokens.get(value)
      if (token === undefined || token.kind !== kind || token.consumerKey !== consumerKey) throw new Problem('token_rejected')
      if (token.expiresAtMs <= nowMs()) throw new Problem('token_expired')
      return token
    },
    end: (value: string) => void tokens.delete(value),
    grant(token: Pick<Token, 'kind' | 'consumerKey' | 'callback' | 'person'>): Answer {
      const value = randomBytes(16).toString('hex')
      const ageMs = token.kind === 'request' ? REQUEST_TOKEN_MS : ACCESS_TOKEN_MS
      tokens.set(value, { ...token, verifier: null, expiresAtMs: nowMs() + ageMs })
      const parameters = { oauth_token: value, oauth_token_secret: randomBytes(16).toString('hex') }
      const more = token.kind === 'request' ? { oauth_callback_confirmed: 'true' } : { oauth_expires_in: String(ageMs / 1_000) }
      const body = new URLSearchParams({ ...parameters, ...more }).toString()
      return { status: 200, headers: { 'content-type': 'text/plain' }, body }
    },
  }
}

function orProblem<T>(work: () => T, clock: Clock): T | Answer {
  try {
    return work()
  } catch (error) {
    if (error instanceof Problem) return toAnswer(error, clock.now())
    throw error
  }
}
