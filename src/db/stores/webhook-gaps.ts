import type { AccountId, RepositoryId } from '../../domain/ids.ts'
import type { Reader, Tx } from '../database.ts'

/** When webhooks of an account may have been missed, in ms; null: never. What was looked at since has nothing missing. */
export interface WebhookGaps {
  /** Until when nobody could take them. */
  readonly missedAt: number | null
  /** When the account's one hook, which the host had not called for a while, was called again. */
  readonly wokenAt: number | null
}

export async function findWebhookGaps(db: Reader, id: AccountId): Promise<WebhookGaps> {
  const row = await db
    .selectFrom('account_webhooks')
    .select(['missed_at', 'woken_at'])
    .where('account_id', '=', id)
    .executeTakeFirst()
  return { missedAt: row?.missed_at ?? null, wokenAt: row?.woken_at ?? null }
}

/** A later time replaces an earlier one. */
export async function setWebhookGap(
  tx: Tx,
  id: AccountId,
  gap: { readonly missedAt: number } | { readonly wokenAt: number },
): Promise<void> {
  const columns = 'missedAt' in gap ? { missed_at: gap.missedAt } : { woken_at: gap.wokenAt }
  await tx
    .insertInto('account_webhooks')
    .values({
      account_id: id,
      hook_level: null,
      hook_owner: null,
      hook_state: null,
      hook_reason: null,
      hook_generation: null,
      hook_checked_at: null,
      ...columns,
    })
    .onConflict((conflict) => conflict.column('account_id').doUpdateSet(columns))
    .execute()
}

/** Accounts with a repository whose webhook is live, in order: of the others nothing can be missed. */
export async function listLiveAccounts(db: Reader): Promise<AccountId[]> {
  const rows = await db
    .selectFrom('repositories')
    .select('account_id')
    .distinct()
    .where('linked', '=', 1)
    .where('webhook_state', '=', 'live')
    .orderBy('account_id')
    .execute()
  return rows.map(({ account_id }) => account_id as AccountId)
}

/** The host was asked for the newest build and deployment of a repository at a time in ms. */
export async function setRunsLookedAt(tx: Tx, id: RepositoryId, at: number): Promise<void> {
  await tx.updateTable('repositories').set({ runs_looked_at: at }).where('id', '=', Number(id)).execute()
}
