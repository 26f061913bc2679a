import type { Database } from '../../db/database.ts'
import { findAccount } from '../../db/stores/accounts.ts'
import { addSigner, hasSigned, type WebhookSource } from '../../db/stores/webhook-signers.ts'
import type { AccountId } from '../../domain/ids.ts'
import type { HostWebhooks, WebhookProof } from '../../hosts/types.ts'
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

export interface VerifiedWebhook {
  readonly webhooks: HostWebhooks
  /** What vouched for it. */
  readonly proof: WebhookProof
  /** The account's hooks that have signed: from them a token alone is not taken. */
  readonly signers: Signers
}

export interface Signers {
  has(source: WebhookSource): Promise<boolean>
  /** Remembers for good that the hook signs; does nothing when that is known. */
  add(source: WebhookSource): Promise<void>
}

export interface WebhookVerifier {
  verify(webhook: UnverifiedWebhook): Promise<VerifiedWebhook | 'unknown-account' | 'refused'>
}

/** A deleted account's webhooks are taken for this long, on other nodes than the one that deleted it. */
const KEPT_MS = 1_000
/** A webhook that is refused may carry a secret that is newer than what we hold; a flood of them must not ask for each. */
const FRESH_MS = 100

interface Known {
  readonly webhooks: HostWebhooks
  readonly secrets: readonly string[]
  readonly signers: Signers
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
    const [{ webhooks }, secrets] = await Promise.all([connections.get(id), connections.webhookSecrets(id, clock.now())])
    const found = { webhooks, secrets, signers: createSigners(db, id), readAtMs }
    accounts.set(id, found)
    return found
  }

  return {
    async verify({ accountId, headers, body }) {
      for (const maxAgeMs of [KEPT_MS, FRESH_MS]) {
        const known = await find(accountId, maxAgeMs)
        if (known === null) return 'unknown-account'
        const { webhooks, secrets, signers } = known
        const proof = webhooks.verify(headers, body, secrets)
        if (proof !== null) return { webhooks, proof, signers }
      }
      return 'refused'
    },
  }
}

/** What was read stays known as long as the account does: a second. */
function createSigners(db: Database, accountId: AccountId): Signers {
  const known = new Map<WebhookSource, boolean>()
  const has = async (source: WebhookSource) => {
    const signs = known.get(source) ?? (await hasSigned(db.read, accountId, source))
    known.set(source, signs)
    return signs
  }
  return {
    has,
    async add(source) {
      if (await has(source)) return
      await db.write('webhook', (tx) => addSigner(tx, accountId, source))
      known.clear()
    },
  }
}
