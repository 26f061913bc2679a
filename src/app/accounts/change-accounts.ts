import type { Account } from '../../domain/account.ts'
import type { Asker } from '../../domain/asker.ts'
import { fixedToken, type HostToken } from '../../domain/host-token.ts'
import type { AccountId } from '../../domain/ids.ts'
import { toProblem } from '../../domain/problem.ts'
import {
  findAccount,
  findSealedSecrets,
  saveAccount,
  setAccountState,
  setConfiguredBy,
  type AccountSettings,
  type SealedSecrets,
} from '../../db/stores/accounts.ts'
import type { Reader, Tx } from '../../db/database.ts'
import { findAccountDeletion } from '../../db/stores/account-deletion.ts'
import { keepPreviousSecret } from '../../db/stores/webhook-secrets.ts'
import { deleteOAuthCredential, findOAuthCredential, saveOAuthApplication } from '../../db/stores/oauth-credentials.ts'
import { replaceTokenExpiries } from '../../db/stores/token-expiries.ts'
import { ConnectorError } from '../../lib/connector-error.ts'
import type { SecretBox } from '../../lib/secret-box.ts'
import type { AppContext } from '../app-context.ts'
import { sweepJobKey } from '../sync/sweep-account.ts'
import { addRotationJob } from '../webhooks/rotate-secret.ts'
import { secretContext } from './secret-context.ts'
import { requestCredentialCheck } from '../credentials/check-credentials.ts'
import { signInNeeded } from '../credentials/sign-in-needed.ts'

/** Secrets as somebody typed them; undefined: as before, null: none. */
export interface TypedSecrets {
  readonly token?: string
  /** In the token's place: somebody signs in by this application afterwards. */
  readonly oauth?: { readonly clientId: string; readonly clientSecret: string }
  readonly webhookAdminToken?: string | null
  /** Of hooks that people installed themselves. */
  readonly webhookSecret?: string
}

/** Time to enter a new secret in hooks that were installed by hand. */
const PREVIOUS_SECRET_MS = 24 * 60 * 60_000

/** Lists the account's repositories again, then soft-syncs what may have changed. */
export async function refreshAccount(app: AppContext, id: AccountId, askedBy: Asker | null = null): Promise<void> {
  await getAccount(app, id)
  await refuseDeleting(app.db.read, id)
  await app.db.write('interactive', (tx) =>
    app.jobs.add(tx, {
      name: 'sweep-account',
      payload: { accountId: id, trigger: 'manual', ...(askedBy === null ? {} : { askedBy }) },
      key: sweepJobKey(id),
      priority: 'webhook',
    }),
  )
}

/**
 * Creates an account, or changes one of the browser's. The connection is tested first, unless a sign-in has to come
 * before: nothing half-made is stored.
 *
 * @throws ConnectorError `account-exists`, `account-not-found`, `account-deleting`, `managed-by-file`, or what the test found
 */
export async function saveTestedAccount(
  app: AppContext,
  {
    settings,
    secrets,
    secretBox,
    isNew,
    configuredBy = null,
  }: {
    settings: AccountSettings
    secrets: TypedSecrets
    secretBox: SecretBox
    isNew: boolean
    /** What kind of caller it is. */
    configuredBy?: string | null
  },
  signal: AbortSignal,
): Promise<Account> {
  const before = await findAccount(app.db.read, settings.id)
  if (isNew && before !== null)
    throw new ConnectorError('account-exists', {
      userMessage: `There is already an account "${settings.id}".`,
      remedy: 'Choose another id.',
    })
  if (before?.managedBy === 'file') throw managedByFile(settings.id)
  await refuseDeleting(app.db.read, settings.id)
  const token = await findTestToken(app, { settings, secrets })
  if (token !== null) await testConnection(app, { settings, secrets, secretBox, token, before }, signal)
  const sealed = sealSecrets(secretBox, settings, secrets)
  await app.db.write('interactive', async (tx) => {
    // It may have begun during the test.
    await refuseDeleting(tx, settings.id)
    if (sealed.webhookSecret !== undefined) await keepPreviousWebhookSecret(app, tx, settings.id)
    await saveAccount(tx, settings, sealed, app.clock.now().getTime())
    await setConfiguredBy(tx, settings.id, configuredBy)
    await saveSignInMethod(tx, { id: settings.id, secrets, secretBox })
    // Of tokens that may be others now.
    await replaceTokenExpiries(tx, settings.id, [])
    if (token === null) return
    // It was tested: what was wrong with the one before is over.
    await setAccountState(tx, settings.id, 'ok', null)
    await requestCredentialCheck(app, tx, { accountId: settings.id, runAt: app.clock.now() })
    await app.jobs.add(tx, {
      name: 'sweep-account',
      payload: { accountId: settings.id, trigger: 'manual' },
      key: sweepJobKey(settings.id),
    })
  })
  app.connections.forget(settings.id)
  return getAccount(app, settings.id)
}

