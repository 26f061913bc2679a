import type { RepositoryId } from '../../domain/ids.ts'
import type { Reader, Tx } from '../database.ts'

/** Under no rule: whatever was extracted is read again, also where a run under other rules broke off in its middle. */
const NO_RULES = 0

/** Makes every repository's next synchronisation look for issue keys again, in all that it holds. */
export async function forgetRules(tx: Tx): Promise<void> {
  await tx.updateTable('repositories').set({ rules_version: NO_RULES, pull_requests_cursor: null }).execute()
  await tx.updateTable('listing_marks').set({ rules_version: NO_RULES }).execute()
}

/** Linked repositories whose keys were extracted under other rules, or not yet, in order. */
export async function listUnderOtherRules(db: Reader, rulesVersion: number): Promise<RepositoryId[]> {
  const rows = await db
    .selectFrom('repositories')
    .select('id')
    .where('linked', '=', 1)
    .where('rules_version', '<>', rulesVersion)
    .orderBy('id')
    .execute()
  return rows.map(({ id }) => String(id) as RepositoryId)
}
