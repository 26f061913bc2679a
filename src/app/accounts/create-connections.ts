import type { Account } from '../../domain/account.ts'
import { fixedToken, type HostToken } from '../../domain/host-token.ts'
import type { AccountId } from '../../domain/ids.ts'
import type { Database } from '../../db/database.ts'
import { findAccount, findAccountWithSecrets } from '../../db/stores/accounts.ts'
import { findOAuthCredential } from '../../db/stores/oauth-credentials.ts'
import type { HostConnection, HostRegistry } from '../../hosts/types.ts'
import type { Clock } from '../../lib/clock.ts'
import { ConnectorError } from '../../lib/connector-error.ts'
import type { Logger } from '../../lib/logger.ts'
import type { Secret } from '../../lib/secret.ts'
import type { SecretBox } from '../../lib/secret-box.ts'
import { createOAuthToken } from '../credentials/oauth-token.ts'
import { createStoredToken } from '../credentials/stored-token.ts'
import type { Connections } from './connections.ts'
import { secretContext } from './secret-context.ts'
import { createWebhookSecrets } from './webhook-secrets.ts'

/** Secrets of the accounts of the configuration file: they are never stored. */
export interface DeclaredSecrets {
  readonly token: Secret
  readonly webhookAdminToken: Secret | null
  readonly webhookSecret: Secret | null
}

export interface ConnectionsOptions {
  readonly db: Database
  readonly secretBox: SecretBox
  readonly declared: ReadonlyMap<AccountId, DeclaredSecrets>
  readonly hosts: HostRegistry
  readonly clock: Clock
  readonly log: Logger
}

type StoredAccount = NonNullable<Awaited<ReturnType<typeof findAccountWithSecrets>>>

export function createConnections(options: ConnectionsOptions): Connections {
  const open = new Map<AccountId, { readonly madeOf: string; readonly connection: HostConnection }>()
  return {
    async get(id) {
      const stored = await getStored(options, id)
      // Another node may have changed the account: read each time, connected anew only then.
      const madeOf = describe(stored)
      const known = open.get(id)
      if (known?.madeOf === madeOf) return known.connection
      const connection = await connect(options, stored)
      open.set(id, { madeOf, connection })
      return connection
    },
    links: async (id) => options.hosts.links((await getAccount(options.db, id)).host),
    token: async (id) => createToken(options, await getStored(options, id)),
    oauth: (kind, application) => options.hosts.oauth(kind, application),
    probe: (kind, settings) => options.hosts.connect(kind, settings),
    ...createWebhookSecrets(options),
    rateLimit: (id) => open.get(id)?.connection.rateLimit() ?? null,
    forget: (id) => void open.delete(id),
  }
}

/** Everything that a connection is made of; the secrets as they are sealed, which differs at every sealing. */
function describe({ account, sealed }: StoredAccount): string {
  return JSON.stringify([account.host, account.url, account.gitUrl, account.owner, sealed.token, sealed.webhookAdminToken])
}

async function getStored({ db }: ConnectionsOptions, id: AccountId): Promise<StoredAccount> {
  const stored = await findAccountWithSecrets(db.read, id)
  if (stored === null) throw accountNotFound(id)
  return stored
}

async function connect(options: ConnectionsOptions, { account, sealed }: StoredAccount): Promise<HostConnection> {
  const token = await createToken(options, { account, sealed })
  return options.hosts.connect(account.host, {
    url: account.url,
    gitUrl: account.gitUrl,
    owner: account.owner,
    token,
    webhookAdminToken: readWebhookAdminToken(options, { account, sealed }),
  })
}

async function getAccount(db: Database, id: AccountId): Promise<Account> {
  const account = await findAccount(db.read, id)
  if (account !== null) return account
  throw accountNotFound(id)
}

function accountNotFound(id: AccountId): ConnectorError {
  return new ConnectorError('account-not-found', { userMessage: `There is no account "${id}".` })
}

/** Of the configuration file as it stands there; else read at every call. */
async function createToken(options: ConnectionsOptions, { account, sealed }: StoredAccount): Promise<HostToken> {
  const fromFile = options.declared.get(account.id)
  if (fromFile !== undefined) return fixedToken(fromFile.token.reveal())
  if (sealed.token !== null) return createStoredToken(options, account)
  if ((await findOAuthCredential(options.db.read, account.id)) !== null) return createOAuthToken(options, account)
  throw new ConnectorError('account-not-configured', {
    userMessage: `The account "${account.id}" has no credentials: it is not in the configuration file any more.`,
    remedy: 'Put it back into the file, or delete the account.',
  })
}

function readWebhookAdminToken({ secretBox, declared }: ConnectionsOptions, { account, sealed }: StoredAccount): string | null {
  const fromFile = declared.get(account.id)
  if (fromFile !== undefined) return fromFile.webhookAdminToken?.reveal() ?? null
  if (sealed.webhookAdminToken === null) return null
  return secretBox.open(sealed.webhookAdminToken, secretContext(account.id, 'webhook-admin-token'))
}
