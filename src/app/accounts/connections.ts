import type { HostToken } from '../../domain/host-token.ts'
import type { AccountId } from '../../domain/ids.ts'
import type { RateWindow } from '../../lib/rate-budget.ts'
import type { HostConnection, HostConnectionSettings, HostKind, HostLinks, HostRegistry } from '../../hosts/types.ts'

/** A secret, and which one of the account's it is, counted from 1. */
export interface WebhookSecret {
  readonly text: string
  readonly generation: number
}

/** Connections to the Git hosts, one an account, kept while its stored settings and secrets stay the same, whoever changes them. */
export interface Connections {
  /** @throws ConnectorError `account-not-found`, `account-not-configured` when its credentials are nowhere */
  get(id: AccountId): Promise<HostConnection>
  /** Addresses at the account's host; need no credentials. */
  links(id: AccountId): Promise<HostLinks>
  /** A connection that nothing is stored of, to be tested. */
  probe(kind: HostKind, settings: HostConnectionSettings): HostConnection
  /** Secrets that a webhook of this account may carry at this time, the newest first; empty: no webhook is expected. */
  webhookSecrets(id: AccountId, now: Date): Promise<readonly string[]>
  /** The secret that webhooks are installed with; null: there is no such account. */
  webhookSecret(id: AccountId): Promise<WebhookSecret | null>
  /** A new random one, sealed, for a rotation. */
  makeWebhookSecret(id: AccountId): string
  /** The stored token of an account, whatever its kind; throws as `get` does. */
  token(id: AccountId): Promise<HostToken>
  /** The sign-in by an OAuth application. */
  readonly oauth: HostRegistry['oauth']
  /** What the host of an account still allowed when this process last asked it; null: it told nothing, or was not asked. */
  rateLimit(id: AccountId): RateWindow | null
  /** Lets go of the connection of an account that is gone. */
  forget(id: AccountId): void
}
