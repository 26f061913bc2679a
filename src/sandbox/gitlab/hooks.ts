import { randomUUID } from 'node:crypto'
import { Webhook } from 'standardwebhooks'
import { FAILURES_TO_BACK_OFF, alertStatus, type Hook, type HookDelivery, type HookEvent } from './hook-model.ts'
import { postHook } from './hook-request.ts'
import type { Project } from './model.ts'
import { namespaceChain, type World } from './state.ts'

const EVENT_HEADERS: Readonly<Partial<Record<HookEvent, string>>> = {
  push_events: 'Push Hook',
  tag_push_events: 'Tag Push Hook',
  merge_requests_events: 'Merge Request Hook',
  note_events: 'Note Hook',
  pipeline_events: 'Pipeline Hook',
  deployment_events: 'Deployment Hook',
  releases_events: 'Release Hook',
  project_events: 'Project Hook',
  subgroup_events: 'Subgroup Hook',
}
const MINUTE_MS = 60_000
const MAX_BACK_OFF_MS = 24 * 60 * MINUTE_MS
const KEPT_DELIVERIES = 5_000

export interface FiredEvent {
  readonly trigger: HookEvent
  /** null: hooks of projects and groups do not get it. */
  readonly body: Readonly<Record<string, unknown>> | null
  /** Other body for system hooks, which carry no commits; null: system hooks do not get it. */
  readonly systemBody: Readonly<Record<string, unknown>> | null
  /** Branch that the hooks' branch filters look at; null: not filtered. */
  readonly branch: string | null
  /** Shared by all hooks that one act fires. */
  readonly requestId: string
}

/**
 * Fires the project's hooks, those of the groups above it (Premium) and system hooks: each at once, in no order, without
 * another try when one fails. Returns before they are delivered; `world.pending` holds what is under way.
 */
export function fireHooks(world: World, project: Project, event: FiredEvent): void {
  const groupIds = namespaceChain(world.state, project.namespaceId).map(({ id }) => id)
  fireHooksOf(world, { projectId: project.id, groupIds }, event)
}

/** The same for what happens to a group. */
export function fireHooksOf(
  world: World,
  { projectId, groupIds }: { projectId: number | null; groupIds: readonly number[] },
  event: FiredEvent,
): void {
  const groups = world.features.tier === 'premium' ? groupIds : []
  for (const hook of world.state.hooks.values()) {
    const concerned =
      hook.level === 'system' ||
      (hook.level === 'project' && hook.ownerId === projectId) ||
      (hook.level === 'group' && hook.ownerId !== null && groups.includes(hook.ownerId))
    const body = hook.level === 'system' ? event.systemBody : event.body
    if (!concerned || body === null || !isSubscribed(hook, event) || !branchWanted(hook, event)) continue
    if (hook.level !== 'system' && alertStatus(hook, world.clock.now()) !== 'executable') continue // dropped, nobody is told
    const delivery = deliver(world, hook, { ...event, body }).catch((error: unknown) =>
      world.log.warn({ hookId: hook.id, error }, 'sandbox hook failed'),
    )
    world.pending.add(delivery)
    void delivery.finally(() => world.pending.delete(delivery))
  }
}

/** Sends one body to one hook and keeps the books of failures. */
export async function deliver(
  world: World,
  hook: Hook,
  event: Pick<FiredEvent, 'trigger' | 'requestId'> & { readonly body: Readonly<Record<string, unknown>> },
): Promise<HookDelivery> {
  const text = JSON.stringify(event.body)
  const headers = headersOf(world, hook, event, text)
  const at = world.clock.now()
  const startedMs = world.clock.monotonicMs()
  const url = interpolated(hook)
  const { status, answer } = await postHook({
    url,
    headers,
    text,
    timeoutMs: world.features.hookTimeoutMs,
    verifyTls: hook.enableSslVerification,
    closing: world.closing,
  })
  keepBooks(world, hook, status)
  const delivery: HookDelivery = {
    id: world.state.nextId('delivery'),
    hookId: hook.id,
    url: hook.url,
    event: headers['X-Gitlab-Event'] ?? '',
    trigger: event.trigger,
    requestHeaders: headers,
    body: event.body,
    status,
    answer,
    durationMs: world.clock.monotonicMs() - startedMs,
    at,
  }
  world.state.deliveries.push(delivery)
  if (world.state.deliveries.length > KEPT_DELIVERIES) world.state.deliveries.shift()
  return delivery
}

/** System hooks hear of the lifecycle of projects and groups unasked. */
function isSubscribed(hook: Hook, { trigger }: FiredEvent): boolean {
  const unasked = trigger === 'project_events' || trigger === 'subgroup_events'
  return hook.events.get(trigger) === true || (hook.level === 'system' && unasked)
}

function headersOf(
  world: World,
  hook: Hook,
  event: Pick<FiredEvent, 'trigger' | 'requestId'>,
  text: string,
): Record<string, string> {
  const idempotencyKey = randomUUID()
  const headers: Record<string, string> = {
    'Content-Type': 'application/json',
    'User-Agent': `GitLab/${world.features.version}`,
    'X-Gitlab-Event': hook.level === 'system' ? 'System Hook' : (EVENT_HEADERS[event.trigger] ?? 'Unknown Hook'),
    'X-Gitlab-Webhook-UUID': randomUUID(),
    'X-Gitlab-Instance': world.baseUrl(),
    'X-Gitlab-Event-UUID': event.requestId,
    'Idempotency-Key': idempotencyKey,
    ...Object.fromEntries(hook.customHeaders),
  }
  if (hook.token !== null) headers['X-Gitlab-Token'] = hook.token
  if (hook.signingToken !== null) {
    const now = world.clock.now()
    headers['webhook-id'] = idempotencyKey
    headers['webhook-timestamp'] = String(Math.floor(now.getTime() / 1000))
    // The library itself, and not what the connector verifies with: two that agree.
    headers['webhook-signature'] = new Webhook(hook.signingToken).sign(idempotencyKey, now, text)
  }
  return headers
}

/** 2xx and 3xx count as success. Four failures in a row: off for 1 min, doubling to 24 h; the 40th: off for good. */
function keepBooks(world: World, hook: Hook, status: number | null): void {
  if (status !== null && status >= 200 && status < 400) {
    hook.failures = 0
    hook.disabledUntil = null
    return
  }
  if (!world.features.hookDisabling || hook.level === 'system') return
  hook.failures++
  if (hook.failures < FAILURES_TO_BACK_OFF) return
  const waitMs = Math.min(MINUTE_MS * 2 ** (hook.failures - FAILURES_TO_BACK_OFF), MAX_BACK_OFF_MS)
  hook.disabledUntil = new Date(world.clock.now().getTime() + waitMs)
}

function branchWanted(hook: Hook, { branch }: FiredEvent): boolean {
  if (branch === null || hook.branchFilter === null || hook.branchFilter === '' || hook.branchFilterStrategy === 'all_branches')
    return true
  if (hook.branchFilterStrategy === 'regex') return new RegExp(hook.branchFilter).test(branch)
  const pattern = hook.branchFilter
    .split('*')
    .map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&'))
    .join('.*')
  return new RegExp(`^${pattern}$`).test(branch)
}

function interpolated(hook: Hook): string {
  return hook.urlVariables.entries().reduce((url, [key, value]) => url.replaceAll(`{${key}}`, value), hook.url)
}
