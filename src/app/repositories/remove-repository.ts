import type { RepositoryId } from '../../domain/ids.ts'
import { deleteRepository, deleteRepositoryData } from '../../db/stores/delete-repository.ts'
import type { AppContext } from '../app-context.ts'
import { mirrorOf } from '../sync/open-history.ts'
import { syncJobKey } from '../sync/request-sync.ts'
import { writeChanges } from '../sync/sync-run.ts'

const DELETES_PER_WRITE = 1_000

/** Removes a repository with all that is stored of it, in bounded transactions, then its mirror. */
export async function removeRepository(app: AppContext, id: RepositoryId, signal: AbortSignal): Promise<void> {
  await app.db.write('background', (tx) => app.jobs.cancel(tx, syncJobKey(id)))
  let deleted: number
  do {
    signal.throwIfAborted()
    deleted = await writeChanges(app, (tx, dueAt) => deleteRepositoryData(tx, id, { limit: DELETES_PER_WRITE, dueAt }))
  } while (deleted > 0)
  await app.db.write('background', (tx) => deleteRepository(tx, id))
  await mirrorOf(app, { id }).discard()
}