/** People enter the new one in each hook: meanwhile both are valid. */
async function keepPreviousWebhookSecret(app: AppContext, tx: Tx, id: AccountId): Promise<void> {
  const before = (await findSealedSecrets(tx, id))?.webhookSecret ?? null
  if (before === null) return
  const now = app.clock.now().getTime()
  const until = now + PREVIOUS_SECRET_MS
  await keepPreviousSecret(tx, id, { sealed: before, now, until })
  await addRotationJob(app, tx, { id, runAt: new Date(until) })
}

function sealSecrets(secretBox: SecretBox, { id, webhooks }: AccountSettings, secrets: TypedSecrets): SealedSecrets {
  return {
    ...(secrets.token === undefined ? {} : { token: secretBox.seal(secrets.token, secretContext(id, 'token')) }),
    ...(secrets.oauth === undefined ? {} : { token: null }),
    ...(secrets.webhookAdminToken === undefined
      ? {}
      : { webhookAdminToken: sealOptional(secretBox, secrets.webhookAdminToken, id) }),
    // Those of other hooks are the connector's own.
    ...(secrets.webhookSecret === undefined || webhooks !== 'manual'
      ? {}
      : { webhookSecret: secretBox.seal(secrets.webhookSecret, secretContext(id, 'webhook-secret')) }),
  }
}

/** An account has a token or an OAuth application: what is given takes the other's place. */
async function saveSignInMethod(
  tx: Tx,
  { id, secrets, secretBox }: { id: AccountId; secrets: TypedSecrets; secretBox: SecretBox },
): Promise<void> {
  if (secrets.token !== undefined) await deleteOAuthCredential(tx, id)
  if (secrets.oauth === undefined) return
  const { clientId, clientSecret } = secrets.oauth
  const clientSecretSealed = secretBox.seal(clientSecret, secretContext(id, 'oauth-client-secret'))
  await saveOAuthApplication(tx, id, { clientId, clientSecretSealed })
  await setAccountState(tx, id, 'needs-sign-in', toProblem(signInNeeded(id)))
}

function sealOptional(secretBox: SecretBox, text: string | null, id: AccountId): string | null {
  return text === null ? null : secretBox.seal(text, secretContext(id, 'webhook-admin-token'))
}

/** With what the connection is tested; null: with nothing, because nobody is signed in yet. */
async function findTestToken(
  app: AppContext,
  { settings, secrets }: { settings: AccountSettings; secrets: TypedSecrets },
): Promise<HostToken | null> {
  if (secrets.token !== undefined) return fixedToken(secrets.token)
  if (secrets.oauth !== undefined) {
    // An address that cannot be used is found out before it is stored.
    app.connections.oauth(settings.host, { url: settings.url, ...secrets.oauth })
    return null
  }
  const credential = await findOAuthCredential(app.db.read, settings.id)
  return credential?.state === 'needs-sign-in' ? null : app.connections.token(settings.id)
}

/** Tests what will be stored: the new settings, with the stored secrets where none are given. */
async function testConnection(
  app: AppContext,
  change: { settings: AccountSettings; secrets: TypedSecrets; secretBox: SecretBox; token: HostToken; before: Account | null },
  signal: AbortSignal,
): Promise<void> {
  const { settings, secrets, secretBox, token, before } = change
  const { id, url, gitUrl, owner } = settings
  const sealed = await findSealedSecrets(app.db.read, id)
  const openStored = (text: string | null | undefined) =>
    text === null || text === undefined ? null : secretBox.open(text, secretContext(id, 'webhook-admin-token'))
  const webhookAdminToken =
    secrets.webhookAdminToken === undefined ? openStored(sealed?.webhookAdminToken) : secrets.webhookAdminToken
  const connection = app.connections.probe(settings.host, { url, gitUrl, owner, token, webhookAdminToken })
  // Another path, or another host, is looked up anew.
  const known = before?.url === url && before.owner === owner ? before.resolvedOwner : null
  const failed = (await connection.check(known, signal)).find(({ ok }) => !ok)
  if (failed === undefined) return
  throw new ConnectorError('connection-test-failed', {
    userMessage: `The connection test failed at the step "${failed.name}": ${failed.message}`,
    ...(failed.remedy === null ? {} : { remedy: failed.remedy }),
  })
}

async function refuseDeleting(db: Reader, id: AccountId): Promise<void> {
  if ((await findAccountDeletion(db, id)) === null) return
  throw new ConnectorError('account-deleting', {
    userMessage: `The account "${id}" is being deleted.`,
    remedy: 'Wait until it is gone, then create it again.',
  })
}

export async function getAccount(app: AppContext, id: AccountId): Promise<Account> {
  const account = await findAccount(app.db.read, id)
  if (account !== null) return account
  throw new ConnectorError('account-not-found', { userMessage: `There is no account "${id}".` })
}

/** What the configuration file declares is changed there. */
export function managedByFile(id: AccountId): ConnectorError {
  return new ConnectorError('managed-by-file', {
    userMessage: `The account "${id}" is managed by the configuration file.`,
    remedy: 'Change it there and start the connector again.',
  })
}
