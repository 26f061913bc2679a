/**
 * Who asked for a synchronisation:
 *
 * - `schedule`: the plan of the account's sweeps
 * - `token`: a caller of the HTTP API, by the administrator's token
 * - `local`: a command on this machine
 * - `connector`: the connector itself: a retry, a start after an interruption, a link of a new repository
 * - `webhook:ID`: a webhook, by the number of its delivery
 */
export type Asker = 'schedule' | 'token' | 'local' | 'connector' | `webhook:${number}`

const WEBHOOK = 'webhook:'

/** The asker that a webhook is, by the number under which its delivery is stored. */
export function webhookAsker(deliveryId: number): Asker {
  return `${WEBHOOK}${deliveryId}`
}

/** The number of the webhook's delivery; null when somebody else asked. */
export function findWebhookOf(asker: Asker | null): number | null {
  return asker?.startsWith(WEBHOOK) === true ? Number(asker.slice(WEBHOOK.length)) : null
}

/** Who asked, by a trigger of a synchronisation that names nobody. */
export function askerOf(trigger: string): Asker {
  if (trigger === 'schedule') return 'schedule'
  return trigger === 'command-line' ? 'local' : 'connector'
}
