import type { Clock } from '../../lib/clock.ts'
import type { Logger } from '../../lib/logger.ts'
import type { Hook, HookDelivery } from './hook-model.ts'
import type { Namespace, Project, Token, User } from './model.ts'
import { createOAuthState, type OAuthState } from './oauth/oauth-state.ts'

/** Switches of the stand-in, changeable while it runs. */
export interface SandboxFeatures {
  tier: 'free' | 'premium'
  version: string
  partialClone: boolean
  /** GitLab.com disables failing hooks; a self-managed GitLab does only when told to. */
  hookDisabling: boolean
  /** GitLab's: 10,000 ms. */
  hookTimeoutMs: number
  /** Refs of one kind and action in one push above which no hook fires (`push_event_hooks_limit`). */
  pushEventHooksLimit: number
  /** Off: hooks to loopback and private addresses are refused, as GitLab does by default. */
  allowLocalHooks: boolean
  /** Off: `signing_token` is ignored without a word, as in versions without it. */
  signingTokens: boolean
  /** Hooks that one project may have, and one group. */
  hooksLimit: { readonly project: number; readonly group: number }
  /** Largest offset of a list; 0: none. */
  maxOffset: number
  /** Records above which totals are left out. */
  countLimit: number
}

export const DEFAULT_FEATURES: Readonly<SandboxFeatures> = {
  tier: 'free',
  version: '19.2.1',
  partialClone: true,
  hookDisabling: true,
  hookTimeoutMs: 10_000,
  pushEventHooksLimit: 3,
  allowLocalHooks: true,
  signingTokens: true,
  hooksLimit: { project: 100, group: 50 },
  maxOffset: 50_000,
  countLimit: 10_000,
}

/** Everything the stand-in knows; lives and dies with it. */
export interface State {
  readonly users: Map<number, User>
  readonly namespaces: Map<number, Namespace>
  readonly projects: Map<number, Project>
  /** By value. */
  readonly tokens: Map<string, Token>
  readonly oauth: OAuthState
  readonly hooks: Map<number, Hook>
  /** Former full paths in lower case to project ids. */
  readonly moved: Map<string, number>
  readonly deliveries: HookDelivery[]
  nextId(kind: string): number
}

/** What every part of the stand-in needs. */
export interface World {
  readonly clock: Clock
  readonly env: NodeJS.ProcessEnv
  readonly log: Logger
  readonly folder: string
  readonly features: SandboxFeatures
  readonly state: State
  /** Hook deliveries and pushes under way. */
  readonly pending: Set<Promise<unknown>>
  /** Last push being worked on, by project id: pushes to one project are worked on one after the other. */
  readonly pushes: Map<number, Promise<unknown>>
  /** A runner builds what is pushed. */
  readonly runner: boolean
  /** Aborted when the stand-in closes. */
  readonly closing: AbortSignal
  /** Public address with the relative root, without a final slash. */
  baseUrl(): string
}

/** Numbers start far from each other, so that an id used for another kind of thing is found out. */
const FIRST_IDS: Readonly<Record<string, number>> = {
  user: 11,
  namespace: 101,
  project: 501,
  token: 2001,
  mergeRequest: 70_001,
  note: 90_001,
}

export function createState(): State {
  const lastIds = new Map<string, number>()
  return {
    users: new Map(),
    namespaces: new Map(),
    projects: new Map(),
    tokens: new Map(),
    oauth: createOAuthState(),
    hooks: new Map(),
    moved: new Map(),
    deliveries: [],
    nextId(kind) {
      const id = (lastIds.get(kind) ?? (FIRST_IDS[kind] ?? 1) - 1) + 1
      lastIds.set(kind, id)
      return id
    },
  }
}

export function getUser(state: State, id: number): User {
  return known(state.users.get(id), `user ${id}`)
}

export function getNamespace(state: State, id: number): Namespace {
  return known(state.namespaces.get(id), `namespace ${id}`)
}

export function getProject(state: State, id: number): Project {
  return known(state.projects.get(id), `project ${id}`)
}

/** The namespace and all above it, nearest first. */
export function namespaceChain(state: State, namespaceId: number): Namespace[] {
  const chain: Namespace[] = []
  for (let id: number | null = namespaceId; id !== null;) {
    const namespace: Namespace = getNamespace(state, id)
    chain.push(namespace)
    id = namespace.parentId
  }
  return chain
}

export function namespacePath(state: State, namespaceId: number): string {
  return joined(namespaceChain(state, namespaceId), ({ path }) => path, '/')
}

export function namespaceName(state: State, namespaceId: number): string {
  return joined(namespaceChain(state, namespaceId), ({ name }) => name, ' / ')
}

export function projectPath(state: State, project: Project): string {
  return `${namespacePath(state, project.namespaceId)}/${project.path}`
}

/** Paths are case-insensitive. */
export function findProjectByPath(state: State, path: string): Project | undefined {
  const wanted = path.toLowerCase()
  return state.projects.values().find((project) => projectPath(state, project).toLowerCase() === wanted)
}

/** The project that had this path before it was renamed or transferred. */
export function findMovedProject(state: State, path: string): Project | undefined {
  const id = state.moved.get(path.toLowerCase())
  return id === undefined ? undefined : state.projects.get(id)
}

export function findNamespaceByPath(state: State, path: string): Namespace | undefined {
  const wanted = path.toLowerCase()
  return state.namespaces.values().find(({ id }) => namespacePath(state, id).toLowerCase() === wanted)
}

/** The group itself and everything below it. */
export function isWithin(state: State, namespaceId: number, groupId: number): boolean {
  return namespaceChain(state, namespaceId).some(({ id }) => id === groupId)
}

function known<T>(found: T | undefined, what: string): T {
  if (found === undefined) throw new Error(`The sandbox GitLab has no ${what}`)
  return found
}

function joined(chain: readonly Namespace[], part: (namespace: Namespace) => string, separator: string): string {
  return chain.toReversed().map(part).join(separator)
}
