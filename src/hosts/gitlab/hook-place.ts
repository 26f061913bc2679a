import type { WebhookPlace } from '../types.ts'

/** Path of the hooks of a place in API v4. */
export function toHooksPath(place: WebhookPlace): string {
  switch (place.level) {
    case 'project':
      return `projects/${place.repository.hostId}/hooks`
    case 'group':
      return `groups/${place.group}/hooks`
    case 'system':
      return 'hooks'
  }
}

/** What a hook of a project or group asks for; jobs, issues and wiki pages would only cost GitLab's limits. */
const PROJECT_EVENTS = {
  push_events: true,
  tag_push_events: true,
  merge_requests_events: true,
  note_events: true,
  pipeline_events: true,
  deployment_events: true,
  // A token of the project or group that ends soon.
  resource_access_token_events: true,
  releases_events: false,
  issues_events: false,
  confidential_issues_events: false,
  confidential_note_events: false,
  job_events: false,
  wiki_page_events: false,
  // An adopted hook may leave branches out.
  push_events_branch_filter: '',
  branch_filter_strategy: 'all_branches',
}

/** Once a push, whatever its size; `push_events` would tell the same again. Lifecycle events come unasked. */
const SYSTEM_EVENTS = {
  repository_update_events: true,
  merge_requests_events: true,
  push_events: false,
  tag_push_events: false,
}

/** The events that a hook of this place subscribes to, under the names of GitLab's API. */
export function toEvents(place: WebhookPlace): Readonly<Record<string, boolean | string>> {
  switch (place.level) {
    case 'project':
      return PROJECT_EVENTS
    case 'group':
      return { ...PROJECT_EVENTS, project_events: true, subgroup_events: true }
    case 'system':
      return SYSTEM_EVENTS
  }
}

/** What it takes to manage the hooks of a place. */
export function describeRight(place: WebhookPlace): string {
  switch (place.level) {
    case 'project':
      return 'the role Maintainer and the scope api'
    case 'group':
      return 'the role Owner of the group, the scope api, and GitLab Premium or Ultimate'
    case 'system':
      return 'an administrator of GitLab and the scope api'
  }
}
