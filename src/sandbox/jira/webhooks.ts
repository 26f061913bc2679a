import { createHmac, randomUUID } from 'node:crypto'
import type { Clock } from '../../lib/clock.ts'
import type { Logger } from '../../lib/logger.ts'
import { postHook } from '../gitlab/hook-request.ts'
import { JqlError, parseJql } from './jql.ts'
import { toIssue } from './rest-issue.ts'
import type { SandboxUser } from './types.ts'
import type { World, WorldEvent } from './world.ts'

/** A webhook as administrators set it up. */
export interface SandboxWebhook {
  readonly id: number
  name: string
  url: string
  events: readonly string[]
  enabled: boolean
  /** Only of these issues; empty: all. */
  jql: string
  excludeBody: boolean
  /** Jira 10 and later sign with it. */
  secret: string | null
  updatedAt: Date
}

export interface WebhookDelivery {
  readonly url: string
  readonly event: string
  readonly headers: Readonly<Record<string, string>>
  readonly text: string
  /** null: no answer. */
  readonly status: number | null
}

export interface Webhooks {
  readonly all: Map<number, SandboxWebhook>
  /** The newest 5,000, oldest first. */
  readonly deliveries: readonly WebhookDelivery[]
  /** While true, what happens reaches nobody: as when Jira stops before it has sent. */
  lost: boolean
  fire(event: WorldEvent): void
  /** Waits for what is under way. */
  settle(): Promise<void>
}

interface WebhookOptions {
  readonly world: World
  readonly clock: Clock
  readonly log: Logger
  readonly base: () => string
  readonly version: () => string
  readonly actor: () => SandboxUser | undefined
  readonly closing: AbortSignal
}

const TIMEOUT_MS = 30_000
const KEPT = 5_000

/** Sends webhooks as Jira does: after the change, in no order, each once, whatever the answer. */
export function createWebhooks(options: WebhookOptions): Webhooks {
  const all = new Map<number, SandboxWebhook>()
  const deliveries: WebhookDelivery[] = []
  const pending = new Set<Promise<void>>()

  async function send(hook: SandboxWebhook, event: string, text: string): Promise<void> {
    const headers = headersOf(hook, { text, version: options.version() })
    const { url } = hook
    const { status } = await postHook({
      url,
      headers,
      text,
      timeoutMs: TIMEOUT_MS,
      verifyTls: true,
      closing: options.closing,
    })
    deliveries.push({ url, event, headers, text, status })
    if (deliveries.length > KEPT) deliveries.shift()
  }

  const webhooks: Webhooks = {
    all,
    deliveries,
    lost: false,
    fire(event) {
      if (webhooks.lost) return
      const hooks = [...all.values()].filter((hook) => hook.enabled && hook.events.includes(event.event))
      if (hooks.length === 0) return
      const body = JSON.stringify(toPayload(options, event))
      for (const hook of hooks.filter((one) => isWanted(one, event, options))) {
        const sent = send(hook, event.event, hook.excludeBody ? '' : body).catch((error: unknown) =>
          options.log.warn({ webhook: hook.id, error }, 'stand-in jira could not send a webhook'),
        )
        pending.add(sent)
        void sent.finally(() => pending.delete(sent))
      }
    },
    async settle() {
      while (pending.size > 0) await Promise.all(pending)
    },
  }
  return webhooks
}

function isWanted({ jql }: SandboxWebhook, event: WorldEvent, { world, clock }: WebhookOptions): boolean {
  if (jql.trim() === '' || event.kind === 'project') return true
  try {
    return parseJql(jql, { world, now: clock.now(), strict: false }).matches(event.issue)
  } catch (error) {
    if (error instanceof JqlError) return false
    throw error
  }
}

function headersOf({ secret }: SandboxWebhook, { text, version }: { text: string; version: string }): Record<string, string> {
  const signature =
    secret === null ? {} : { 'X-Hub-Signature': `sha256=${createHmac('sha256', secret).update(text).digest('hex')}` }
  return {
    'Content-Type': 'application/json; charset=UTF-8',
    'User-Agent': `Atlassian HttpClient / Jira-${version}`,
    'X-Atlassian-Webhook-Identifier': randomUUID(),
    ...signature,
  }
}

function toPayload({ world, clock, base, actor }: WebhookOptions, event: WorldEvent): Record<string, unknown> {
  const timestamp = clock.now().getTime()
  const user = toPerson(actor(), base())
  if (event.kind === 'project') {
    const { id, key, name } = event.project
    const self = `${base()}/rest/api/2/project/${id}`
    return {
      timestamp,
      webhookEvent: event.event,
      project: { self, id: Number(id), key, name, projectLead: user, assigneeType: 'UNASSIGNED' },
    }
  }
  const { issue, changes, type } = event
  const body = {
    timestamp,
    webhookEvent: event.event,
    issue_event_type_name: type,
    user,
    issue: toIssue({ world, base: base() }, issue, ['*all']),
  }
  if (event.event !== 'jira:issue_updated') return body
  const items = changes.map(({ field, from, to }) => ({
    field,
    fieldtype: 'jira',
    from: null,
    fromString: from,
    to: null,
    toString: to,
  }))
  return { ...body, changelog: { id: String(world.nextId()), items } }
}

function toPerson(user: SandboxUser | undefined, base: string) {
  if (user === undefined) return null
  const { name, displayName, emailAddress } = user
  return {
    self: `${base}/rest/api/2/user?username=${name}`,
    name,
    key: name,
    emailAddress,
    displayName,
    active: true,
    timeZone: 'UTC',
  }
}
