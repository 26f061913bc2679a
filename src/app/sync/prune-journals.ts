import { foldProofs } from '../../db/stores/proofs.ts'
import { pruneSyncs } from '../../db/stores/prune-syncs.ts'
import { pruneWebhooks } from '../../db/stores/webhook-deliveries.ts'
import type { AppContext } from '../app-context.ts'

/** Long enough to look into last week's trouble, and for a host's last repetition of a delivery to be known as such. */
const KEPT_MS = 14 * 24 * 60 * 60_000
/** Drift is looked at over a month, by the hour. */
const PROOFS_KEPT_MS = 30 * 24 * 60 * 60_000
const DELETES_PER_WRITE = 1_000

/** Deletes what webhooks and synchronisations of more than 14 days ago left in the journals, and proofs of 30 days ago by the hour. */
export async function pruneJournals(app: AppContext, signal: AbortSignal): Promise<void> {
  const now = app.clock.now().getTime()
  const journals = [
    { prune: pruneWebhooks, keptMs: KEPT_MS },
    { prune: pruneSyncs, keptMs: KEPT_MS },
    { prune: foldProofs, keptMs: PROOFS_KEPT_MS },
  ]
  for (const { prune, keptMs } of journals) {
    let deleted: number
    do {
      signal.throwIfAborted()
      deleted = await app.db.write('background', (tx) => prune(tx, { before: now - keptMs, limit: DELETES_PER_WRITE }))
    } while (deleted > 0)
  }
}
