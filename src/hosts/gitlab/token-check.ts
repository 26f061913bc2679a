import type { z } from 'zod'
import { findNotice, type TokenExpiry } from '../../domain/token-expiry.ts'
import type { Clock } from '../../lib/clock.ts'
import { ConnectorError, isConnectorError } from '../../lib/connector-error.ts'
import type { HttpResponse } from '../../lib/http-client.ts'
import type { HostOwner } from '../types.ts'
import { parseAnswer, type GitLabClient } from './client.ts'
import { memberSchema, tokenSchema, userSchema, versionSchema } from './schema.ts'

export interface TokenCheck {
  readonly client: GitLabClient
  readonly adminClient: GitLabClient | null
  readonly clock: Clock
  readonly signal: AbortSignal
}

type TokenFacts = z.infer<typeof tokenSchema>

/** Access level of the role Reporter: the lowest that reads code in private projects. */
const REPORTER = 20

/** Throws `credentials-refused` for a token that is wrong, revoked or expired; resolves with what it is. */
export async function checkToken(check: TokenCheck, versionAnswer: HttpResponse | null): Promise<string> {
  const facts = await findFacts(check.client, check.signal)
  // Only personal, project and group tokens tell about themselves; another one counts as good when it opened anything.
  if (versionAnswer?.status === 401) await check.client.get(check.client.address('user'), userSchema, check.signal)
  if (facts !== null && (facts.revoked === true || facts.active === false)) {
    const state = facts.revoked === true ? 'revoked' : 'expired'
    throw new ConnectorError('credentials-refused', {
      userMessage: `The token is ${state}.`,
      remedy: 'Create a new token and enter it.',
    })
  }
  await checkAdminToken(check)
  const main = `The token is accepted${describeExpiry('token', facts, check.clock)}.`
  if (check.adminClient === null) return main
  const adminFacts = await findFacts(check.adminClient, check.signal)
  return `${main} The token for webhooks is accepted${describeExpiry('webhook-admin-token', adminFacts, check.clock)}.`
}

/** Throws `scope-missing` naming what is missing; `api` covers both reading scopes. */
export async function checkScopes({ client, signal }: TokenCheck, versionAnswer: HttpResponse | null): Promise<string> {
  const facts = await findFacts(client, signal)
  // Asked once more, so that the refusal names the scope.
  if (facts === null && versionAnswer?.status === 403) await client.get(client.address('version'), versionSchema, signal)
  if (facts === null) return 'GitLab does not tell the scopes of this token; the next steps prove them.'
  const has = (scope: string) => facts.scopes.includes(scope) || facts.scopes.includes('api')
  const missing = ['read_api', 'read_repository'].filter((scope) => !has(scope))
  if (missing.length === 0) return `The token has the scopes ${facts.scopes.join(', ')}.`
  throw new ConnectorError('scope-missing', {
    userMessage: `The token lacks the scope ${missing.join(' and the scope ')} (it has: ${facts.scopes.join(', ') || 'none'}).`,
    remedy: 'Create a token with the scopes read_api and read_repository and enter it: scopes cannot be added to a token.',
  })
}

/** Throws `permission-missing` when the token's user is a member with less than Reporter. */
export async function checkRole({ client, signal }: TokenCheck, owner: HostOwner | null): Promise<string> {
  if (owner === null || owner.kind !== 'group') return 'What the token sees depends on its role in each repository.'
  const user = await findOptional(() => client.get(client.address('user'), userSchema, signal))
  if (user === null) return 'GitLab does not tell the user of this token.'
  if (user.is_admin === true) return `${user.username} is an administrator.`
  const url = client.address(`groups/${owner.hostId ?? ''}/members/all/${user.id}`)
  const member = await findOptional(() => client.get(url, memberSchema, signal))
  if (member === null)
    return `GitLab names no role of ${user.username} in ${owner.name}: without one only public repositories are seen.`
  if (member.access_level >= REPORTER) return `${user.username} has access level ${member.access_level} in ${owner.name}.`
  throw new ConnectorError('permission-missing', {
    userMessage: `${user.username} has access level ${member.access_level} in ${owner.name}; reading code takes ${REPORTER} (Reporter).`,
    remedy: `Give ${user.username} the role Reporter in ${owner.name}.`,
  })
}

async function checkAdminToken({ adminClient, signal }: TokenCheck): Promise<void> {
  if (adminClient === null) return
  const answer = await adminClient.request({ method: 'GET', url: adminClient.address('user'), signal, accept: [401] })
  if (answer.status !== 401) {
    parseAnswer(answer, userSchema)
    return
  }
  throw new ConnectorError('credentials-refused', {
    userMessage: 'The token for webhooks (webhookAdminToken) is refused: wrong, expired or revoked.',
    remedy: 'Create a new one with the scope api and enter it, or leave it out and let the repositories be polled.',
  })
}

/** null for tokens that do not tell about themselves: OAuth, and personal ones before GitLab 15. */
async function findFacts(client: GitLabClient, signal: AbortSignal): Promise<TokenFacts | null> {
  const url = client.address('personal_access_tokens/self')
  const answer = await client.request({ method: 'GET', url, signal, accept: [400, 401, 403, 404, 405] })
  return answer.status === 200 ? parseAnswer(answer, tokenSchema) : null
}

function describeExpiry(credential: TokenExpiry['credential'], facts: TokenFacts | null, clock: Clock): string {
  const expiry = toExpiry(credential, facts)
  if (expiry.expiresAt === null) return ''
  const day = expiry.expiresAt.toISOString().slice(0, 10)
  const soon = findNotice(expiry, clock.now()) !== null
  return soon ? ` but expires soon, on ${day}: create its successor in time` : `; it expires on ${day}`
}

/** What the token may; null: GitLab does not tell this token. */
export async function findScopes(client: GitLabClient, signal: AbortSignal): Promise<readonly string[] | null> {
  return (await findFacts(client, signal))?.scopes ?? null
}

/** Whose token it is; null: GitLab does not tell this token. */
export async function findUser(client: GitLabClient, signal: AbortSignal): Promise<string | null> {
  const user = await findOptional(() => client.get(client.address('user'), userSchema, signal))
  return user?.username ?? null
}

/** The end of each token that tells about itself. Asked daily: two small requests an account. */
export async function readTokenExpiries(
  { client, adminClient }: Pick<TokenCheck, 'client' | 'adminClient'>,
  signal: AbortSignal,
): Promise<readonly TokenExpiry[]> {
  const token = toExpiry('token', await findFacts(client, signal))
  if (adminClient === null) return [token]
  return [token, toExpiry('webhook-admin-token', await findFacts(adminClient, signal))]
}

/** GitLab refuses a token from the beginning (UTC) of the day that it names. */
function toExpiry(credential: TokenExpiry['credential'], facts: TokenFacts | null): TokenExpiry {
  const at = Date.parse(facts?.expires_at ?? '')
  return { credential, expiresAt: Number.isNaN(at) ? null : new Date(at) }
}

async function findOptional<T>(call: () => Promise<T>): Promise<T | null> {
  try {
    return await call()
  } catch (error) {
    if (isConnectorError(error, 'not-found') || isConnectorError(error, 'permission-missing')) return null
    throw error
  }
}
