import type { Account, AccountState, ResolvedOwner } from '../../domain/account.ts'
import type { AccountId, HostId } from '../../domain/ids.ts'
import type { Problem } from '../../domain/problem.ts'
import type { Reader, Tx } from '../database.ts'
import type { AccountsTable } from '../account-tables.ts'
import { deleteProofs } from './proofs.ts'

/** Everything but the secrets, which no listing reads. */
const ACCOUNT_COLUMNS = [
  'id',
  'name',
  'host',
  'url',
  'git_url',
  'owner',
  'owner_kind',
  'owner_host_id',
  'owner_path',
  'owner_looked_up',
  'managed_by',
  'webhooks',
  'auto_link',
  'smart_commits',
  'smart_commit_trust',
  'smart_commit_replies',
  'include',
  'exclude',
  'jira_projects',
  'state',
  'problem',
  'swept_at',
  'next_sweep_at',
] as const

const SECRET_COLUMNS = ['token_sealed', 'webhook_admin_token_sealed', 'webhook_secret_sealed'] as const

/** What somebody configured: everything of an account but its state and what was found out about it. */
export type AccountSettings = Omit<Account, 'resolvedOwner' | 'state' | 'problem' | 'sweptAt' | 'nextSweepAt'>

/** Sealed secrets as they are stored; `undefined` leaves what is there. */
export interface SealedSecrets {
  readonly token?: string | null
  readonly webhookAdminToken?: string | null
  readonly webhookSecret?: string | null
}

/** Creates an account or changes its settings; its state and its repositories stay. */
export async function saveAccount(tx: Tx, account: AccountSettings, secrets: SealedSecrets, now: number): Promise<void> {
  const settings = toColumns(account, secrets)
  await tx
    .insertInto('accounts')
    .values({ id: account.id, ...settings, state: 'ok', problem: null, created_at: now })
    .onConflict((conflict) => conflict.column('id').doUpdateSet(settings))
    .execute()
}

function toColumns(account: AccountSettings, secrets: SealedSecrets) {
  return {
    name: account.name,
    host: account.host,
    url: account.url,
    git_url: account.gitUrl,
    owner: account.owner,
    managed_by: account.managedBy,
    webhooks: account.webhooks,
    auto_link: account.autoLink ? 1 : 0,
    smart_commits: account.smartCommits ? 1 : 0,
    smart_commit_trust: account.smartCommitTrust,
    smart_commit_replies: account.smartCommitReplies ? 1 : 0,
    include: JSON.stringify(account.include),
    exclude: JSON.stringify(account.exclude),
    jira_projects: JSON.stringify(account.jiraProjects),
    deleting: 0,
    ...toSecretColumns(secrets),
  } as const
}

function toSecretColumns(secrets: SealedSecrets) {
  return {
    ...(secrets.token === undefined ? {} : { token_sealed: secrets.token }),
    ...(secrets.webhookAdminToken === undefined ? {} : { webhook_admin_token_sealed: secrets.webhookAdminToken }),
    ...(secrets.webhookSecret === undefined ? {} : { webhook_secret_sealed: secrets.webhookSecret }),
  }
}

/** Replaces those of the secrets that are given. */
export async function setSealedSecrets(tx: Tx, id: AccountId, secrets: SealedSecrets): Promise<void> {
  await tx.updateTable('accounts').set(toSecretColumns(secrets)).where('id', '=', id).execute()
}

/** Accounts sorted by name, ignoring case. */
export async function listAccounts(db: Reader): Promise<Account[]> {
  const rows = await db.selectFrom('accounts').select(ACCOUNT_COLUMNS).execute()
  return rows.map(toAccount).sort((a, b) => a.name.toLowerCase().localeCompare(b.name.toLowerCase()) || a.id.localeCompare(b.id))
}

export async function findAccount(db: Reader, id: AccountId): Promise<Account | null> {
  const row = await db.selectFrom('accounts').select(ACCOUNT_COLUMNS).where('id', '=', id).executeTakeFirst()
  return row === undefined ? null : toAccount(row)
}

