import { createHash, randomBytes } from 'node:crypto'
import type { Account } from '../../domain/account.ts'
import type { AccountId } from '../../domain/ids.ts'
import { findAccount, holdAccount, setAccountState } from '../../db/stores/accounts.ts'
import { findOAuthCredential, saveTokenPair, type OAuthCredential } from '../../db/stores/oauth-credentials.ts'
import { hasSignIn, saveSignIn, takeSignIn, type SignIn } from '../../db/stores/oauth-sign-ins.ts'
import type { HostTokenPair } from '../../hosts/types.ts'
import { ConnectorError } from '../../lib/connector-error.ts'
import type { SecretBox } from '../../lib/secret-box.ts'
import { secretContext } from '../accounts/secret-context.ts'
import type { AppContext } from '../app-context.ts'
import { sweepJobKey } from '../sync/sweep-account.ts'
import { requestCredentialCheck } from './check-credentials.ts'
import { sealPair } from './token-pair.ts'

const SIGN_IN_LIFETIME_MS = 10 * 60_000

/** The address that an OAuth application must name as its redirect address. */
export function redirectUri(app: Pick<AppContext, 'settings'>): string {
  return `${app.settings.serverUrl}/oauth/callback`
}

export interface BegunSignIn {
  /** To be opened in a browser, once. */
  readonly authorizationUrl: string
  readonly redirectUri: string
  readonly expiresAt: Date
}

/**
 * Begins a sign-in. Its state is stored as a hash and its verifier sealed, so that any node can finish it and nobody who
 * reads the database can.
 *
 * @throws ConnectorError `account-not-found`, `account-not-oauth`
 */
export async function beginSignIn(app: AppContext, secretBox: SecretBox, id: AccountId): Promise<BegunSignIn> {
  const { account, credential } = await getOAuthAccount(app, id)
  const state = randomBytes(32).toString('base64url')
  const verifier = randomBytes(48).toString('base64url')
  const now = app.clock.now().getTime()
  const signIn: SignIn = {
    accountId: id,
    clientId: credential.clientId,
    redirectUri: redirectUri(app),
    verifierSealed: secretBox.seal(verifier, secretContext(id, 'oauth-verifier')),
    expiresAt: now + SIGN_IN_LIFETIME_MS,
  }
  await app.db.write('interactive', (tx) => saveSignIn(tx, toHash(state), { ...signIn, now }))
  const oauth = connectOAuth(app, secretBox, { account, credential })
  const codeChallenge = toChallenge(verifier)
  return {
    authorizationUrl: oauth.authorizationUrl({ redirectUri: signIn.redirectUri, state, codeChallenge }).href,
    redirectUri: signIn.redirectUri,
    expiresAt: new Date(signIn.expiresAt),
  }
}

/** 32 bytes as `randomBytes` makes them. */
const STATE = /^[A-Za-z0-9_-]{43}$/

/**
 * Finishes a sign-in with what the host sent the browser back with. Whoever brings a state that was given out within the
 * last ten minutes may, once; the code is worth nothing without the verifier that is stored here.
 *
 * @returns the account, which is swept at once
 * @throws ConnectorError `sign-in-expired` without asking the host, and those of `HostOAuth`
 */
export async function finishSignIn(
  app: AppContext,
  { answer, secretBox }: { readonly answer: URLSearchParams; readonly secretBox: SecretBox },
  signal: AbortSignal,
): Promise<Account> {
  const state = answer.get('state') ?? ''
  // Anybody may call: only what was given out is worth a transaction.
  if (!STATE.test(state) || !(await hasSignIn(app.db.read, toHash(state)))) throw signInExpired()
  const signIn = await app.db.write('interactive', (tx) => takeSignIn(tx, toHash(state)))
  if (signIn === null || signIn.expiresAt <= app.clock.now().getTime()) throw signInExpired()
  const { account, credential } = await getOAuthAccount(app, signIn.accountId)
  // Begun with an application that was replaced meanwhile.
  if (credential.clientId !== signIn.clientId) throw signInExpired()
  const codeVerifier = secretBox.open(signIn.verifierSealed, secretContext(account.id, 'oauth-verifier'))
  const oauth = connectOAuth(app, secretBox, { account, credential })
  const pair = await oauth.exchangeCode({ answer, state, redirectUri: signIn.redirectUri, codeVerifier }, signal)
  await store(app, { account, credential, pairSealed: sealPair(secretBox, account.id, pair), expiresAt: pair.expiresAt })
  app.log.info({ account: account.id }, 'account signed in')
  return account
}

interface SignedIn extends Pick<HostTokenPair, 'expiresAt'> {
  readonly account: Account
  readonly credential: OAuthCredential
  readonly pairSealed: string
}

async function store(app: AppContext, { account, credential, pairSealed, expiresAt }: SignedIn): Promise<void> {
  const pair = {
    replaces: null,
    clientId: credential.clientId,
    pairSealed,
    expiresAt: expiresAt?.getTime() ?? null,
    now: app.clock.now().getTime(),
  }
  await app.db.write('interactive', async (tx) => {
    const now = await findAccount(tx, account.id)
    // Given by the host of then: another one must never see it.
    if (now?.url !== account.url || now.gitUrl !== account.gitUrl) throw signInExpired()
    const stored = (await holdAccount(tx, account.id)) && (await saveTokenPair(tx, account.id, pair))
    if (!stored) throw signInExpired()
    await setAccountState(tx, account.id, 'ok', null)
    await app.jobs.add(tx, {
      name: 'sweep-account',
      payload: { accountId: account.id, trigger: 'manual' },
      key: sweepJobKey(account.id),
    })
    await requestCredentialCheck(app, tx, { accountId: account.id, runAt: app.clock.now() })
  })
}

type OAuthAccount = Pick<SignedIn, 'account' | 'credential'>

async function getOAuthAccount(app: AppContext, id: AccountId): Promise<OAuthAccount> {
  const account = await findAccount(app.db.read, id)
  if (account === null) throw new ConnectorError('account-not-found', { userMessage: `There is no account "${id}".` })
  const credential = await findOAuthCredential(app.db.read, id)
  if (credential !== null && account.managedBy === 'browser') return { account, credential }
  throw new ConnectorError('account-not-oauth', {
    userMessage: `The account "${id}" has a token of its own: there is nobody to sign in.`,
    remedy: 'To change that, give it an OAuth application: "oauth" with clientId and clientSecret.',
  })
}

function connectOAuth(app: AppContext, secretBox: SecretBox, { account, credential }: OAuthAccount) {
  const clientSecret = secretBox.open(credential.clientSecretSealed, secretContext(account.id, 'oauth-client-secret'))
  return app.connections.oauth(account.host, { url: account.url, clientId: credential.clientId, clientSecret })
}

function toHash(state: string): string {
  return createHash('sha256').update(state).digest('hex')
}

/** RFC 7636, method S256. */
function toChallenge(verifier: string): string {
  return createHash('sha256').update(verifier).digest('base64url')
}

function signInExpired(): ConnectorError {
  return new ConnectorError('sign-in-expired', {
    userMessage: 'This sign-in is not known, or not any more: it was used already, or begun more than ten minutes ago.',
    remedy: 'Begin it again from the account.',
  })
}
