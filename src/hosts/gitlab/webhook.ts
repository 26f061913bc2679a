import { createHash, createHmac } from 'node:crypto'
import { z } from 'zod'
import { hostId } from '../../domain/ids.ts'
import type { Clock } from '../../lib/clock.ts'
import { isOneOfSecrets } from '../../lib/secret-compare.ts'
import type { HostWebhooks, WebhookHint } from '../types.ts'
import { toUnexpectedAnswer } from './answer-error.ts'

type Headers = Readonly<Record<string, string | undefined>>

/** A secret of this form is a signing token (Standard Webhooks); every other one is sent as `X-Gitlab-Token`. */
const SIGNING_PREFIX = 'whsec_'
/** Largest difference between the signature's time and our clock, in seconds (Standard Webhooks). */
const TOLERANCE_S = 5 * 60

/** The value of `X-Gitlab-Token` that goes with a secret: a signing key itself is never sent along. */
export function toPlainToken(secret: string): string {
  return secret.startsWith(SIGNING_PREFIX) ? createHash('sha256').update(`x-gitlab-token:${secret}`).digest('hex') : secret
}

export function isSigningToken(secret: string): boolean {
  return secret.startsWith(SIGNING_PREFIX)
}

/**
 * True when one of the secrets vouches for the raw bytes: by signature where the hook signs and the secret is a signing
 * token, else by the plain token. Header names in lower case.
 */
export function createVerify(clock: Clock): HostWebhooks['verify'] {
  return (headers, body, secrets) => {
    const signing = secrets.filter(isSigningToken)
    const signature = headers['webhook-signature']
    if (signature !== undefined && signing.length > 0) return isSigned(headers, { body, signature, signing, clock })
    const token = headers['x-gitlab-token']
    return token !== undefined && isOneOfSecrets(token, secrets.map(toPlainToken))
  }
}

interface Signed {
  readonly body: Buffer
  readonly signature: string
  readonly signing: readonly string[]
  readonly clock: Clock
}

function isSigned(headers: Headers, { body, signature, signing, clock }: Signed): boolean {
  const id = headers['webhook-id']
  const timestamp = headers['webhook-timestamp'] ?? ''
  if (id === undefined || !/^\d{1,12}$/.test(timestamp)) return false
  if (Math.abs(clock.now().getTime() / 1000 - Number(timestamp)) > TOLERANCE_S) return false
  const expected = signing.map((secret) => {
    const key = Buffer.from(secret.slice(SIGNING_PREFIX.length), 'base64')
    return `v1,${createHmac('sha256', key).update(`${id}.${timestamp}.`).update(body).digest('base64')}`
  })
  return signature.split(' ').filter((given) => isOneOfSecrets(given, expected)).length > 0
}

/** Ids that stay the same when GitLab repeats a delivery; `X-Gitlab-Event-UUID` is shared by several hooks and no such id. */
export function findDeliveryId(headers: Headers): string | null {
  return headers['webhook-id'] || headers['idempotency-key'] || headers['x-gitlab-webhook-uuid'] || null
}

const id = z.number().int().positive()
const bodySchema = z.object({
  object_kind: z.string().nullish().catch(null),
  event_name: z.string().nullish().catch(null),
  project_id: id.nullish(),
  project: z.object({ id: id.nullish() }).nullish(),
  object_attributes: z.object({ target_project_id: id.nullish(), noteable_type: z.string().nullish() }).nullish(),
})
type Body = z.infer<typeof bodySchema>

/** Names as in `object_kind`, or in `event_name` of system hooks. */
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

/** What a delivery asks to look at again. Events that are not needed or not known are `ignored`. */
export function parseWebhook(headers: Headers, body: unknown): WebhookHint {
  const header = headers['x-gitlab-event'] ?? 'unknown event'
  const result = bodySchema.safeParse(body)
  if (!result.success) throw toMalformed(header)
  const event = result.data.object_kind || result.data.event_name || header
  if (OF_THE_LIST.has(event)) return { kind: 'repository-list' }
  if (OF_ONE_REPOSITORY.has(event) || isNoteOnPullRequest(event, result.data)) {
    return { kind: 'repository', repository: hostId(String(getProjectId(result.data, header))) }
  }
  return { kind: 'ignored', event: event.slice(0, 100) }
}

function isNoteOnPullRequest(event: string, body: Body): boolean {
  return event === 'note' && body.object_attributes?.noteable_type === 'MergeRequest'
}

/** A merge request belongs to its target, whose hook is called. */
function getProjectId(body: Body, header: string): number {
  const found = body.object_attributes?.target_project_id ?? body.project_id ?? body.project?.id
  if (found === null || found === undefined) throw toMalformed(header)
  return found
}

function toMalformed(header: string) {
  const remedy = 'Nothing is lost: the next synchronisation reads the state. Report this with the version of GitLab.'
  return toUnexpectedAnswer(`The body of a webhook (${header.slice(0, 100)}) is not what GitLab promises.`, { remedy })
}

const withVariables = z.looseObject({ object_attributes: z.looseObject({ variables: z.unknown() }) })

/** A pipeline's event carries the CI variables that it was started with; nothing here needs them. */
export function withoutVariables(body: string): string {
  if (!body.includes('"variables"')) return body
  const event = withVariables.safeParse(JSON.parse(body))
  if (!event.success) return body
  return JSON.stringify({ ...event.data, object_attributes: { ...event.data.object_attributes, variables: [] } })
}