/** Those whose deletion has begun. */
export async function listDeletingAccounts(db: Reader): Promise<AccountId[]> {
  const rows = await db.selectFrom('accounts').select('id').where('deleting', '=', 1).execute()
  return rows.map(({ id }) => id as AccountId)
}

export async function listAccountIds(db: Reader): Promise<ReadonlySet<AccountId>> {
  const rows = await db.selectFrom('accounts').select('id').execute()
  return new Set(rows.map(({ id }) => id as AccountId))
}

/** An account together with its secrets, of one moment. */
export async function findAccountWithSecrets(
  db: Reader,
  id: AccountId,
): Promise<{ account: Account; sealed: Required<SealedSecrets> } | null> {
  const row = await db
    .selectFrom('accounts')
    .select([...ACCOUNT_COLUMNS, ...SECRET_COLUMNS])
    .where('id', '=', id)
    .executeTakeFirst()
  return row === undefined ? null : { account: toAccount(row), sealed: toSealedSecrets(row) }
}

export async function findSealedSecrets(db: Reader, id: AccountId): Promise<Required<SealedSecrets> | null> {
  const row = await db.selectFrom('accounts').select(SECRET_COLUMNS).where('id', '=', id).executeTakeFirst()
  return row === undefined ? null : toSealedSecrets(row)
}

/** The sealed secrets of all accounts. */
export async function listSealedSecrets(db: Reader): Promise<{ id: AccountId; sealed: Required<SealedSecrets> }[]> {
  const rows = await db
    .selectFrom('accounts')
    .select(['id', ...SECRET_COLUMNS])
    .execute()
  return rows.map((row) => ({ id: row.id as AccountId, sealed: toSealedSecrets(row) }))
}

function toSealedSecrets(row: Pick<AccountsTable, (typeof SECRET_COLUMNS)[number]>): Required<SealedSecrets> {
  return { token: row.token_sealed, webhookAdminToken: row.webhook_admin_token_sealed, webhookSecret: row.webhook_secret_sealed }
}

export async function setAccountState(tx: Tx, id: AccountId, state: AccountState, problem: Problem | null): Promise<void> {
  await tx
    .updateTable('accounts')
    .set({ state, problem: problem === null ? null : JSON.stringify(problem) })
    .where('id', '=', id)
    .execute()
}

/**
 * Remembers what the owner of an account is, and later what it is called. Nothing is stored when somebody gave the account
 * another owner or address since it was read, nor another id than the one that is known.
 */
export async function setResolvedOwner(
  tx: Tx,
  { id, url, owner }: Pick<Account, 'id' | 'url' | 'owner'>,
  { kind, hostId, path }: ResolvedOwner,
): Promise<void> {
  const lookedUp = toLookUp({ url, owner })
  await tx
    .updateTable('accounts')
    .set({ owner_kind: kind, owner_host_id: hostId, owner_path: path, owner_looked_up: lookedUp })
    .where('id', '=', id)
    .where('url', '=', url)
    .where('owner', 'is not distinct from', owner)
    .where((e) => e.or([e('owner_looked_up', 'is distinct from', lookedUp), e('owner_host_id', '=', hostId)]))
    .execute()
}

const toLookUp = ({ url, owner }: Pick<Account, 'url' | 'owner'>): string => JSON.stringify([url, owner])

/** Records a complete sweep: `beganAt` is the mark for the next one. */
export async function setSwept(tx: Tx, id: AccountId, beganAt: number): Promise<void> {
  await tx.updateTable('accounts').set({ swept_at: beganAt }).where('id', '=', id).execute()
}

export async function setNextSweep(tx: Tx, id: AccountId, at: number | null): Promise<void> {
  await tx.updateTable('accounts').set({ next_sweep_at: at }).where('id', '=', id).execute()
}

/** Whose token it is; null: the host does not tell. */
export async function setTokenUser(tx: Tx, id: AccountId, user: string | null): Promise<void> {
  await tx.updateTable('accounts').set({ token_user: user }).where('id', '=', id).execute()
}

