/** Hosts' words for their events, in the short form of labels. */
const EVENTS: Readonly<Record<string, string>> = {
  'Push Hook': 'push',
  'Tag Push Hook': 'tag-push',
  'Merge Request Hook': 'merge-request',
  'Note Hook': 'note',
  'Issue Hook': 'issue',
  'Confidential Note Hook': 'note',
  'Confidential Issue Hook': 'issue',
  'Pipeline Hook': 'pipeline',
  'Job Hook': 'job',
  'Deployment Hook': 'deployment',
  'Release Hook': 'release',
  'Feature Flag Hook': 'feature-flag',
  'Project Hook': 'project',
  'Subgroup Hook': 'subgroup',
  'Member Hook': 'member',
  'Resource Access Token Hook': 'access-token',
  'System Hook': 'system',
  'Wiki Page Hook': 'wiki-page',
}

/** A label of bounded number: whatever else a sender invents is `other`. */
export function toEventLabel(event: string): string {
  return Object.hasOwn(EVENTS, event) ? (EVENTS[event] ?? 'other') : 'other'
}
