import type { AccountId } from '../../domain/ids.ts'
import type { Reader, Tx } from '../database.ts'
import type { OAuthCredentialsTable } from '../account-tables.ts'

/** The OAuth credential of an account, its secrets sealed. */
export interface OAuthCredential {
  readonly clientId: string
  readonly clientSecretSealed: string
  readonly state: OAuthCredentialsTable['state']
  readonly pairSealed: string | null
  /** ms of unix time; null: the host told none. */
  readonly expiresAt: number | null
  readonly version: number
  /** After a failed refresh: not before this time again. */
  readonly retryAt: number | null
  /** When the pair came. */
  readonly refreshedAt: number | null
}

const COLUMNS = [
  'client_id',
  'client_secret_sealed',
  'state',
  'pair_sealed',
  'expires_at',
  'version',
  'retry_at',
  'refreshed_at',
] as const

/** null: the account does not sign in by OAuth. */
export async function findOAuthCredential(db: Reader, id: AccountId): Promise<OAuthCredential | null> {
  const row = await db.selectFrom('oauth_credentials').select(COLUMNS).where('account_id', '=', id).executeTakeFirst()
  if (row === undefined) return null
  return {
    clientId: row.client_id,
    clientSecretSealed: row.client_secret_sealed,
    state: row.state,
    pairSealed: row.pair_sealed,
    expiresAt: row.expires_at,
    version: row.version,
    retryAt: row.retry_at,
    refreshedAt: row.refreshed_at,
  }
}

/** Gives an account this OAuth application. Nobody is signed in with it yet; a pair of another one is forgotten. */
export async function saveOAuthApplication(
  tx: Tx,
  id: AccountId,
  application: { readonly clientId: string; readonly clientSecretSealed: string },
): Promise<void> {
  await deleteOAuthCredential(tx, id)
  await tx
    .insertInto('oauth_credentials')
    .values({
      account_id: id,
      client_id: application.clientId,
      client_secret_sealed: application.clientSecretSealed,
      state: 'needs-sign-in',
      pair_sealed: null,
      previous_pair_sealed: null,
      expires_at: null,
      lease_holder: null,
      lease_until: null,
      retry_at: null,
      refreshed_at: null,
    })
    .execute()
}

/** Forgets the application, its tokens, and sign-ins under way. */
export async function deleteOAuthCredential(tx: Tx, id: AccountId): Promise<void> {
  await tx.deleteFrom('oauth_credentials').where('account_id', '=', id).execute()
  await tx.deleteFrom('oauth_sign_ins').where('account_id', '=', id).execute()
}

export interface Lease {
  /** The pair that is to be replaced. */
  readonly version: number
  readonly holder: string
  readonly now: number
  readonly until: number
}

/** True: only `holder` may refresh this version until `until`. False: another does, or the pair is another by now. */
export async function takeRefreshLease(tx: Tx, id: AccountId, { version, holder, now, until }: Lease): Promise<boolean> {
  const row = await tx
    .updateTable('oauth_credentials')
    .set({ lease_holder: holder, lease_until: until })
    .where('account_id', '=', id)
    .where('version', '=', version)
    .where('state', '=', 'signed-in')
    .where((e) => e.or([e('lease_until', 'is', null), e('lease_until', '<=', now)]))
    .returning('version')
    .executeTakeFirst()
  return row !== undefined
}

export interface NewPair {
  /** The version that it replaces; null: whichever there is, after a sign-in. */
  readonly replaces: number | null
  readonly clientId: string
  readonly pairSealed: string
  readonly expiresAt: number | null
  readonly now: number
}

/**
 * Stores a pair and keeps the one before. False when it replaces nothing of today: the account is gone, has another
 * application, or another pair.
 */
export async function saveTokenPair(tx: Tx, id: AccountId, pair: NewPair): Promise<boolean> {
  const row = await tx
    .updateTable('oauth_credentials')
    .set((e) => ({
      previous_pair_sealed: e.ref('pair_sealed'),
      pair_sealed: pair.pairSealed,
      expires_at: pair.expiresAt,
      version: e('version', '+', 1),
      state: 'signed-in',
      lease_holder: null,
      lease_until: null,
      retry_at: null,
      refreshed_at: pair.now,
    }))
    .where('account_id', '=', id)
    .where('client_id', '=', pair.clientId)
    .$if(pair.replaces !== null, (query) => query.where('version', '=', pair.replaces ?? 0))
    .returning('version')
    .executeTakeFirst()
  return row !== undefined
}

/** Gives the lease back after a failure that may pass. */
export async function postponeRefresh(
  tx: Tx,
  id: AccountId,
  { holder, retryAt }: { readonly holder: string; readonly retryAt: number },
): Promise<void> {
  await tx
    .updateTable('oauth_credentials')
    .set({ lease_holder: null, lease_until: null, retry_at: retryAt })
    .where('account_id', '=', id)
    .where('lease_holder', '=', holder)
    .execute()
}

/** The host takes this pair no more. False when another pair has replaced it meanwhile. */
export async function requireSignIn(tx: Tx, id: AccountId, version: number): Promise<boolean> {
  const row = await tx
    .updateTable('oauth_credentials')
    .set({ state: 'needs-sign-in', lease_holder: null, lease_until: null, retry_at: null })
    .where('account_id', '=', id)
    .where('version', '=', version)
    .returning('version')
    .executeTakeFirst()
  return row !== undefined
}
