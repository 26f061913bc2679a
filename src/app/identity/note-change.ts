import { addAdminLogEntry, type AdminLogEntry } from '../../db/stores/admin-log.ts'
import type { AppContext } from '../app-context.ts'

/** Writes into the journal of administrators that something was changed. Never hand it a secret. */
export async function noteChange(
  { db, clock }: Pick<AppContext, 'db' | 'clock'>,
  entry: Pick<AdminLogEntry, 'actor' | 'action' | 'target' | 'details'>,
): Promise<void> {
  const at = clock.now().getTime()
  await db.write('interactive', (tx) => addAdminLogEntry(tx, { ...entry, at }))
}
