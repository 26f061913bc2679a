import type { Account } from '../../domain/account.ts'
import type { AccountId } from '../../domain/ids.ts'
import type { Database } from '../../db/database.ts'
import { findAccount, findAccountWithSecrets } from '../../db/stores/accounts.ts'
import type { HostConnection, HostRegistry } from '../../hosts/types.ts'
import { ConnectorError } from '../../lib/connector-error.ts'
import type { Secret } from '../../lib/secret.ts'
import type { SecretBox } from '../../lib/secret-box.ts'
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
}

type StoredAccount = NonNullable<Awaited<ReturnType<typeof findAccountWithSecrets>>>

export function createConnections(options: ConnectionsOptions): Connections {
  const open = new Map<AccountId, { readonly madeOf: string; readonly connection: HostConnection }>()
  return {
    async get(id) {
      const stored = await findAccountWithSecrets(options.db.read, id)
      if (stored === null) throw accountNotFound(id)
      // Another node may have changed the account: read each time, connected anew only then.
      const madeOf = describe(stored)
      const known = open.get(id)
      if (known?.madeOf === madeOf) return known.connection
      const connection = connect(options, stored)
      open.set(id, { madeOf, connection })
      return connection
    },
    links: async (id) => options.hosts.links((await getAccount(options.db, id)).host),
    probe: (kind, settings) => options.hosts.connect(kind, settings),
    ...createWebhookSecrets(options),
    forget: (id) => void open.delete(id),
  }
}

/** Everything that a connection is made of; the secrets as they are sealed, which differs at every sealing. */
function describe({ account, sealed }: StoredAccount): string {
  return JSON.stringify([account.host, account.url, account.gitUrl, account.owner, sealed.token, sealed.webhookAdminToken])
}

function connect(options: ConnectionsOptions, { account, sealed }: StoredAccount): HostConnection {
  const secrets = readSecrets(options, { account, sealed })
  return options.hosts.connect(account.host, {
    url: account.url,
    gitUrl: account.gitUrl,
    owner: account.owner,
    token: () => secrets.token,
    webhookAdminToken: secrets.webhookAdminToken,
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

function readSecrets(
  { secretBox, declared }: ConnectionsOptions,
  { account, sealed }: StoredAccount,
): { token: string; webhookAdminToken: string | null } {
  const fromFile = declared.get(account.id)
  if (fromFile !== undefined)
    return { token: fromFile.token.reveal(), webhookAdminToken: fromFile.webhookAdminToken?.reveal() ?? null }
  if (sealed.token === null) {
    throw new ConnectorError('account-not-configured', {
      userMessage: `The account "${account.id}" has no credentials: it is not in the configuration file any more.`,
      remedy: 'Put it back into the file, or delete the account.',
    })
  }
  return {
    token: secretBox.open(sealed.token, secretContext(account.id, 'token')),
    webhookAdminToken:
      sealed.webhookAdminToken === null
        ? null
        : secretBox.open(sealed.webhookAdminToken, secretContext(account.id, 'webhook-admin-token')),
  }
}
