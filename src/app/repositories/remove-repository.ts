import type { RepositoryId } from '../../domain/ids.ts'
import { deleteRepository, deleteRepositoryData } from '../../db/stores/delete-repository.ts'
import { setRepositorySettings } from '../../db/stores/repositories.ts'
import { cancelRunningSync, holdSync } from '../../db/stores/sync-state.ts'
import type { AppContext } from '../app-context.ts'
import { mirrorOf } from '../sync/open-history.ts'
import { syncJobKey } from '../sync/request-sync.ts'
import { writeChanges } from '../sync/sync-run.ts'

const DELETES_PER_WRITE = 1_000

/**
 * Removes a repository with all that is stored of it, in bounded transactions, then its mirror. It is unlinked and a
 * running synchronisation cancelled first: after that transaction none stores anything more, on any node.
 *
 * @param removal `keepInJira`: no issue is delivered because of this; see `settleKeptIssues`
 */
export async function removeRepository(
  app: AppContext,
  removal: RepositoryId | { readonly id: RepositoryId; readonly keepInJira: boolean },
  signal: AbortSignal,
): Promise<void> {
  const { id, keepInJira } = typeof removal === 'string' ? { id: removal, keepInJira: false } : removal
  await app.db.write('background', async (tx) => {
    await setRepositorySettings(tx, id, { linked: false })
    await cancelRunningSync(tx, id)
    await app.jobs.cancel(tx, syncJobKey(id))
  })
  let deleted: number
  do {
    signal.throwIfAborted()
    deleted = await writeChanges(app, async (tx, dueAt) => {
      // The row first, as every run does it: neither waits for the other in a circle, and nothing comes in between.
      await holdSync(tx, id)
      const count = await deleteRepositoryData(tx, id, { limit: DELETES_PER_WRITE, dueAt: keepInJira ? null : dueAt })
      if (count === 0) await deleteRepository(tx, id)
      return count
    })
  } while (deleted > 0)
  await mirrorOf(app, { id }).discard()
}