/** What kind of caller created or changed it last. */
export async function setConfiguredBy(tx: Tx, id: AccountId, caller: string | null): Promise<void> {
  await tx.updateTable('accounts').set({ configured_by: caller }).where('id', '=', id).execute()
}

/**
 * At the start of a transaction that stores repositories of a listing: false when the account is gone or going. On
 * PostgreSQL its row stays locked until the commit, so that a deletion misses none of them.
 */
export async function holdAccount(tx: Tx, id: AccountId): Promise<boolean> {
  const row = await tx
    .updateTable('accounts')
    .set((e) => ({ deleting: e.ref('deleting') }))
    .where('id', '=', id)
    .returning('deleting')
    .executeTakeFirst()
  return row?.deleting === 0
}

/**
 * When a sweep that a webhook asks for may begin: at once, unless one began or waits less than `pauseMs` ago. Anybody
 * may make a host send such webhooks, for instance by pushing to a repository that is excluded.
 *
 * @returns null when the account is gone or going
 */
export async function planWebhookSweep(
  tx: Tx,
  id: AccountId,
  { now, pauseMs }: { now: number; pauseMs: number },
): Promise<number | null> {
  if (!(await holdAccount(tx, id))) return null
  const row = await tx.selectFrom('accounts').select('webhook_sweep_at').where('id', '=', id).executeTakeFirst()
  const last = row?.webhook_sweep_at ?? null
  if (last !== null && last > now) return last
  const at = last === null ? now : Math.max(now, last + pauseMs)
  await tx.updateTable('accounts').set({ webhook_sweep_at: at }).where('id', '=', id).execute()
  return at
}

/** Removes the account itself; its repositories go first (see `deleteRepository`). */
export async function deleteAccount(tx: Tx, id: AccountId): Promise<void> {
  const webhooks = tx.selectFrom('webhook_deliveries').select('id').where('account_id', '=', id)
  await tx.deleteFrom('webhook_payloads').where('webhook_id', 'in', webhooks).execute()
  for (const table of [
    'webhook_deliveries',
    'account_webhooks',
    'webhook_signers',
    'left_hooks',
    'oauth_credentials',
    'oauth_sign_ins',
    'token_expiries',
  ] as const)
    await tx.deleteFrom(table).where('account_id', '=', id).execute()
  await deleteProofs(tx, id)
  await tx.deleteFrom('accounts').where('id', '=', id).execute()
}

/** null as well when owner or address were changed since, also by an older version, which knows nothing of these columns. */
function toResolvedOwner(row: Pick<AccountsTable, (typeof ACCOUNT_COLUMNS)[number]>): ResolvedOwner | null {
  const { owner_kind: kind, owner_host_id: hostId, owner_path: path } = row
  if (kind === null || hostId === null || path === null || row.owner_looked_up !== toLookUp(row)) return null
  return { kind, hostId: hostId as HostId, path }
}

function toAccount(row: Pick<AccountsTable, (typeof ACCOUNT_COLUMNS)[number]>): Account {
  return {
    id: row.id as AccountId,
    name: row.name,
    host: 'gitlab',
    url: row.url,
    gitUrl: row.git_url,
    owner: row.owner,
    resolvedOwner: toResolvedOwner(row),
    managedBy: row.managed_by,
    webhooks: row.webhooks as Account['webhooks'],
    autoLink: row.auto_link === 1,
    smartCommits: row.smart_commits === 1,
    smartCommitTrust: row.smart_commit_trust,
    smartCommitReplies: row.smart_commit_replies === 1,
    include: JSON.parse(row.include) as string[],
    exclude: JSON.parse(row.exclude) as string[],
    jiraProjects: JSON.parse(row.jira_projects) as string[],
    state: row.state,
    problem: row.problem === null ? null : (JSON.parse(row.problem) as Problem),
    sweptAt: row.swept_at === null ? null : new Date(row.swept_at),
    nextSweepAt: row.next_sweep_at === null ? null : new Date(row.next_sweep_at),
  }
}
