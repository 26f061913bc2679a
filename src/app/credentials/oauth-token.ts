import type { HostToken } from '../../domain/host-token.ts'
import { findOAuthCredential, type OAuthCredential } from '../../db/stores/oauth-credentials.ts'
import { isConnectorError } from '../../lib/connector-error.ts'
import { accountChanged, readTokenAt, type AccountPlace } from './account-place.ts'
import type { OAuthParts } from './oauth-parts.ts'
import { refreshPair } from './refresh-pair.ts'
import { signInNeeded } from './sign-in-needed.ts'
import { openPair, type StoredPair } from './token-pair.ts'

/*
 * An OAuth credential, one row of `oauth_credentials`:
 *
 * - needs sign-in: before the first sign-in, and after the host took a refresh token no more. Every call fails with
 *   `sign-in-needed` without asking the host. Left by a sign-in: valid.
 * - valid: the access token is used as it is. Left ten minutes before its end, or when the host refuses it: expiring.
 * - expiring(at): the next call that needs a token refreshes. While the host is away the old token serves to its end.
 * - refreshing: one node holds the lease; the others wait and read the row again. Left by a new pair: valid (stored
 *   before anybody uses it); by a refusal of the host: needs sign-in; by a failure that may pass: expiring, not before
 *   `retry_at`; by the holder's death: expiring, when the lease runs out.
 *
 * GitLab ends both old tokens with its answer. A process that dies between that answer and its storing loses the pair:
 * the next refresh is refused, and the account needs a sign-in. Nothing but the transaction lies between the two.
 */

/** Refreshed this long before its end: longer than any request, and than most fetches of Git, takes. */
const REFRESH_AHEAD_MS = 10 * 60_000
/** A token this young that is refused is refused for another reason: a new one would be, too. */
const FRESH_MS = 60_000

interface Current {
  readonly credential: OAuthCredential
  readonly pair: StoredPair
}

/** The access token of an account that signs in by OAuth. */
export function createOAuthToken(parts: OAuthParts, place: AccountPlace): HostToken {
  return {
    kind: 'oauth',
    async get(signal) {
      for (;;) {
        const current = await readCurrent(parts, place)
        if (!isExpiring(parts, current.credential)) return current.pair.accessToken
        const usable = await tryRefresh(parts, { place, ...current }, signal)
        if (usable) return current.pair.accessToken
      }
    },
    async renew(refused, signal) {
      for (;;) {
        const { credential, pair } = await readCurrent(parts, place)
        if (pair.accessToken !== refused) return pair.accessToken
        if (isFresh(parts, credential)) return null
        await refreshPair(parts, { place, credential, pair }, signal)
      }
    },
  }
}

/** True when the refresh failed for now and the old token has not ended yet. */
async function tryRefresh(parts: OAuthParts, current: Current & { place: AccountPlace }, signal: AbortSignal): Promise<boolean> {
  try {
    await refreshPair(parts, current, signal)
    return false
  } catch (error) {
    const { expiresAt } = current.credential
    const lasts = expiresAt !== null && expiresAt > parts.clock.now().getTime()
    if (signal.aborted || !lasts || !isConnectorError(error) || error.code === 'sign-in-needed') throw error
    return true
  }
}

function isExpiring({ clock }: OAuthParts, { expiresAt }: OAuthCredential): boolean {
  return expiresAt !== null && clock.now().getTime() >= expiresAt - REFRESH_AHEAD_MS
}

function isFresh({ clock }: OAuthParts, { refreshedAt }: OAuthCredential): boolean {
  return refreshedAt !== null && clock.now().getTime() - refreshedAt < FRESH_MS
}

async function readCurrent({ db, secretBox }: OAuthParts, place: AccountPlace): Promise<Current> {
  await readTokenAt(db.read, place)
  const credential = await findOAuthCredential(db.read, place.id)
  if (credential === null) throw accountChanged(place)
  if (credential.state === 'needs-sign-in' || credential.pairSealed === null) throw signInNeeded(place.id)
  return { credential, pair: openPair(secretBox, place.id, credential.pairSealed) }
}
