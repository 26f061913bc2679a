import type { Database } from '../../db/database.ts'
import { findAccount } from '../../db/stores/accounts.ts'
import type { AccountId } from '../../domain/ids.ts'
import type { HostWebhooks } from '../../hosts/types.ts'
import type { Clock } from '../../lib/clock.ts'
import type { Connections } from '../accounts/connections.ts'

export interface UnverifiedWebhook {
  readonly accountId: AccountId
  readonly headers: Readonly<Record<string, string | undefined>>
  /** The bytes as they came: the signature is over them. */
  readonly body: Buffer
}

export interface VerifierOptions {
  readonly db: Database
  readonly connections: Connections
  readonly clock: Clock
}

export interface WebhookVerifier {
  /** The host's way with webhooks when this one is the account's. */
  verify(webhook: UnverifiedWebhook): Promise<HostWebhooks | 'unknown-account' | 'refused'>
}

/** A deleted account's webhooks are taken for this long, on other nodes than the one that deleted it. */
const KEPT_MS = 1_000
/** A webhook that is refused may carry a secret that is newer than what we hold; a flood of them must not ask for each. */
const FRESH_MS = 100

interface Known {
  readonly webhooks: HostWebhooks
  readonly secrets: readonly string[]
  readonly readAtMs: number
}

/** Account and secrets are read once a second instead of at every webhook, which took half of the time that one costs. */
export function createWebhookVerifier({ db, connections, clock }: VerifierOptions): WebhookVerifier {
  const accounts = new Map<AccountId, Known>()

  async function find(id: AccountId, maxAgeMs: number): Promise<Known | null> {
    const known = accounts.get(id)
    if (known !== undefined && clock.monotonicMs() - known.readAtMs <= maxAgeMs) return known
    const readAtMs = clock.monotonicMs()
    accounts.delete(id)
    if ((await findAccount(db.read, id)) === null) return null
    const [{ webhooks }, secrets] = await Promise.all([connections.get(id), connections.webhookSecrets(id)])
    const found = { webhooks, secrets, readAtMs }
    accounts.set(id, found)
    return found
  }

  return {
    async verify({ accountId, headers, body }) {
      for (const maxAgeMs of [KEPT_MS, FRESH_MS]) {
        const known = await find(accountId, maxAgeMs)
        if (known === null) return 'unknown-account'
        if (known.webhooks.verify(headers, body, known.secrets)) return known.webhooks
      }
      return 'refused'
    },
  }
}
