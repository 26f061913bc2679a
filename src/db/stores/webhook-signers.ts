import type { AccountId, HostId } from '../../domain/ids.ts'
import type { Reader, Tx } from '../database.ts'

/** Stands for the one hook of an account (of its group, or of the whole host). */
const ANY_SOURCE = '*'

/** What tells the hooks of an account apart: the repository that a delivery is about; null: none. */
export type WebhookSource = HostId | null

/**
 * True when the hook that a delivery of this source comes from has signed before. Of a delivery that names no repository
 * any hook of the account may be the sender: it has, as soon as one has.
 */
export async function hasSigned(db: Reader, accountId: AccountId, source: WebhookSource): Promise<boolean> {
  let query = db.selectFrom('webhook_signers').select('source').where('account_id', '=', accountId)
  if (source !== null) query = query.where('source', 'in', [source, ANY_SOURCE])
  return (await query.executeTakeFirst()) !== undefined
}

/** Remembers that this hook signs; where one hook serves the whole account, it counts for every source. */
export async function addSigner(tx: Tx, accountId: AccountId, source: WebhookSource): Promise<void> {
  const hook = await tx
    .selectFrom('account_webhooks')
    .select('hook_state')
    .where('account_id', '=', accountId)
    .where('hook_state', '=', 'live')
    .executeTakeFirst()
  await tx
    .insertInto('webhook_signers')
    .values({ account_id: accountId, source: hook === undefined ? (source ?? '') : ANY_SOURCE })
    .onConflict((conflict) => conflict.doNothing())
    .execute()
}

/** The host itself has said that this hook does not sign (any more): its token counts again. */
export async function removeSigner(tx: Tx, accountId: AccountId, source: HostId | 'account'): Promise<void> {
  await tx
    .deleteFrom('webhook_signers')
    .where('account_id', '=', accountId)
    .where('source', '=', source === 'account' ? ANY_SOURCE : source)
    .execute()
}
