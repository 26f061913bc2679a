import { alertStatus, HOOK_EVENTS, type Hook, type HookDelivery, type HookEvent } from '../hook-model.ts'
import type { World } from '../state.ts'

const GROUP_ONLY: readonly HookEvent[] = ['project_events', 'subgroup_events', 'member_events']
const NOT_IN_GROUPS: readonly HookEvent[] = ['resource_deploy_token_events']
export const SYSTEM_EVENTS: readonly HookEvent[] = [
  'push_events',
  'tag_push_events',
  'merge_requests_events',
  'repository_update_events',
]

/** The events a hook of this level can subscribe to. */
export function eventsOf(level: Hook['level']): readonly HookEvent[] {
  if (level === 'system') return SYSTEM_EVENTS
  const without = level === 'group' ? NOT_IN_GROUPS : GROUP_ONLY
  return HOOK_EVENTS.filter((event) => !without.includes(event))
}

/** Secrets are told to be there, never what they are. */
export function hookJson(world: World, hook: Hook) {
  const now = world.clock.now()
  const owner = hook.level === 'project' ? { project_id: hook.ownerId } : { group_id: hook.ownerId }
  return {
    id: hook.id,
    url: hook.url,
    name: hook.name,
    description: hook.description,
    created_at: hook.createdAt.toISOString(),
    ...Object.fromEntries(eventsOf(hook.level).map((event) => [event, hook.events.get(event) ?? false])),
    enable_ssl_verification: hook.enableSslVerification,
    organization_id: 1,
    alert_status: alertStatus(hook, now),
    disabled_until: hook.disabledUntil !== null && hook.disabledUntil > now ? hook.disabledUntil.toISOString() : null,
    url_variables: [...hook.urlVariables.keys()].map((key) => ({ key })),
    push_events_branch_filter: hook.branchFilter,
    branch_filter_strategy: hook.branchFilterStrategy,
    custom_webhook_template: null,
    custom_headers: [...hook.customHeaders.keys()].map((key) => ({ key })),
    token_present: hook.token !== null,
    signing_token_present: hook.signingToken !== null,
    ...(hook.level === 'system' ? {} : owner),
  }
}

export function deliveryJson(delivery: HookDelivery) {
  return {
    id: delivery.id,
    url: delivery.url,
    trigger: delivery.trigger,
    request_headers: { ...delivery.requestHeaders, 'X-Gitlab-Token': '[REDACTED]' },
    request_data: delivery.body,
    response_headers: {},
    response_body: delivery.answer,
    response_status: delivery.status === null ? 'internal error' : String(delivery.status),
    execution_duration: delivery.durationMs / 1000,
    created_at: delivery.at.toISOString(),
  }
}
