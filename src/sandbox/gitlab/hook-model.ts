/** The kinds of events a hook subscribes to, under the names of GitLab's API. */
export const HOOK_EVENTS = [
  'push_events',
  'tag_push_events',
  'merge_requests_events',
  'repository_update_events',
  'issues_events',
  'confidential_issues_events',
  'note_events',
  'confidential_note_events',
  'pipeline_events',
  'wiki_page_events',
  'job_events',
  'deployment_events',
  'feature_flag_events',
  'releases_events',
  'milestone_events',
  'emoji_events',
  'resource_access_token_events',
  'resource_deploy_token_events',
  'vulnerability_events',
  'project_events',
  'subgroup_events',
  'member_events',
] as const
export type HookEvent = (typeof HOOK_EVENTS)[number]

export interface Hook {
  readonly id: number
  readonly level: 'project' | 'group' | 'system'
  /** Project or group id; null for a system hook. */
  readonly ownerId: number | null
  url: string
  name: string | null
  description: string | null
  readonly events: Map<HookEvent, boolean>
  branchFilter: string | null
  branchFilterStrategy: 'wildcard' | 'regex' | 'all_branches'
  enableSslVerification: boolean
  token: string | null
  /** `whsec_` and 32 bytes in base64. */
  signingToken: string | null
  customHeaders: Map<string, string>
  urlVariables: Map<string, string>
  readonly createdAt: Date
  /** Consecutive ones. */
  failures: number
  disabledUntil: Date | null
  /** Times of the last test calls: 5 a minute are allowed. */
  testedAt: Date[]
}

/** One delivery as it was tried; kept newest last. */
export interface HookDelivery {
  readonly id: number
  readonly hookId: number
  readonly url: string
  /** Value of `X-Gitlab-Event`. */
  readonly event: string
  readonly trigger: HookEvent
  readonly requestHeaders: Readonly<Record<string, string>>
  readonly body: Readonly<Record<string, unknown>>
  /** null: no answer. */
  readonly status: number | null
  readonly answer: string
  readonly durationMs: number
  readonly at: Date
}

/** GitLab's: permanently off at the 40th failure in a row, off for a while from the fourth on. */
export const FAILURES_TO_DISABLE = 40
export const FAILURES_TO_BACK_OFF = 4

export type AlertStatus = 'executable' | 'temporarily_disabled' | 'disabled'

export function alertStatus(hook: Hook, now: Date): AlertStatus {
  if (hook.failures >= FAILURES_TO_DISABLE) return 'disabled'
  return hook.disabledUntil !== null && hook.disabledUntil > now ? 'temporarily_disabled' : 'executable'
}
