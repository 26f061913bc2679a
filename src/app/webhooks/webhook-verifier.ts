import type { Database } from '../../db/database.ts'
import { findAccount, listAccountIds } from '../../db/stores/accounts.ts'
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
  /** Of the account's owner, as it was found last. */
  readonly ownerPath: string | null
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
  readonly ownerPath: string | null
  readonly secrets: readonly string[]
  readonly signers: Signers
  readonly readAtMs: number
}

/** Account and secrets are read once a second instead of at every webhook, which took half of the time that one costs. */
export function createWebhookVerifier({ db, connections, clock }: VerifierOptions): WebhookVerifier {
  const accounts = new Map<AccountId, Known>()

  const reading = new Map<AccountId, Promise<Known | null>>()
  const isThere = createAccountList(db, clock)

  /** A flood of webhooks that meets an old entry reads it once. */
  function findOnce(id: AccountId, maxAgeMs: number): Promise<Known | null> {
    const known = accounts.get(id)
    if (known !== undefined && clock.monotonicMs() - known.readAtMs <= maxAgeMs) return Promise.resolve(known)
    const found = reading.get(id) ?? read(id).finally(() => reading.delete(id))
    reading.set(id, found)
    return found
  }

  async function read(id: AccountId): Promise<Known | null> {
    const readAtMs = clock.monotonicMs()
    accounts.delete(id)
    const account = (await isThere(id)) ? await findAccount(db.read, id) : null
    if (account === null) return null
    const [{ webhooks }, secrets] = await Promise.all([connections.get(id), connections.webhookSecrets(id, clock.now())])
    const found = {
      webhooks,
      ownerPath: account.resolvedOwner?.path ?? null,
      secrets,
      signers: createSigners(
        db,
        id,
        secrets.some((secret) => webhooks.canSign(secret)),
      ),
      readAtMs,
    }
    accounts.set(id, found)
    return found
  }

  return {
    async verify({ accountId, headers, body }) {
      let tried: Known | null = null
      for (const maxAgeMs of [KEPT_MS, FRESH_MS]) {
        const known = await findOnce(accountId, maxAgeMs)
        if (known === null) return 'unknown-account'
        // Nothing newer is known: it would be refused again.
        if (known === tried) break
        tried = known
        const proof = known.webhooks.verify(headers, body, known.secrets)
        if (proof !== null) return { webhooks: known.webhooks, ownerPath: known.ownerPath, proof, signers: known.signers }
      }
      return 'refused'
    },
  }
}

/** Whatever ids somebody invents, the database is asked for all that there are, ten times a second at most. */
function createAccountList(db: Database, clock: Clock): (id: AccountId) => Promise<boolean> {
  let list: { readonly ids: Promise<ReadonlySet<AccountId>>; readonly readAtMs: number } | null = null
  return async (id) => {
    if (list === null || clock.monotonicMs() - list.readAtMs > FRESH_MS) {
      const ids = listAccountIds(db.read)
      const entry = { ids, readAtMs: clock.monotonicMs() }
      list = entry
      ids.catch(() => {
        if (list === entry) list = null
      })
    }
    return (await list.ids).has(id)
  }
}

/** What was read stays known as long as the account does: a second. */
function createSigners(db: Database, accountId: AccountId, canSign: boolean): Signers {
  const known = new Map<WebhookSource, boolean>()
  const has = async (source: WebhookSource) => {
    // With a secret of another kind no hook can sign, whatever it did before.
    const signs = canSign && (known.get(source) ?? (await hasSigned(db.read, accountId, source)))
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
