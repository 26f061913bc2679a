import { isExpired } from '../access.ts'
import { message, notFound, ok, Refusal, type Answer } from '../answer.ts'
import type { User } from '../model.ts'
import { namespaceOf, signedIn } from './lookup.ts'
import { paginate } from './pagination.ts'
import { route, type ApiCall } from './router.ts'
import { namespaceJson, userBasicJson, userJson, userPublicJson } from './user-json.ts'

const USER_SCOPES = ['api', 'read_api', 'read_user']

export const USER_ROUTES = [
  route('GET', '/user', (call) => ok(userPublicJson(call.world, signedIn(call).user)), { scopes: USER_SCOPES }),
  route('GET', '/users', listUsers, { scopes: USER_SCOPES }),
  route('GET', '/users/:id', getUser, { scopes: USER_SCOPES }),
  route('GET', '/namespaces/:id', getNamespace),
  route('GET', '/personal_access_tokens/self', getToken, { scopes: [] }),
  route('GET', '/version', version, { scopes: USER_SCOPES }),
  route('GET', '/metadata', metadata, { scopes: USER_SCOPES }),
]

/** The user of `:id`, a number or a user name. */
export function userOf(call: ApiCall): User {
  const { users } = call.world.state
  const id = call.params['id'] ?? ''
  const user = /^\d+$/.test(id)
    ? users.get(Number(id))
    : users.values().find(({ username }) => username.toLowerCase() === id.toLowerCase())
  if (user === undefined) throw notFound('User')
  return user
}

function listUsers(call: ApiCall): Promise<Answer> {
  const username = call.query.get('username')?.toLowerCase()
  const search = call.query.get('search')?.toLowerCase() ?? ''
  const found = [...call.world.state.users.values()].filter(
    (user) =>
      (username === undefined || user.username.toLowerCase() === username) &&
      (user.name.toLowerCase().includes(search) || user.username.toLowerCase().includes(search)),
  )
  const asAdministrator = signedIn(call).user.admin
  const newestFirst = found.toSorted((a, b) => b.id - a.id)
  return paginate(call, 'User', newestFirst, (user) =>
    asAdministrator ? userPublicJson(call.world, user) : userBasicJson(call.world, user),
  )
}

function getUser(call: ApiCall): Answer {
  if (!/^\d+$/.test(call.params['id'] ?? '')) throw new Refusal({ status: 400, json: { error: 'id is invalid' } })
  return ok(userJson(call.world, userOf(call)))
}

function getNamespace(call: ApiCall): Answer {
  const namespace = namespaceOf(call)
  if (namespace === undefined) throw notFound('Namespace')
  return ok(namespaceJson(call.world, namespace, signedIn(call).user))
}

function getToken(call: ApiCall): Answer {
  const { token } = signedIn(call)
  if (token.oauthUntil !== null)
    throw new Refusal(message(400, '400 Bad request - This endpoint requires token type to be a personal access token'))
  return ok({
    id: token.id,
    name: token.name,
    revoked: token.revoked,
    created_at: token.createdAt.toISOString(),
    description: null,
    scopes: token.scopes,
    user_id: token.userId,
    last_used_at: token.lastUsedAt?.toISOString() ?? null,
    active: !token.revoked && !isExpired(token, call.world.clock.now()),
    granular: false,
    expires_at: token.expiresAt,
    last_used_ips: ['127.0.0.1'],
  })
}

function version({ world }: ApiCall): Answer {
  return ok({ version: shownVersion(world.features), revision: '3a1b5e0c9d2' })
}

function metadata({ world }: ApiCall): Answer {
  const kas = { enabled: false, externalUrl: null, externalK8sProxyUrl: null, version: null }
  return ok({ version: shownVersion(world.features), revision: '3a1b5e0c9d2', kas, enterprise: world.features.tier !== 'free' })
}

function shownVersion(features: { readonly version: string; readonly tier: string }): string {
  return features.tier === 'free' ? features.version : `${features.version}-ee`
}
