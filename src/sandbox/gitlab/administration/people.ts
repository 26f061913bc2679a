import { randomBytes } from 'node:crypto'
import { ROLES, type Namespace, type Project, type Role, type Token, type User, type Visibility } from '../model.ts'
import { findNamespaceByPath, getNamespace, namespacePath, type World } from '../state.ts'
import { fireGroupEvent, fireGroupRenamed } from '../lifecycle-hooks.ts'
import { remember } from './moves.ts'

export interface NewUser {
  readonly username: string
  readonly name?: string
  readonly email?: string
  readonly publicEmail?: string
  readonly admin?: boolean
}

export interface NewGroup {
  readonly path: string
  readonly name?: string
  /** A group, or its full path. */
  readonly parent?: Namespace | string
  readonly visibility?: Visibility
}

/** Whose token: a user's own (`user`), or a group's or project's with a bot of this role. */
export interface NewToken {
  readonly name?: string
  readonly user?: User
  readonly group?: Namespace
  readonly project?: Project
  readonly role?: Role
  readonly scopes?: readonly string[]
  /** `YYYY-MM-DD`; null: never. Default: a year from now. */
  readonly expiresAt?: string | null
  /** Default: a random one. */
  readonly value?: string
}

export function addUser(world: World, input: NewUser): User {
  const namespaceId = world.state.nextId('namespace')
  const user: User = {
    id: world.state.nextId('user'),
    namespaceId,
    username: input.username,
    name: input.name ?? input.username,
    email: input.email ?? `${input.username}@example.com`,
    publicEmail: input.publicEmail ?? '',
    admin: input.admin ?? false,
    bot: false,
    state: 'active',
    createdAt: world.clock.now(),
  }
  world.state.users.set(user.id, user)
  world.state.namespaces.set(namespaceId, {
    ...emptyNamespace(world, namespaceId),
    kind: 'user',
    name: user.name,
    path: user.username,
    userId: user.id,
    visibility: 'public',
  })
  return user
}

export function addGroup(world: World, input: NewGroup): Namespace {
  const parent = input.parent === undefined ? null : namespaceAt(world, input.parent)
  const id = world.state.nextId('namespace')
  const group: Namespace = {
    ...emptyNamespace(world, id),
    name: input.name ?? input.path,
    path: input.path,
    parentId: parent?.id ?? null,
    visibility: input.visibility ?? 'private',
  }
  world.state.namespaces.set(id, group)
  fireGroupEvent(world, group, 'create')
  return group
}

export function addMember(target: Namespace | Project, user: User, role: Role): void {
  target.members.set(user.id, ROLES[role])
}

export function createToken(world: World, input: NewToken): Token {
  const id = world.state.nextId('token')
  const owner = input.user ?? addBot(world, input)
  const now = world.clock.now()
  const nextYear = new Date(now.getTime() + 365 * 86_400_000).toISOString().slice(0, 10)
  const token: Token = {
    id,
    name: input.name ?? `token ${id}`,
    value: input.value ?? `glpat-${randomBytes(15).toString('base64url')}`,
    userId: owner.id,
    scopes: input.scopes ?? ['api'],
    expiresAt: input.expiresAt === undefined ? nextYear : input.expiresAt,
    oauthUntil: null,
    revoked: false,
    createdAt: now,
    lastUsedAt: null,
  }
  world.state.tokens.set(token.value, token)
  return token
}

export function renameGroup(world: World, group: Namespace, path: string): void {
  const former = { path: group.path, fullPath: namespacePath(world.state, group.id) }
  remember(world, () => {
    group.path = path
    group.name = path
  })
  fireGroupRenamed(world, group, former)
}

/** With the personal namespace, and so the paths of everything in it. */
export function renameUser(world: World, user: User, username: string): void {
  remember(world, () => {
    user.username = username
    getNamespace(world.state, user.namespaceId).path = username
  })
}

export function namespaceAt(world: World, place: Namespace | string): Namespace {
  const found = typeof place === 'string' ? findNamespaceByPath(world.state, place) : getNamespace(world.state, place.id)
  if (found === undefined)
    throw new Error(`The sandbox GitLab has no group or user ${typeof place === 'string' ? place : place.path}`)
  return found
}

/** The member that stands behind a group's or project's token. */
function addBot(world: World, { group, project, role = 'reporter', name }: NewToken): User {
  const target = group ?? project
  if (target === undefined) throw new Error('A sandbox token belongs to a user, a group or a project')
  const kind = group === undefined ? 'project' : 'group'
  const bot = addUser(world, { username: `${kind}_${target.id}_bot_${randomBytes(8).toString('hex')}`, name: name ?? 'bot' })
  bot.bot = true
  addMember(target, bot, role)
  return bot
}

function emptyNamespace(world: World, id: number): Namespace {
  return {
    id,
    kind: 'group',
    name: '',
    path: '',
    description: '',
    parentId: null,
    userId: null,
    visibility: 'private',
    createdAt: world.clock.now(),
    members: new Map(),
  }
}
