import { createHash } from 'node:crypto'
import { z } from 'zod'
import type { WebhookHint } from '../../domain/webhook-hint.ts'
import { hostId, type HostId } from '../../domain/ids.ts'
import { toUnexpectedAnswer } from './answer-error.ts'

type Headers = Readonly<Record<string, string | undefined>>

/** GitLab's ids are UUIDs; what is much longer would not fit into an index. */
const MAX_ID_LENGTH = 200

/** Ids that stay the same when GitLab repeats a delivery; `X-Gitlab-Event-UUID` is shared by several hooks and no such id. */
export function findDeliveryId(headers: Headers): string | null {
  const id = headers['webhook-id'] || headers['idempotency-key'] || headers['x-gitlab-webhook-uuid'] || null
  return id === null || id.length <= MAX_ID_LENGTH ? id : createHash('sha256').update(id).digest('hex')
}

const id = z.number().int().positive()
const name = z.string().nullish().catch(null)
/** The kind of event: `object_kind`, or `event_name` of system hooks and of lifecycle events. */
const kindSchema = z.object({ object_kind: name, event_name: name })
const bodySchema = z.object({
  project_id: id.nullish(),
  project: z.object({ id: id.nullish(), path_with_namespace: name }).nullish(),
  object_attributes: z.object({ target_project_id: id.nullish(), noteable_type: z.string().nullish() }).nullish(),
})
type Body = z.infer<typeof bodySchema>
const movedSchema = z.object({
  path_with_namespace: name,
  old_path_with_namespace: name,
  full_path: name,
  old_full_path: name,
})

const OF_ONE_REPOSITORY = new Set(['push', 'tag_push', 'merge_request', 'pipeline', 'deployment', 'repository_update'])
const OF_THE_LIST = new Set([
  'project_create',
  'project_destroy',
  'project_rename',
  'project_transfer',
  'project_update',
  'subgroup_create',
  'subgroup_destroy',
  'group_create',
  'group_rename',
  'group_destroy',
])

/**
 * What a delivery asks to look at again. Events that are not needed (jobs, releases, issues, wiki pages, emoji, members,
 * users, keys …) or not known are `ignored`, whatever else their bodies hold.
 *
 * @param ownerPath path of today of the account's owner: a system hook tells of everybody's repositories
 */
export function parseWebhook(headers: Headers, body: unknown, ownerPath: string | null): WebhookHint {
  const header = headers['x-gitlab-event'] ?? 'unknown event'
  const kind = kindSchema.safeParse(body)
  if (!kind.success) throw toMalformed(header)
  const event = kind.data.object_kind || kind.data.event_name || header
  if (event === 'access_token') return { kind: 'credentials' }
  const ofSystem = header === 'System Hook'
  if (OF_THE_LIST.has(event)) {
    const paths = listPaths(body)
    const concerns = !ofSystem || !isElsewhere(paths, ownerPath) || isAbove(paths, ownerPath)
    return concerns ? { kind: 'repository-list' } : toIgnored(event)
  }
  if (!OF_ONE_REPOSITORY.has(event) && event !== 'note') return toIgnored(event)
  const result = bodySchema.safeParse(body)
  if (!result.success) throw toMalformed(header)
  if (event === 'note' && result.data.object_attributes?.noteable_type !== 'MergeRequest') return toIgnored(event)
  const repository = findProjectId(result.data)
  if (repository === null) throw toMalformed(header)
  const path = result.data.project?.path_with_namespace ?? null
  const elsewhere = ofSystem && path !== null && isElsewhere([path], ownerPath)
  return { kind: 'repository', repository, ...(elsewhere ? { elsewhere } : {}) }
}

/** The project that a body of any kind is about. */
export function findSource(body: unknown): HostId | null {
  const result = bodySchema.safeParse(body)
  return result.success ? findProjectId(result.data) : null
}

const withVariables = z.looseObject({ object_attributes: z.looseObject({ variables: z.unknown() }) })

/** A pipeline's event carries the CI variables that it was started with; nothing here needs them. */
export function withoutVariables(body: string): string {
  if (!body.includes('"variables"')) return body
  const event = withVariables.safeParse(JSON.parse(body))
  if (!event.success) return body
  return JSON.stringify({ ...event.data, object_attributes: { ...event.data.object_attributes, variables: [] } })
}

function toIgnored(event: string): WebhookHint {
  return { kind: 'ignored', event: event.slice(0, 100) }
}

/** A merge request belongs to its target, whose hook is called. */
function findProjectId(body: Body): HostId | null {
  const found = body.object_attributes?.target_project_id ?? body.project_id ?? body.project?.id
  return found === null || found === undefined ? null : hostId(String(found))
}

/** Where a project or group is and was. */
function listPaths(body: unknown): string[] {
  const moved = movedSchema.safeParse(body)
  return moved.success ? Object.values(moved.data).filter((path) => typeof path === 'string') : []
}

function isElsewhere(paths: readonly string[], ownerPath: string | null): boolean {
  if (ownerPath === null || paths.length === 0) return false
  const owner = ownerPath.toLowerCase()
  return !paths.some((path) => path.toLowerCase() === owner || path.toLowerCase().startsWith(`${owner}/`))
}

/** Of a group that the owner lies in: the owner's own path is another now. */
function isAbove(paths: readonly string[], ownerPath: string | null): boolean {
  const owner = ownerPath?.toLowerCase()
  return owner !== undefined && paths.some((path) => owner.startsWith(`${path.toLowerCase()}/`))
}

function toMalformed(header: string) {
  const remedy = 'Nothing is lost: the next synchronisation reads the state. Report this with the version of GitLab.'
  return toUnexpectedAnswer(`The body of a webhook (${header.slice(0, 100)}) is not what GitLab promises.`, { remedy })
}
