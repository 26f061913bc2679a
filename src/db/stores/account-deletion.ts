import type { AccountId } from '../../domain/ids.ts'
import type { Problem } from '../../domain/problem.ts'
import type { Reader, Tx } from '../database.ts'

/** A deletion under way: what was asked for, and how far it has come. */
export interface AccountDeletion {
  readonly removeHooks: boolean
  /** false: what Jira holds stays as it is. */
  readonly removeFromJira: boolean
  readonly total: number
  readonly done: number
  /** Why it does not go on at present; null: it does. */
  readonly problem: Problem | null
}

/** null: it is not being deleted, or there is no such account. */
export async function findAccountDeletion(db: Reader, id: AccountId): Promise<AccountDeletion | null> {
  const row = await db.selectFrom('accounts').select('deletion').where('id', '=', id).where('deleting', '=', 1).executeTakeFirst()
  return row === undefined || row.deletion === null ? null : (JSON.parse(row.deletion) as AccountDeletion)
}

/** From now on nothing is listed for it any more, on any node. */
export async function beginAccountDeletion(tx: Tx, id: AccountId, deletion: AccountDeletion): Promise<void> {
  await tx
    .updateTable('accounts')
    .set({ deleting: 1, deletion: JSON.stringify(deletion) })
    .where('id', '=', id)
    .execute()
}

/** Nothing happens to an account that is not being deleted any more: the configuration file has it again. */
export async function saveDeletionProgress(tx: Tx, id: AccountId, deletion: AccountDeletion): Promise<void> {
  await tx
    .updateTable('accounts')
    .set({ deletion: JSON.stringify(deletion) })
    .where('id', '=', id)
    .where('deleting', '=', 1)
    .execute()
}
