/**
 * Who asked for a synchronisation:
 *
 * - `schedule`: the plan of the account's sweeps
 * - `token`: a caller of the HTTP API, by the administrator's token of the configuration
 * - `token:NAME`: a caller of the HTTP API, by the API token of this name
 * - `user:NAME`, `jira-user:NAME`: a person in the web interface, known here or in Jira
 * - `local`: a command on this machine
 * - `connector`: the connector itself: a retry, a start after an interruption, a link of a new repository
 * - `webhook:ID`: a webhook, by the number of its delivery
 */
export type Asker = 'schedule' | 'token' | 'local' | 'connector' | `webhook:${number}` | `${NamedKind}:${string}`

type NamedKind = 'token' | 'user' | 'jira-user'

const WEBHOOK = 'webhook:'

/** The asker that a webhook is, by the number under which its delivery is stored. */
export function webhookAsker(deliveryId: number): Asker {
  return `${WEBHOOK}${deliveryId}`
}

/** The number of the webhook's delivery; null when somebody else asked. */
export function findWebhookOf(asker: Asker | null): number | null {
  return asker?.startsWith(WEBHOOK) === true ? Number(asker.slice(WEBHOOK.length)) : null
}

/** The asker that an API token or a person is, by their name. */
export function namedAsker(kind: NamedKind, name: string): Asker {
  return `${kind}:${name}`
}

export type AskerKind = 'schedule' | 'local' | 'connector' | 'webhook' | NamedKind

/** What an asker is, and its name where it has one: of a token, of a person. */
export function partsOfAsker(asker: Asker): { readonly kind: AskerKind; readonly name: string | null } {
  const colon = asker.indexOf(':')
  if (colon < 0) return { kind: asker as AskerKind, name: null }
  const kind = asker.slice(0, colon) as AskerKind
  return { kind, name: kind === 'webhook' ? null : asker.slice(colon + 1) }
}

/** Who asked, by a trigger of a synchronisation that names nobody. */
export function askerOf(trigger: string): Asker {
  if (trigger === 'schedule') return 'schedule'
  return trigger === 'command-line' ? 'local' : 'connector'
}
