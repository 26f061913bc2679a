import type { Problem } from '../../domain/problem.ts'
import type { Reader, Tx } from '../database.ts'

/** A token with which somebody lets the connector act in Jira as themselves. */
export interface SmartCommitToken {
  /** Jira's key of the user, which stays when they are renamed. */
  readonly userKey: string
  readonly userName: string
  /** Never told to anybody. */
  readonly tokenSealed: string
  readonly createdAt: Date
  /** Why it is not used any more; null: it is. */
  readonly problem: Problem | null
}

/** In the place of the one before. */
export async function saveSmartCommitToken(
  tx: Tx,
  { userKey, userName, tokenSealed, now }: { userKey: string; userName: string; tokenSealed: string; now: number },
): Promise<void> {
  const values = { user_name: userName, token_sealed: tokenSealed, created_at: now, problem: null }
  await tx
    .insertInto('smart_commit_tokens')
    .values({ user_key: userKey, ...values })
    .onConflict((conflict) => conflict.column('user_key').doUpdateSet(values))
    .execute()
}

export async function findSmartCommitToken(
  db: Reader,
  user: { readonly userKey: string } | { readonly userName: string },
): Promise<SmartCommitToken | null> {
  const row = await db
    .selectFrom('smart_commit_tokens')
    .select(['user_key', 'user_name', 'token_sealed', 'created_at', 'problem'])
    .where('userKey' in user ? 'user_key' : 'user_name', '=', 'userKey' in user ? user.userKey : user.userName)
    .executeTakeFirst()
  if (row === undefined) return null
  return {
    userKey: row.user_key,
    userName: row.user_name,
    tokenSealed: row.token_sealed,
    createdAt: new Date(row.created_at),
    problem: row.problem === null ? null : (JSON.parse(row.problem) as Problem),
  }
}

/** It was refused: it is not used again, unless another one was stored meanwhile. */
export async function refuseSmartCommitToken(
  tx: Tx,
  { userKey, tokenSealed }: Pick<SmartCommitToken, 'userKey' | 'tokenSealed'>,
  problem: Problem,
): Promise<void> {
  await tx
    .updateTable('smart_commit_tokens')
    .set({ problem: JSON.stringify(problem) })
    .where('user_key', '=', userKey)
    .where('token_sealed', '=', tokenSealed)
    .execute()
}

/** False: there is none. */
export async function deleteSmartCommitToken(tx: Tx, userKey: string): Promise<boolean> {
  const deleted = await tx.deleteFrom('smart_commit_tokens').where('user_key', '=', userKey).executeTakeFirst()
  return deleted.numDeletedRows > 0n
}
