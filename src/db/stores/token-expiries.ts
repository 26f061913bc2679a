import type { AccountId } from '../../domain/ids.ts'
import type { TokenExpiry } from '../../domain/token-expiry.ts'
import type { Reader, Tx } from '../database.ts'

/** What was found when a token was last looked at. */
export interface StoredExpiry extends TokenExpiry {
  /** The notice given last, in days ahead; null: none yet. */
  readonly warnedDays: number | null
  readonly lookedAt: number
}

export async function listTokenExpiries(db: Reader, id: AccountId): Promise<StoredExpiry[]> {
  const rows = await db
    .selectFrom('token_expiries')
    .select(['credential', 'expires_at', 'warned_days', 'looked_at'])
    .where('account_id', '=', id)
    .orderBy('credential')
    .execute()
  return rows.map((row) => ({
    credential: row.credential,
    expiresAt: row.expires_at === null ? null : new Date(row.expires_at),
    warnedDays: row.warned_days,
    lookedAt: row.looked_at,
  }))
}

/** Replaces what is known of an account's tokens. */
export async function replaceTokenExpiries(tx: Tx, id: AccountId, expiries: readonly StoredExpiry[]): Promise<void> {
  await tx.deleteFrom('token_expiries').where('account_id', '=', id).execute()
  for (const { credential, expiresAt, warnedDays, lookedAt } of expiries) {
    await tx
      .insertInto('token_expiries')
      .values({
        account_id: id,
        credential,
        expires_at: expiresAt?.getTime() ?? null,
        warned_days: warnedDays,
        looked_at: lookedAt,
      })
      .execute()
  }
}
