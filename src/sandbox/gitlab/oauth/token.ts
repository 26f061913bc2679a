import { createHash, randomBytes } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'
import { ok, type Answer } from '../answer.ts'
import type { Token } from '../model.ts'
import type { World } from '../state.ts'
import type { OAuthApplication } from './oauth-state.ts'

/** GitLab's, in seconds. */
const ACCESS_TOKEN_LIFETIME_S = 7_200

type Parameters = Readonly<Record<string, unknown>>

const ERRORS = {
  invalid_grant:
    'The provided authorization grant is invalid, expired, revoked, does not match the redirection URI used in the authorization request, or was issued to another client.',
  invalid_client:
    'Client authentication failed due to unknown client, no client authentication included, or unsupported authentication method.',
  unsupported_grant_type: 'The authorization grant type is not supported by the authorization server.',
} as const

/** `POST /oauth/token`: exchanges a code, or a refresh token; either works once. */
export function giveToken(world: World, headers: IncomingHttpHeaders, body: Parameters): Answer {
  const application = findClient(world, headers, body)
  if (application === null) return refuse('invalid_client', 401)
  switch (body['grant_type']) {
    case 'authorization_code':
      return exchangeCode(world, application, body)
    case 'refresh_token':
      return refresh(world, application, body)
    default:
      return refuse('unsupported_grant_type')
  }
}

/** By parameters of the body or by basic authentication. */
function findClient({ state }: World, { authorization }: IncomingHttpHeaders, body: Parameters): OAuthApplication | null {
  const basic = /^Basic\s+(\S+)$/i.exec(authorization ?? '')?.[1]
  const [id, secret] =
    basic === undefined
      ? [body['client_id'], body['client_secret']]
      : Buffer.from(basic, 'base64').toString('utf8').split(':').map(decodeURIComponent)
  const application = state.oauth.applications.get(String(id))
  return application?.clientSecret === secret ? (application ?? null) : null
}

function exchangeCode(world: World, application: OAuthApplication, body: Parameters): Answer {
  const code = world.state.oauth.codes.get(String(body['code']))
  if (code === undefined || code.application !== application || code.used) return refuse('invalid_grant')
  if (code.expiresAt <= world.clock.now() || code.redirectUri !== body['redirect_uri']) return refuse('invalid_grant')
  if (code.challenge !== null && code.challenge !== toChallenge(String(body['code_verifier']))) return refuse('invalid_grant')
  code.used = true
  return ok(giveGrant(world, application, code))
}

/** The old access token and the old refresh token end at once. */
function refresh(world: World, application: OAuthApplication, body: Parameters): Answer {
  const { grants } = world.state.oauth
  const refreshToken = String(body['refresh_token'])
  const grant = grants.get(refreshToken)
  if (grant === undefined || grant.application !== application) return refuse('invalid_grant')
  grants.delete(refreshToken)
  grant.access.revoked = true
  return ok(giveGrant(world, application, grant.access))
}

function giveGrant(world: World, application: OAuthApplication, of: Pick<Token, 'userId' | 'scopes'>) {
  const now = world.clock.now()
  const id = world.state.nextId('token')
  const access: Token = {
    id,
    name: 'OAuth',
    value: randomBytes(32).toString('hex'),
    userId: of.userId,
    scopes: of.scopes,
    expiresAt: null,
    oauthUntil: new Date(now.getTime() + ACCESS_TOKEN_LIFETIME_S * 1000),
    revoked: false,
    createdAt: now,
    lastUsedAt: null,
  }
  const refreshToken = randomBytes(32).toString('hex')
  world.state.tokens.set(access.value, access)
  world.state.oauth.given.push(access.value, refreshToken)
  world.state.oauth.grants.set(refreshToken, { application, access, refreshToken })
  return {
    access_token: access.value,
    token_type: 'Bearer',
    expires_in: ACCESS_TOKEN_LIFETIME_S,
    refresh_token: refreshToken,
    scope: of.scopes.join(' '),
    created_at: Math.floor(now.getTime() / 1000),
  }
}

function toChallenge(verifier: string): string {
  return createHash('sha256').update(verifier).digest('base64url')
}

function refuse(error: keyof typeof ERRORS, status = 400): Answer {
  return { status, json: { error, error_description: ERRORS[error] } }
}
