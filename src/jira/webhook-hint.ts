import { z } from 'zod'
import { issueKey, type IssueKey } from '../domain/ids.ts'
import { MAX_KEY_LENGTH } from '../domain/issue-keys.ts'

/** What the connector's webhook in Jira is told of. */
export const JIRA_WEBHOOK_EVENTS: readonly string[] = [
  'jira:issue_created',
  'jira:issue_updated',
  'jira:issue_deleted',
  'project_created',
  'project_updated',
  'project_deleted',
]

/**
 * Where a webhook of Jira says to look. Nothing else of its payload is used: what is true is read from Jira afterwards.
 *
 * - `created`, `deleted`: an issue
 * - `moved`: an issue got another key
 * - `changed`: anything else of an issue
 * - `projects`: the list of projects
 * - `other`: nothing that concerns us
 */
export interface JiraHint {
  readonly kind: 'created' | 'moved' | 'changed' | 'deleted' | 'projects' | 'other'
  /** Jira's name of the event, for people; at most 80 characters. */
  readonly event: string
  /** Numeric id as text; null: none was named. */
  readonly issueId: string | null
  /** Its key, and those that it had according to the change. */
  readonly keys: readonly IssueKey[]
}

/** The same as in searches: what is longer or looks otherwise names no issue. */
const ISSUE_KEY = /^[A-Z][A-Z0-9_]*-[1-9][0-9]{0,17}$/
const MAX_CHANGES = 1_000
const MAX_KEYS = 10

const text = z.string().catch('')
const issueSchema = z
  .object({ id: z.union([z.string(), z.number()]).transform(String).catch(''), key: text })
  .catch({ id: '', key: '' })
const changeSchema = z.object({ field: text, fromString: text }).catch({ field: '', fromString: '' })
const payloadSchema = z
  .object({
    webhookEvent: text,
    issue_event_type_name: text,
    issue: issueSchema,
    changelog: z.object({ items: z.array(z.unknown()).catch([]) }).catch({ items: [] }),
  })
  .catch({ webhookEvent: '', issue_event_type_name: '', issue: { id: '', key: '' }, changelog: { items: [] } })

/** Reads any JSON value; what has another shape than Jira's is a hint at nothing. */
export function parseJiraHint(payload: unknown): JiraHint {
  const { webhookEvent, issue_event_type_name: type, issue, changelog } = payloadSchema.parse(payload)
  const event = webhookEvent.replaceAll(/[^\w:.-]/g, '').slice(0, 80) || 'unknown'
  const formerKeys = changelog.items
    .slice(0, MAX_CHANGES)
    .map((item) => changeSchema.parse(item))
    .flatMap(({ field, fromString }) => (field.toLowerCase() === 'key' ? [fromString] : []))
  const moved = type === 'issue_moved' || formerKeys.length > 0
  const keys = [...new Set([issue.key, ...formerKeys])].filter((key) => key.length <= MAX_KEY_LENGTH && ISSUE_KEY.test(key))
  return {
    kind: toKind(webhookEvent, moved),
    event,
    issueId: /^[1-9][0-9]{0,17}$/.test(issue.id) ? issue.id : null,
    keys: keys.slice(0, MAX_KEYS).map(issueKey),
  }
}

function toKind(event: string, moved: boolean): JiraHint['kind'] {
  switch (event) {
    case 'jira:issue_created':
      return 'created'
    case 'jira:issue_updated':
      return moved ? 'moved' : 'changed'
    case 'jira:issue_deleted':
      return 'deleted'
    case 'project_created':
    case 'project_updated':
    case 'project_deleted':
      return 'projects'
    default:
      return 'other'
  }
}
