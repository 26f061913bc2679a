import type { IncomingHttpHeaders } from 'node:http'
import { getNamespace, getUser, namespaceChain, type State } from './state.ts'
import { ROLES, type Namespace, type Project, type ProjectFeature, type Token, type User } from './model.ts'

export interface Caller {
  readonly user: User
  readonly token: Token
}

export type SignIn =
  | { readonly kind: 'anonymous' }
  | { readonly kind: 'caller'; readonly caller: Caller }
  | { readonly kind: 'refused'; readonly reason: 'unknown' | 'expired' | 'revoked' }

/** Reads `PRIVATE-TOKEN` or `Authorization: Bearer`. */
export function signIn(state: State, headers: IncomingHttpHeaders, now: Date): SignIn {
  const privateToken = headers['private-token']
  // OAuth access tokens are bearer tokens and nothing else.
  if (typeof privateToken === 'string' && isOAuthToken(state, privateToken)) return { kind: 'refused', reason: 'unknown' }
  const bearer = /^Bearer\s+(\S+)$/i.exec(headers.authorization ?? '')?.[1]
  const value = typeof privateToken === 'string' ? privateToken : bearer
  return value === undefined ? { kind: 'anonymous' } : signInWith(state, value, now)
}

/** Git sends a token as the password of basic authentication; the user name counts only by not being empty. */
export function signInToGit(state: State, headers: IncomingHttpHeaders, now: Date): SignIn {
  const basic = /^Basic\s+(\S+)$/i.exec(headers.authorization ?? '')?.[1]
  if (basic === undefined) return signIn(state, headers, now)
  const [, name, password] = /^([^:]*):(.*)$/s.exec(Buffer.from(basic, 'base64').toString('utf8')) ?? []
  if (name === undefined || name === '' || password === undefined) return { kind: 'refused', reason: 'unknown' }
  return signInWith(state, password, now)
}

function signInWith(state: State, value: string, now: Date): SignIn {
  const token = state.tokens.get(value)
  if (token === undefined) return { kind: 'refused', reason: 'unknown' }
  const user = getUser(state, token.userId)
  if (token.revoked || user.state === 'blocked') return { kind: 'refused', reason: 'revoked' }
  if (isExpired(token, now)) return { kind: 'refused', reason: 'expired' }
  token.lastUsedAt = now
  return { kind: 'caller', caller: { user, token } }
}

function isOAuthToken(state: State, value: string): boolean {
  return (state.tokens.get(value)?.oauthUntil ?? null) !== null
}

export function isExpired(token: Token, now: Date): boolean {
  if (token.oauthUntil !== null) return token.oauthUntil <= now
  return token.expiresAt !== null && token.expiresAt <= now.toISOString().slice(0, 10)
}

/** Access level of a user in a namespace, membership in groups above included; 0: none. */
export function roleInNamespace(state: State, user: User | null, namespaceId: number): number {
  if (user === null) return 0
  if (user.admin) return ROLES.owner
  const levels = namespaceChain(state, namespaceId).map(({ userId, members }) =>
    userId === user.id ? ROLES.owner : (members.get(user.id) ?? 0),
  )
  return Math.max(0, ...levels)
}

/** Access level of a user in a project: own, inherited, or through a group it is shared with; 0: none. */
export function roleInProject(state: State, user: User | null, project: Project): number {
  if (user === null) return 0
  const shared = project.sharedWith.entries().map(([groupId, level]) => Math.min(level, roleInNamespace(state, user, groupId)))
  return Math.max(roleInNamespace(state, user, project.namespaceId), project.members.get(user.id) ?? 0, ...shared)
}

/** Member in the sense of `membership=true`: an administrator's power is no membership. */
export function isMember(state: State, user: User, project: Project): boolean {
  return roleInProject(state, { ...user, admin: false }, project) > 0
}

export function canSeeProject(state: State, user: User | null, project: Project): boolean {
  if (project.visibility === 'public') return true
  if (project.visibility === 'internal' && user !== null && !user.bot) return true
  return roleInProject(state, user, project) >= ROLES.guest
}

export function canSeeNamespace(state: State, user: User | null, namespace: Namespace): boolean {
  if (namespace.kind === 'user' || namespace.visibility === 'public') return true
  if (namespace.visibility === 'internal' && user !== null) return true
  return roleInNamespace(state, user, namespace.id) >= ROLES.guest
}

/** Whether a feature is on for this user; with a private project, code and merge requests need a Reporter. */
export function canUse(state: State, user: User | null, project: Project, feature: ProjectFeature): boolean {
  if (!canSeeProject(state, user, project)) return false
  const access = project.access[feature]
  if (access === 'disabled') return false
  if (access === 'enabled' && project.visibility !== 'private') return true
  return roleInProject(state, user, project) >= ROLES.reporter
}

export function isPersonal(state: State, project: Project): boolean {
  return getNamespace(state, project.namespaceId).kind === 'user'
}
