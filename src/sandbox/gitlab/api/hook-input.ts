import { isIP } from 'node:net'
import { badParameter, Refusal } from '../answer.ts'
import type { Hook } from '../hook-model.ts'
import type { World } from '../state.ts'
import { eventsOf } from './hook-json.ts'

type Body = Readonly<Record<string, unknown>>

export function newHook(world: World, level: Hook['level'], ownerId: number | null, body: Body): Hook {
  if (typeof body['url'] !== 'string' || body['url'] === '') throw badParameter('url is missing')
  if (level !== 'system') checkNumber(world, level, ownerId)
  const hook: Hook = {
    id: world.state.nextId('hook'),
    level,
    ownerId,
    url: body['url'],
    name: null,
    description: null,
    // Push events are on unless said otherwise.
    events: new Map([['push_events', true]]),
    branchFilter: null,
    branchFilterStrategy: 'wildcard',
    enableSslVerification: true,
    token: null,
    signingToken: null,
    customHeaders: new Map(),
    urlVariables: new Map(),
    createdAt: world.clock.now(),
    failures: 0,
    disabledUntil: null,
    testedAt: [],
  }
  changeHook(world, hook, body)
  return hook
}

/** What concerns a hook as a whole, GitLab tells under `base`. */
function checkNumber({ features, state }: World, level: 'project' | 'group', ownerId: number | null): void {
  const limit = features.hooksLimit[level]
  const count = [...state.hooks.values()].filter((hook) => hook.level === level && hook.ownerId === ownerId).length
  if (count < limit) return
  const text = `Maximum number of ${level} hooks (${limit}) exceeded`
  throw new Refusal({ status: 422, json: { message: { base: [text] } } })
}

/** Takes over what the body names and leaves the rest. */
export function changeHook(world: World, hook: Hook, body: Body): void {
  const url = text(body, 'url')
  if (url !== undefined && url !== null) {
    checkUrl(world, url)
    // Another target starts with a clean record and must not get the old secrets.
    if (url !== hook.url) Object.assign(hook, { failures: 0, disabledUntil: null, token: null, signingToken: null })
    hook.url = url
  }
  for (const event of eventsOf(hook.level)) {
    const value = flag(body, event)
    if (value !== undefined) hook.events.set(event, value)
  }
  hook.enableSslVerification = flag(body, 'enable_ssl_verification') ?? hook.enableSslVerification
  hook.name = text(body, 'name') ?? hook.name
  hook.description = text(body, 'description') ?? hook.description
  hook.branchFilter = text(body, 'push_events_branch_filter') ?? hook.branchFilter
  hook.branchFilterStrategy = strategy(body) ?? hook.branchFilterStrategy
  const token = text(body, 'token')
  if (token !== undefined) hook.token = token === '' ? null : token
  const signingToken = text(body, 'signing_token')
  if (signingToken !== undefined && world.features.signingTokens) hook.signingToken = checkedSigningToken(signingToken)
  readPairs(body['custom_headers'], hook.customHeaders)
  readPairs(body['url_variables'], hook.urlVariables)
}

function checkUrl(world: World, url: string): void {
  const parsed = URL.canParse(url.replaceAll(/\{\w+\}/g, 'x')) ? new URL(url.replaceAll(/\{\w+\}/g, 'x')) : null
  const invalid = parsed === null || !['http:', 'https:'].includes(parsed.protocol)
  if (invalid || (!world.features.allowLocalHooks && isLocal(parsed.hostname))) {
    throw new Refusal({ status: 422, json: { error: 'Invalid url given' } })
  }
}

/** Loopback and private addresses; names other than localhost are not resolved here. */
function isLocal(hostname: string): boolean {
  const host = hostname.replaceAll(/^\[|\]$/g, '')
  if (host === 'localhost' || host.endsWith('.localhost')) return true
  if (isIP(host) === 6) return /^(?:::1$|f[cd]|fe80)/i.test(host)
  return isIP(host) === 4 && /^(?:127|10|0|169\.254|192\.168|172\.(?:1[6-9]|2\d|3[01]))\./.test(host)
}

function checkedSigningToken(value: string | null): string | null {
  if (value === null || value === '') return null
  const key = /^whsec_([A-Za-z0-9+/]{43}=)$/.exec(value)?.[1]
  if (key === undefined)
    throw new Refusal({ status: 422, json: { message: { signing_token: ['must be whsec_ and 32 bytes in base64'] } } })
  return value
}

function strategy(body: Body): Hook['branchFilterStrategy'] | undefined {
  const value = text(body, 'branch_filter_strategy')
  if (value === undefined || value === null) return undefined
  if (value !== 'wildcard' && value !== 'regex' && value !== 'all_branches')
    throw badParameter('branch_filter_strategy does not have a valid value')
  return value
}

function text(body: Body, name: string): string | null | undefined {
  const value = body[name]
  if (value === undefined || value === null) return value
  if (typeof value !== 'string') throw badParameter(`${name} is invalid`)
  return value
}

function flag(body: Body, name: string): boolean | undefined {
  const value = body[name]
  if (value === undefined || value === null) return undefined
  if (value === true || value === 'true' || value === '1' || value === 1) return true
  if (value === false || value === 'false' || value === '0' || value === 0) return false
  throw badParameter(`${name} is invalid`)
}

function readPairs(value: unknown, into: Map<string, string>): void {
  if (!Array.isArray(value)) return
  into.clear()
  for (const entry of value as readonly unknown[]) {
    if (typeof entry !== 'object' || entry === null || !('key' in entry) || !('value' in entry))
      throw badParameter('custom_headers is invalid')
    into.set(String(entry.key), String(entry.value))
  }
}
