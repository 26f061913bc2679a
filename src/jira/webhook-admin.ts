import { z } from 'zod'
import type { JiraCall, JiraTransport } from './jira-transport.ts'

/** What a webhook in Jira is to be. */
export interface JiraWebhookSettings {
  readonly name: string
  /** May end with the secret, where Jira signs nothing: never to be shown. */
  readonly url: string
  readonly events: readonly string[]
  /** Jira signs with it; null: this Jira cannot. */
  readonly secret: string | null
}

export interface JiraWebhook {
  /** Opaque; for `change` and `remove`. */
  readonly id: string
  readonly name: string
  readonly url: string
}

/**
 * The webhooks of one Jira, which only its administrators may see: `jira-permission-missing` for everybody else. Jira 10
 * moved them to another address and gave them a secret.
 */
export interface JiraWebhooks {
  /** Whether Jira signs what it sends. */
  readonly signs: boolean
  list(signal: AbortSignal): Promise<JiraWebhook[]>
  /** This and the next two return the HTTP status of the answer. */
  create(settings: JiraWebhookSettings, signal: AbortSignal): Promise<number>
  change(id: string, settings: JiraWebhookSettings, signal: AbortSignal): Promise<number>
  remove(id: string, signal: AbortSignal): Promise<number>
}

/** First version that signs, and whose webhooks live elsewhere. */
const FIRST_SIGNING = 10

/** @param version as Jira tells it, such as `10.3.5` */
export function createJiraWebhooks(transport: JiraTransport, version: string): JiraWebhooks {
  const signs = Number.parseInt(version, 10) >= FIRST_SIGNING
  const { path, schema, write } = signs ? SIGNED : UNSIGNED
  const at = (id: string) => `${path}/${encodeURIComponent(id)}`
  const send = async (call: Omit<JiraCall, 'signal'>, signal: AbortSignal) => (await transport.send({ ...call, signal })).status
  const store = (place: Pick<JiraCall, 'method' | 'path'>, settings: JiraWebhookSettings, signal: AbortSignal) =>
    send({ ...place, json: write(settings), what: 'storing the webhook' }, signal)
  return {
    signs,
    list: (signal) => transport.get({ path, what: 'listing the webhooks', signal }, schema),
    create: (settings, signal) => store({ method: 'POST', path }, settings, signal),
    change: (id, settings, signal) => store({ method: 'PUT', path: at(id) }, settings, signal),
    remove: (id, signal) => send({ method: 'DELETE', path: at(id), what: 'removing the webhook' }, signal),
  }
}

interface Generation {
  readonly path: string
  readonly schema: z.ZodType<JiraWebhook[]>
  write(settings: JiraWebhookSettings): unknown
}

const text = z.string().catch('')
const signedSchema = z.object({ id: z.number(), name: text, url: text }).transform((hook) => ({ ...hook, id: String(hook.id) }))
const unsignedSchema = z
  .object({ self: z.string().regex(/\/\d+$/), name: text, url: text })
  .transform(({ self, name, url }) => ({ id: self.slice(self.lastIndexOf('/') + 1), name, url }))

/** A secret beside `configuration` is ignored without a word, and what arrives is not signed. */
const SIGNED: Generation = {
  path: 'rest/jira-webhook/1.0/webhooks',
  schema: z.array(signedSchema),
  write: ({ name, url, events, secret }) => ({
    name,
    url,
    events,
    active: true,
    scopeType: 'global',
    configuration: { EXCLUDE_BODY: 'false', FILTERS: '', ...(secret === null ? {} : { SECRET: secret }) },
  }),
}

const UNSIGNED: Generation = {
  path: 'rest/webhooks/1.0/webhook',
  schema: z.array(unsignedSchema),
  write: ({ name, url, events }) => ({
    name,
    url,
    events,
    enabled: true,
    filters: { 'issue-related-events-section': '' },
    excludeBody: false,
  }),
}
