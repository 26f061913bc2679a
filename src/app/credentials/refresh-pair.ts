import { randomUUID } from 'node:crypto'
import { toProblem } from '../../domain/problem.ts'
import { setAccountState } from '../../db/stores/accounts.ts'
import {
  postponeRefresh,
  requireSignIn,
  saveTokenPair,
  takeRefreshLease,
  type OAuthCredential,
} from '../../db/stores/oauth-credentials.ts'
import type { HostTokenPair } from '../../hosts/types.ts'
import { ConnectorError, isConnectorError } from '../../lib/connector-error.ts'
import { secretContext } from '../accounts/secret-context.ts'
import type { AccountPlace } from './account-place.ts'
import type { OAuthParts } from './oauth-parts.ts'
import { signInNeeded } from './sign-in-needed.ts'
import { sealPair, type StoredPair } from './token-pair.ts'

/** Several times what a refresh may take, so that the clocks of nodes may differ. */
const LEASE_MS = 3 * 60_000
/** Between two looks at the row while another call or node refreshes. */
const WAIT_MS = 250
const AFTER_FAILURE_MS = 30_000
/** A pair that could not be stored is lost for good: a database that is away for a moment is waited for. */
const STORE_TRIES = 20
const STORE_PAUSE_MS = 3_000

export interface Replaced {
  readonly place: AccountPlace
  readonly credential: OAuthCredential
  readonly pair: StoredPair
}

/**
 * Gets a new pair in place of this one, or waits a moment while another does: the caller reads the row again.
 *
 * @throws ConnectorError `sign-in-needed` when the host takes it no more; what is the matter with the host, else
 */
export async function refreshPair(parts: OAuthParts, replaced: Replaced, signal: AbortSignal): Promise<void> {
  const { db, clock } = parts
  const { place, credential, pair } = replaced
  const now = clock.now().getTime()
  if (pair.refreshToken === null) return giveUp(parts, replaced, signInNeeded(place.id))
  if (credential.retryAt !== null && credential.retryAt > now) throw postponed(place, new Date(credential.retryAt))
  const holder = randomUUID()
  const lease = { version: credential.version, holder, now, until: now + LEASE_MS }
  const held = await db.write('interactive', (tx) => takeRefreshLease(tx, place.id, lease))
  if (!held) return clock.sleep(WAIT_MS, signal)
  await askAndStore(parts, replaced, { holder, refreshToken: pair.refreshToken })
}

/** From here on nothing is aborted: an answer that nobody takes would be the end of the sign-in. */
async function askAndStore(
  parts: OAuthParts,
  replaced: Replaced,
  { holder, refreshToken }: { readonly holder: string; readonly refreshToken: string },
): Promise<void> {
  const { db, clock, log } = parts
  const { place, credential } = replaced
  try {
    const answer = await ask(parts, replaced, refreshToken)
    await store(parts, replaced, answer)
    log.info({ account: place.id, expiresAt: answer.expiresAt?.toISOString() }, 'access token renewed')
  } catch (error) {
    if (isConnectorError(error, 'grant-refused') || isConnectorError(error, 'oauth-client-refused'))
      return giveUp(parts, replaced, signInNeeded(place.id, error))
    const named = isConnectorError(error) ? (error.retryAt?.getTime() ?? 0) : 0
    const retryAt = Math.max(named, clock.now().getTime() + AFTER_FAILURE_MS)
    log.warn({ account: place.id, version: credential.version, error: toProblem(error) }, 'access token could not be renewed')
    await db.write('interactive', (tx) => postponeRefresh(tx, place.id, { holder, retryAt }))
    throw error
  }
}

function ask({ hosts, secretBox }: OAuthParts, { place, credential }: Replaced, refreshToken: string): Promise<HostTokenPair> {
  const clientSecret = secretBox.open(credential.clientSecretSealed, secretContext(place.id, 'oauth-client-secret'))
  const oauth = hosts.oauth(place.host, { url: place.url, clientId: credential.clientId, clientSecret })
  return oauth.refresh(refreshToken, new AbortController().signal)
}

async function store(parts: OAuthParts, { place, credential }: Replaced, answer: HostTokenPair): Promise<void> {
  const { db, clock, log, secretBox } = parts
  const pair = {
    replaces: credential.version,
    clientId: credential.clientId,
    pairSealed: sealPair(secretBox, place.id, answer),
    expiresAt: answer.expiresAt?.getTime() ?? null,
    now: clock.now().getTime(),
  }
  for (let attempt = 1; ; attempt += 1) {
    try {
      await db.write('interactive', (tx) => saveTokenPair(tx, place.id, pair))
      return
    } catch (cause) {
      log.error({ account: place.id, attempt, cause }, 'renewed access token could not be stored')
      if (attempt === STORE_TRIES) throw cause
      await clock.sleep(STORE_PAUSE_MS)
    }
  }
}

/** Nothing is said when another pair took the place of the refused one meanwhile: the caller reads that one. */
async function giveUp({ db, log }: OAuthParts, { place, credential }: Replaced, error: ConnectorError): Promise<void> {
  const problem = toProblem(error)
  const ended = await db.write('interactive', async (tx) => {
    if (!(await requireSignIn(tx, place.id, credential.version))) return false
    await setAccountState(tx, place.id, 'needs-sign-in', problem)
    return true
  })
  if (!ended) return
  log.warn({ account: place.id, error: problem }, 'account needs a sign-in')
  throw error
}

function postponed({ id }: AccountPlace, retryAt: Date): ConnectorError {
  return new ConnectorError('host-unavailable', {
    userMessage: `The access token of the account "${id}" could not be renewed a moment ago.`,
    remedy: 'It is tried again by itself.',
    retryable: true,
    retryAt,
  })
}
