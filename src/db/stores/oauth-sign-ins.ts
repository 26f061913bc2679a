import type { AccountId } from '../../domain/ids.ts'
import type { Reader, Tx } from '../database.ts'

/** A sign-in under way, until the host sends the browser back. */
export interface SignIn {
  readonly accountId: AccountId
  /** Of the application that it was begun with. */
  readonly clientId: string
  readonly redirectUri: string
  readonly verifierSealed: string
  readonly expiresAt: number
}

/** Remembers a sign-in under the hash of its state, and forgets those that nobody finished in time. */
export async function saveSignIn(tx: Tx, stateHash: string, signIn: SignIn & { readonly now: number }): Promise<void> {
  await tx.deleteFrom('oauth_sign_ins').where('expires_at', '<=', signIn.now).execute()
  await tx
    .insertInto('oauth_sign_ins')
    .values({
      state_hash: stateHash,
      account_id: signIn.accountId,
      client_id: signIn.clientId,
      redirect_uri: signIn.redirectUri,
      verifier_sealed: signIn.verifierSealed,
      expires_at: signIn.expiresAt,
    })
    .execute()
}

/** Whether one was given out under this state. */
export async function hasSignIn(db: Reader, stateHash: string): Promise<boolean> {
  const row = await db.selectFrom('oauth_sign_ins').select('account_id').where('state_hash', '=', stateHash).executeTakeFirst()
  return row !== undefined
}

/** Takes a sign-in out: of several who ask for the same one, on any node, one gets it. null: there is none. */
export async function takeSignIn(tx: Tx, stateHash: string): Promise<SignIn | null> {
  const row = await tx
    .deleteFrom('oauth_sign_ins')
    .where('state_hash', '=', stateHash)
    .returning(['account_id', 'client_id', 'redirect_uri', 'verifier_sealed', 'expires_at'])
    .executeTakeFirst()
  if (row === undefined) return null
  return {
    accountId: row.account_id as AccountId,
    clientId: row.client_id,
    redirectUri: row.redirect_uri,
    verifierSealed: row.verifier_sealed,
    expiresAt: row.expires_at,
  }
}
