import type { AccountId, HostId } from '../../domain/ids.ts'
import type { WebhookState } from '../../domain/repository.ts'
import type { Reader } from '../database.ts'
import type { AccountDeletion } from '../stores/account-deletion.ts'
import type { AccountHook } from '../stores/hooks.ts'

export interface AccountRepositoryCounts {
  readonly total: number
  readonly linked: number
  /** Of the linked ones. */
  readonly running: number
  readonly queued: number
  readonly failing: number
  readonly paused: number
}

/** How an account signs in. */
export interface AccountCredential {
  readonly kind: 'token' | 'oauth'
  readonly expiresAt: number | null
  readonly user: string | null
}

/** What is shown of an account beside its settings and its state. */
export interface AccountDetails {
  readonly repositories: AccountRepositoryCounts
  readonly hook: AccountHook | null
  /** The worst state of its linked repositories, with the most frequent reason for it. */
  readonly webhook: { readonly state: WebhookState; readonly reason: string | null }
  readonly credential: AccountCredential | null
  readonly configuredBy: string | null
  readonly deletion: AccountDeletion | null
}

const NO_REPOSITORIES: AccountRepositoryCounts = { total: 0, linked: 0, running: 0, queued: 0, failing: 0, paused: 0 }
const NO_WEBHOOK: AccountDetails['webhook'] = { state: 'off', reason: null }

/** Of all accounts, or of one: grouped counts over the repositories, and a row or two an account. */
export async function readAccountDetails(db: Reader, id?: AccountId): Promise<Map<AccountId, AccountDetails>> {
  const [accounts, repositories, webhooks, hooks] = await Promise.all([
    readCredentials(db, id),
    countRepositoriesByAccount(db, id),
    readWebhookStates(db, id),
    readHooks(db, id),
  ])
  return new Map(
    [...accounts].map(([account, own]) => [
      account,
      {
        ...own,
        repositories: repositories.get(account) ?? NO_REPOSITORIES,
        webhook: webhooks.get(account) ?? NO_WEBHOOK,
        hook: hooks.get(account) ?? null,
      },
    ]),
  )
}

async function countRepositoriesByAccount(db: Reader, id?: AccountId): Promise<Map<string, AccountRepositoryCounts>> {
  const rows = await db
    .selectFrom('repositories')
    .select(['account_id', 'linked', 'sync_state'])
    .select((e) => [e.fn.countAll<number>().as('n'), e.fn.count<number>('sync_error').as('failing')])
    .where('missing_since', 'is', null)
    .$if(id !== undefined, (query) => query.where('account_id', '=', id ?? ''))
    .groupBy(['account_id', 'linked', 'sync_state'])
    .execute()
  const counts = new Map<string, { -readonly [K in keyof AccountRepositoryCounts]: number }>()
  for (const row of rows) {
    const own = counts.get(row.account_id) ?? { ...NO_REPOSITORIES }
    counts.set(row.account_id, own)
    const n = Number(row.n)
    own.total += n
    if (row.linked === 0) continue
    own.linked += n
    own.failing += Number(row.failing)
    if (row.sync_state === 'running') own.running += n
    if (row.sync_state === 'paused') own.paused += n
    // What is tried again waits as well.
    if (row.sync_state === 'queued' || row.sync_state === 'retrying') own.queued += n
  }
  return counts
}

const WORST_FIRST: readonly WebhookState[] = ['broken', 'polling', 'live', 'off']

async function readWebhookStates(db: Reader, id?: AccountId): Promise<Map<string, AccountDetails['webhook']>> {
  const rows = await db
    .selectFrom('repositories')
    .select(['account_id', 'webhook_state', 'webhook_reason', (e) => e.fn.countAll<number>().as('n')])
    .where('linked', '=', 1)
    .where('missing_since', 'is', null)
    .$if(id !== undefined, (query) => query.where('account_id', '=', id ?? ''))
    .groupBy(['account_id', 'webhook_state', 'webhook_reason'])
    .execute()
  const rank = (state: WebhookState) => WORST_FIRST.indexOf(state)
  const sorted = rows.toSorted((a, b) => rank(a.webhook_state) - rank(b.webhook_state) || Number(b.n) - Number(a.n))
  const states = new Map<string, AccountDetails['webhook']>()
  for (const row of sorted) {
    if (!states.has(row.account_id)) states.set(row.account_id, { state: row.webhook_state, reason: row.webhook_reason })
  }
  return states
}

async function readHooks(db: Reader, id?: AccountId): Promise<Map<string, AccountHook>> {
  const rows = await db
    .selectFrom('account_webhooks')
    .select([
      'account_id',
      'hook_level',
      'hook_owner',
      'hook_state',
      'hook_reason',
      'hook_generation',
      'hook_checked_at',
      'hook_url',
    ])
    .$if(id !== undefined, (query) => query.where('account_id', '=', id ?? ''))
    .execute()
  const hooks = new Map<string, AccountHook>()
  for (const row of rows) {
    if (row.hook_level === null || row.hook_state === null) continue
    hooks.set(row.account_id, {
      level: row.hook_level,
      owner: row.hook_owner as HostId | null,
      state: row.hook_state,
      reason: row.hook_reason,
      generation: row.hook_generation,
      checkedAt: row.hook_checked_at ?? 0,
      url: row.hook_url,
    })
  }
  return hooks
}

type OwnDetails = Pick<AccountDetails, 'credential' | 'configuredBy' | 'deletion'>

async function readCredentials(db: Reader, id?: AccountId): Promise<Map<AccountId, OwnDetails>> {
  const rows = await db
    .selectFrom('accounts as a')
    .leftJoin('oauth_credentials as o', 'o.account_id', 'a.id')
    .leftJoin('token_expiries as t', (join) => join.onRef('t.account_id', '=', 'a.id').on('t.credential', '=', 'token'))
    .select([
      'a.id',
      'a.managed_by',
      'a.token_user',
      'a.configured_by',
      'a.deletion',
      'a.deleting',
      'o.account_id as oauth',
      'o.expires_at as oauth_expires_at',
      't.expires_at as token_expires_at',
    ])
    .select((e) => e('a.token_sealed', 'is not', null).as('sealed'))
    .$if(id !== undefined, (query) => query.where('a.id', '=', id ?? ''))
    .execute()
  return new Map(
    rows.map((row) => {
      const kind = row.oauth !== null ? 'oauth' : row.managed_by === 'file' || Boolean(row.sealed) ? 'token' : null
      const expiresAt = kind === 'oauth' ? row.oauth_expires_at : row.token_expires_at
      return [
        row.id as AccountId,
        {
          credential: kind === null ? null : { kind, expiresAt, user: row.token_user },
          configuredBy: row.configured_by,
          deletion: row.deleting === 1 && row.deletion !== null ? (JSON.parse(row.deletion) as AccountDeletion) : null,
        },
      ]
    }),
  )
}
