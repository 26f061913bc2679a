import type { Account } from '../../domain/account.ts'
import type { AccountId } from '../../domain/ids.ts'
import {
  beginAccountDeletion,
  deleteAccount as deleteStoredAccount,
  findAccount,
  findSealedSecrets,
  saveAccount,
  type AccountSettings,
  type SealedSecrets,
} from '../../db/stores/accounts.ts'
import type { Tx } from '../../db/database.ts'
import { listKnownRepositories } from '../../db/stores/repositories.ts'
import { keepPreviousSecret } from '../../db/stores/webhook-secrets.ts'
import { ConnectorError } from '../../lib/connector-error.ts'
import type { SecretBox } from '../../lib/secret-box.ts'
import type { AppContext } from '../app-context.ts'
import { removeRepository } from '../repositories/remove-repository.ts'
import { sweepJobKey } from '../sync/sweep-account.ts'
import { removeAccountHook } from '../webhooks/account-hook.ts'
import { reconcileWebhook } from '../webhooks/reconcile-webhook.ts'
import { addRotationJob } from '../webhooks/rotate-secret.ts'
import { secretContext, type SecretKind } from './secret-context.ts'

/** Secrets as somebody typed them; undefined: as before, null: none. */
export interface TypedSecrets {
  readonly token?: string
  readonly webhookAdminToken?: string | null
  /** Of hooks that people installed themselves. */
  readonly webhookSecret?: string
}

/** Time to enter a new secret in hooks that were installed by hand. */
const PREVIOUS_SECRET_MS = 24 * 60 * 60_000

/** Lists the account's repositories again, then soft-syncs what may have changed. */
export async function refreshAccount(app: AppContext, id: AccountId): Promise<void> {
  await getAccount(app, id)
  await app.db.write('interactive', (tx) =>
    app.jobs.add(tx, {
      name: 'sweep-account',
      payload: { accountId: id, trigger: 'manual' },
      key: sweepJobKey(id),
      priority: 'webhook',
    }),
  )
}

/**
 * Creates an account, or changes one of the browser's. The connection is tested first: nothing half-made is stored.
 *
 * @throws ConnectorError `account-exists`, `account-not-found`, `managed-by-file`, or what the test found
 */
export async function saveTestedAccount(
  app: AppContext,
  {
    settings,
    secrets,
    secretBox,
    isNew,
  }: { settings: AccountSettings; secrets: TypedSecrets; secretBox: SecretBox; isNew: boolean },
  signal: AbortSignal,
): Promise<Account> {
  const before = await findAccount(app.db.read, settings.id)
  if (isNew && before !== null)
    throw new ConnectorError('account-exists', {
      userMessage: `There is already an account "${settings.id}".`,
      remedy: 'Choose another id.',
    })
  if (before?.managedBy === 'file') throw managedByFile(settings.id)
  await testConnection(app, { settings, secrets, secretBox }, signal)
  const sealed: SealedSecrets = {
    ...(secrets.token === undefined ? {} : { token: secretBox.seal(secrets.token, secretContext(settings.id, 'token')) }),
    ...(secrets.webhookAdminToken === undefined
      ? {}
      : { webhookAdminToken: sealOptional(secretBox, secrets.webhookAdminToken, settings.id) }),
    // Those of other hooks are the connector's own.
    ...(secrets.webhookSecret === undefined || settings.webhooks !== 'manual'
      ? {}
      : { webhookSecret: secretBox.seal(secrets.webhookSecret, secretContext(settings.id, 'webhook-secret')) }),
  }
  await app.db.write('interactive', async (tx) => {
    if (sealed.webhookSecret !== undefined) await keepPreviousWebhookSecret(app, tx, settings.id)
    await saveAccount(tx, settings, sealed, app.clock.now().getTime())
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

function sealOptional(secretBox: SecretBox, text: string | null, id: AccountId): string | null {
  return text === null ? null : secretBox.seal(text, secretContext(id, 'webhook-admin-token'))
}

/** Tests what will be stored: the new settings, with the stored secrets where none are given. */
async function testConnection(
  app: AppContext,
  { settings, secrets, secretBox }: { settings: AccountSettings; secrets: TypedSecrets; secretBox: SecretBox },
  signal: AbortSignal,
): Promise<void> {
  const { id, url, gitUrl, owner } = settings
  const sealed = await findSealedSecrets(app.db.read, id)
  const openStored = (text: string | null | undefined, kind: SecretKind) =>
    text === null || text === undefined ? null : secretBox.open(text, secretContext(id, kind))
  const token = secrets.token ?? openStored(sealed?.token, 'token')
  if (token === null)
    throw new ConnectorError('token-missing', { userMessage: 'A new account needs a token.', remedy: 'Give "token".' })
  const webhookAdminToken =
    secrets.webhookAdminToken === undefined
      ? openStored(sealed?.webhookAdminToken, 'webhook-admin-token')
      : secrets.webhookAdminToken
  const connection = app.connections.probe(settings.host, { url, gitUrl, owner, token: () => token, webhookAdminToken })
  const failed = (await connection.check(signal)).find(({ ok }) => !ok)
  if (failed === undefined) return
  throw new ConnectorError('connection-test-failed', {
    userMessage: `The connection test failed at the step "${failed.name}": ${failed.message}`,
    ...(failed.remedy === null ? {} : { remedy: failed.remedy }),
  })
}

/** Deletes an account with its repositories, mirrors and hooks; the issues lose what it told. */
export async function deleteAccount(app: AppContext, id: AccountId, signal: AbortSignal): Promise<void> {
  const account = await getAccount(app, id)
  if (account.managedBy === 'file' && account.problem?.code !== 'account-not-configured') throw managedByFile(id)
  // First, so that a sweep that runs, on whatever node, stores no repository any more.
  await app.db.write('interactive', async (tx) => {
    await beginAccountDeletion(tx, id)
    await app.jobs.cancel(tx, sweepJobKey(id))
  })
  await removeAccountHook(app, account, signal)
  for (const repository of await listKnownRepositories(app.db.read, id)) {
    await reconcileWebhook(app, { account: { ...account, webhooks: 'off' }, hostId: repository.hostId }, signal)
    await removeRepository(app, repository.id, signal)
  }
  await app.db.write('interactive', async (tx) => {
    await app.jobs.cancel(tx, sweepJobKey(id))
    await deleteStoredAccount(tx, id)
  })
  app.connections.forget(id)
}

async function getAccount(app: AppContext, id: AccountId): Promise<Account> {
  const account = await findAccount(app.db.read, id)
  if (account !== null) return account
  throw new ConnectorError('account-not-found', { userMessage: `There is no account "${id}".` })
}

function managedByFile(id: AccountId): ConnectorError {
  return new ConnectorError('managed-by-file', {
    userMessage: `The account "${id}" is managed by the configuration file.`,
    remedy: 'Change it there and start the connector again.',
  })
}
