import { pruneSyncs } from '../../db/stores/prune-syncs.ts'
import { pruneWebhooks } from '../../db/stores/webhook-deliveries.ts'
import type { AppContext } from '../app-context.ts'

/** Long enough to look into last week's trouble, and for a host's last repetition of a delivery to be known as such. */
const KEPT_MS = 14 * 24 * 60 * 60_000
const DELETES_PER_WRITE = 1_000

/** Deletes what webhooks and synchronisations of more than 14 days ago left in the journals. */
export async function pruneJournals(app: AppContext, signal: AbortSignal): Promise<void> {
  const work = { before: app.clock.now().getTime() - KEPT_MS, limit: DELETES_PER_WRITE }
  for (const prune of [pruneWebhooks, pruneSyncs]) {
    let deleted: number
    do {
      signal.throwIfAborted()
      deleted = await app.db.write('background', (tx) => prune(tx, work))
    } while (deleted > 0)
  }
}
