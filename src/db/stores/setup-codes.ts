import type { Reader, Tx } from '../database.ts'

/** The one set-up code that counts from now on. */
export async function replaceSetupCode(tx: Tx, codeHash: string, expiresAt: number): Promise<void> {
  await tx.deleteFrom('setup_codes').execute()
  await tx.insertInto('setup_codes').values({ code_hash: codeHash, expires_at: expiresAt }).execute()
}

/** Whether this code was given out and its time is not over. */
export async function hasSetupCode(db: Reader, codeHash: string, now: number): Promise<boolean> {
  const row = await db
    .selectFrom('setup_codes')
    .select('code_hash')
    .where('code_hash', '=', codeHash)
    .where('expires_at', '>', now)
    .executeTakeFirst()
  return row !== undefined
}

/** Takes it out: of several who bring it, on any node, one gets true. */
export async function takeSetupCode(tx: Tx, codeHash: string, now: number): Promise<boolean> {
  const row = await tx
    .deleteFrom('setup_codes')
    .where('code_hash', '=', codeHash)
    .where('expires_at', '>', now)
    .returning('code_hash')
    .executeTakeFirst()
  return row !== undefined
}
