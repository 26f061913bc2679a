import { sql, type RawBuilder, type Selectable, type SqlBool } from 'kysely'
import type { AccountId, HostId, RepositoryId } from '../../domain/ids.ts'
import type { Problem } from '../../domain/problem.ts'
import type { Repository, WebhookState } from '../../domain/repository.ts'
import type { Reader, Tx } from '../database.ts'
import type { RepositoriesTable } from '../schema.ts'

/** A repository as a listing of the host tells it. */
export interface ListedRepository {
  readonly hostId: HostId
  readonly path: string
  readonly webUrl: string
  readonly defaultBranch: string | null
  readonly lastActivityAt: Date | null
  readonly archived: boolean
  readonly empty: boolean
  readonly gitEnabled: boolean
  readonly pullRequestsEnabled: boolean
  readonly forkOf: HostId | null
  /** Default: false. */
  readonly arriving?: boolean
}

export const REPOSITORY_COLUMNS = [
  'id',
  'account_id',
  'host_id',
  'path',
  'web_url',
  'default_branch',
  'linked',
  'smart_commits',
  'archived',
  'empty',
  'git_enabled',
  'pull_requests_enabled',
  'missing_since',
  'last_activity_at',
  'history_complete',
  'generation',
  'rules_version',
  'pull_requests_since',
  'sync_state',
  'sync_mode',
  'sync_step',
  'sync_started_at',
  'sync_finished_at',
  'sync_retry_at',
  'sync_error',
  'progress_commits',
  'progress_branches',
  'progress_pull_requests',
  'progress_issues',
  'webhook_state',
  'webhook_reason',
] as const

type RepositoryRow = Pick<Selectable<RepositoriesTable>, (typeof REPOSITORY_COLUMNS)[number]>

/** Creates or updates one listed repository; `linked` and `smartCommits` are the defaults of a new one. */
export async function saveListedRepository(
  tx: Tx,
  listed: ListedRepository,
  defaults: { readonly accountId: AccountId; readonly linked: boolean; readonly smartCommits: boolean },
): Promise<void> {
  const attributes = { ...toAttributes(listed), host_activity_at: listed.lastActivityAt?.getTime() ?? null, missing_since: null }
  await tx
    .insertInto('repositories')
    .values({
      account_id: defaults.accountId,
      host_id: listed.hostId,
      ...attributes,
      linked: defaults.linked ? 1 : 0,
      smart_commits: defaults.smartCommits ? 1 : 0,
      sync_state: 'idle',
      sync_mode: 'soft',
      sync_attempts: 0,
      progress_commits: 0,
      progress_branches: 0,
      progress_pull_requests: 0,
      progress_issues: 0,
      history_complete: 0,
      generation: 0,
      rules_version: 0,
      webhook_state: 'off',
    })
    .onConflict((conflict) => conflict.columns(['account_id', 'host_id']).doUpdateSet(attributes))
    .execute()
}

/**
 * What the host tells of it today, learnt between two listings. The activity stamp and the absence stay as the last
 * listing told them: the next one is compared with it.
 */
export async function setRepositoryAttributes(tx: Tx, id: RepositoryId, listed: ListedRepository): Promise<void> {
  await tx.updateTable('repositories').set(toAttributes(listed)).where('id', '=', Number(id)).execute()
}

function toAttributes(listed: ListedRepository) {
  return {
    path: listed.path,
    web_url: listed.webUrl,
    default_branch: listed.defaultBranch,
    archived: listed.archived ? 1 : 0,
    empty: listed.empty ? 1 : 0,
    git_enabled: listed.gitEnabled ? 1 : 0,
    pull_requests_enabled: listed.pullRequestsEnabled ? 1 : 0,
    fork_of: listed.forkOf,
    arriving: listed.arriving === true ? 1 : 0,
  } as const
}

/** The host still knows a missing repository by its id: the grace begins anew. */
export async function renewMissing(tx: Tx, id: RepositoryId, now: number): Promise<void> {
  await tx.updateTable('repositories').set({ missing_since: now }).where('id', '=', Number(id)).execute()
}

/** Marks a repository as absent from a complete listing; a second one later lets it be deleted. */
export async function markMissing(tx: Tx, id: RepositoryId, now: number): Promise<void> {
  await tx
    .updateTable('repositories')
    .set({ missing_since: now })
    .where('id', '=', Number(id))
    .where('missing_since', 'is', null)
    .execute()
}

export interface KnownRepository {
  readonly id: RepositoryId
  readonly hostId: HostId
  readonly name: string
  readonly linked: boolean
  readonly hostActivityAt: number | null
  readonly gitEnabled: boolean
  readonly pullRequestsEnabled: boolean
  readonly missingSince: number | null
  readonly neverSynced: boolean
  /** The last synchronisation ended with an error. */
  readonly failing: boolean
  readonly webhookState: Repository['webhook']['state']
  /** null: it was never looked for. */
  readonly webhookCheckedAt: number | null
  /** Generation of the secret that its own webhook carries; null: it has none of ours. */
  readonly webhookGeneration: number | null
  /** Address with which a webhook of its own was last installed; null: none is known. */
  readonly webhookUrl: string | null
  /** Update time of its newest build or deployment read; null: none was ever met. */
  readonly ranAt: number | null
  /** When the host was last asked for its newest ones alone; null: never. */
  readonly runsLookedAt: number | null
  /** Beginning of its last synchronisation; null: none began. */
  readonly syncStartedAt: number | null
  /** It is unlinked because the account's filter leaves it out. */
  readonly leftOut: boolean
}

/** All repositories of an account in the short form that a sweep compares with the host's listing. */
export async function listKnownRepositories(db: Reader, accountId: AccountId): Promise<KnownRepository[]> {
  const rows = await db
    .selectFrom('repositories')
    .select([
      'id',
      'host_id',
      'path',
      'linked',
      'host_activity_at',
      'git_enabled',
      'pull_requests_enabled',
      'missing_since',
      'sync_finished_at',
      'sync_error',
      'webhook_state',
      'webhook_checked_at',
      'webhook_generation',
      'webhook_url',
      'runs_looked_at',
      'sync_started_at',
      'left_out',
    ])
    .select((e) =>
      e
        .selectFrom('listing_marks as m')
        .select((marks) => marks.fn.max<number | null>('m.since').as('since'))
        .whereRef('m.repository_id', '=', 'repositories.id')
        .as('ran_at'),
    )
    .where('account_id', '=', accountId)
    .execute()
  return rows.map((row) => ({
    id: String(row.id) as RepositoryId,
    hostId: row.host_id as HostId,
    name: row.path,
    linked: row.linked === 1,
    hostActivityAt: row.host_activity_at,
    gitEnabled: row.git_enabled === 1,
    pullRequestsEnabled: row.pull_requests_enabled === 1,
    missingSince: row.missing_since,
    neverSynced: row.sync_finished_at === null,
    failing: row.sync_error !== null,
    webhookState: row.webhook_state,
    webhookCheckedAt: row.webhook_checked_at,
    webhookGeneration: row.webhook_generation,
    webhookUrl: row.webhook_url,
    ranAt: row.ran_at,
    runsLookedAt: row.runs_looked_at,
    syncStartedAt: row.sync_started_at,
    leftOut: row.left_out === 1,
  }))
}

export async function findRepository(db: Reader, id: RepositoryId): Promise<Repository | null> {
  if (!/^[1-9][0-9]{0,14}$/.test(id)) return null
  const row = await db.selectFrom('repositories').select(REPOSITORY_COLUMNS).where('id', '=', Number(id)).executeTakeFirst()
  return row === undefined ? null : toRepository(row)
}

/** The account that a repository belongs to; null when it is gone. */
export async function findAccountOf(db: Reader, id: RepositoryId): Promise<AccountId | null> {
  const row = await db.selectFrom('repositories').select('account_id').where('id', '=', Number(id)).executeTakeFirst()
  return row === undefined ? null : (row.account_id as AccountId)
}

export async function findRepositoryByHostId(db: Reader, accountId: AccountId, hostId: HostId): Promise<Repository | null> {
  const row = await db
    .selectFrom('repositories')
    .select(REPOSITORY_COLUMNS)
    .where('account_id', '=', accountId)
    .where('host_id', '=', hostId)
    .executeTakeFirst()
  return row === undefined ? null : toRepository(row)
}

/** Which repositories; absent: any. */
export interface RepositoryFilter {
  readonly accountId?: AccountId
  /** Part of the name, any case. */
  readonly text?: string
  readonly state?: Repository['sync']['state'] | 'failing'
  readonly linked?: boolean
  readonly webhook?: WebhookState
}

/** Where a page ended, by what it is sorted. */
export type RepositoryPosition =
  | { readonly sort: 'id'; readonly id: number }
  | { readonly sort: 'name'; readonly name: string; readonly id: number }
  /** `at` -1: nothing ever happened. */
  | { readonly sort: 'activity'; readonly at: number; readonly id: number }

export interface RepositoryQuery extends RepositoryFilter {
  /** Default: by id. `activity`: the latest first. */
  readonly sort?: RepositoryPosition['sort']
  /** Where the page begins; of the same sort. */
  readonly after?: RepositoryPosition
  readonly limit: number
}

const activityOf = sql<number>`coalesce(last_activity_at, -1)`

export async function listRepositories(db: Reader, query: RepositoryQuery): Promise<Repository[]> {
  const { after, sort = 'id' } = query
  let select = db.selectFrom('repositories').select(REPOSITORY_COLUMNS).where(matches(query)).limit(query.limit)
  if (sort === 'name') select = select.orderBy('path').orderBy('id')
  else if (sort === 'activity') select = select.orderBy(activityOf, 'desc').orderBy('id', 'desc')
  else select = select.orderBy('id')
  if (after?.sort === 'name')
    select = select.where(sql<boolean>`(path > ${after.name} or (path = ${after.name} and id > ${after.id}))`)
  if (after?.sort === 'activity')
    select = select.where(sql<boolean>`(${activityOf} < ${after.at} or (${activityOf} = ${after.at} and id < ${after.id}))`)
  if (after?.sort === 'id') select = select.where('id', '>', after.id)
  return (await select.execute()).map(toRepository)
}

/** What a filter asks of a row. */
export function matches({ accountId, text, state, linked, webhook }: RepositoryFilter): RawBuilder<SqlBool> {
  const conditions = [sql<SqlBool>`true`]
  if (accountId !== undefined) conditions.push(sql`account_id = ${accountId}`)
  if (text !== undefined) {
    const pattern = `%${text.toLowerCase().replaceAll(/[\\%_]/g, String.raw`\$&`)}%`
    // SQLite knows no escape character unless it is told one.
    conditions.push(sql`lower(path) like ${pattern} escape '\\'`)
  }
  if (state === 'failing') conditions.push(sql`sync_error is not null`)
  else if (state !== undefined) conditions.push(sql`sync_state = ${state}`)
  if (linked !== undefined) conditions.push(sql`linked = ${linked ? 1 : 0}`)
  if (webhook !== undefined) conditions.push(sql`webhook_state = ${webhook}`)
  return sql<SqlBool>`(${sql.join(conditions, sql` and `)})`
}

/**
 * Unlinks those of these repositories that are linked, as left out by the account's filter, or links those again that it had
 * left out; returns which. What a person changed meanwhile stays.
 */
export async function setLeftOut(tx: Tx, ids: readonly RepositoryId[], leftOut: boolean): Promise<RepositoryId[]> {
  if (ids.length === 0) return []
  const rows = await tx
    .updateTable('repositories')
    .set({ linked: leftOut ? 0 : 1, left_out: leftOut ? 1 : 0 })
    .where('id', 'in', ids.map(Number))
    .where(leftOut ? 'linked' : 'left_out', '=', 1)
    .returning('id')
    .execute()
  return rows.map(({ id }) => String(id) as RepositoryId)
}

/** A person's choice is above what the account's filter did before. */
export async function setRepositorySettings(
  tx: Tx,
  id: RepositoryId,
  settings: { linked?: boolean; smartCommits?: boolean },
): Promise<void> {
  const toFlag = (on: boolean): 0 | 1 => (on ? 1 : 0)
  const set = {
    ...(settings.linked === undefined ? {} : { linked: toFlag(settings.linked), left_out: 0 as const }),
    ...(settings.smartCommits === undefined ? {} : { smart_commits: toFlag(settings.smartCommits) }),
  } satisfies { linked?: 0 | 1; left_out?: 0; smart_commits?: 0 | 1 }
  if (Object.keys(set).length > 0) await tx.updateTable('repositories').set(set).where('id', '=', Number(id)).execute()
}

const toDate = (millis: number | null) => (millis === null ? null : new Date(millis))

export function toRepository(row: RepositoryRow): Repository {
  return {
    id: String(row.id) as RepositoryId,
    accountId: row.account_id as AccountId,
    hostId: row.host_id as HostId,
    name: row.path,
    url: row.web_url,
    defaultBranch: row.default_branch,
    linked: row.linked === 1,
    smartCommits: row.smart_commits === 1,
    archived: row.archived === 1,
    empty: row.empty === 1,
    gitEnabled: row.git_enabled === 1,
    pullRequestsEnabled: row.pull_requests_enabled === 1,
    missing: row.missing_since !== null,
    lastActivity: toDate(row.last_activity_at),
    historyComplete: row.history_complete === 1,
    generation: row.generation,
    rulesVersion: row.rules_version,
    pullRequestsSince: toDate(row.pull_requests_since),
    sync: {
      state: row.sync_state,
      mode: row.sync_mode,
      step: row.sync_step as Repository['sync']['step'],
      startedAt: toDate(row.sync_started_at),
      finishedAt: toDate(row.sync_finished_at),
      retryAt: toDate(row.sync_retry_at),
      progress: {
        commits: row.progress_commits,
        branches: row.progress_branches,
        pullRequests: row.progress_pull_requests,
        issues: row.progress_issues,
      },
      error: row.sync_error === null ? null : (JSON.parse(row.sync_error) as Problem),
    },
    webhook: { state: row.webhook_state, reason: row.webhook_reason },
  }
}

export interface RepositoryAddress {
  readonly id: number
  readonly accountId: AccountId
  readonly host: string
  readonly hostId: HostId
  readonly name: string
  readonly url: string
  /** End of its last synchronisation, in ms; null: none ended. */
  readonly syncedAt: number | null
}

/** What links are built from, sorted by name. */
export async function listRepositoryAddresses(db: Reader, ids: readonly number[]): Promise<RepositoryAddress[]> {
  if (ids.length === 0) return []
  const rows = await db
    .selectFrom('repositories')
    .innerJoin('accounts', 'accounts.id', 'repositories.account_id')
    .select([
      'repositories.id',
      'repositories.account_id',
      'repositories.host_id',
      'repositories.path',
      'repositories.web_url',
      'repositories.sync_finished_at',
      'accounts.host',
    ])
    .where('repositories.id', 'in', ids)
    .orderBy('repositories.path')
    .execute()
  return rows.map((row) => ({
    id: row.id,
    accountId: row.account_id as AccountId,
    host: row.host,
    hostId: row.host_id as HostId,
    name: row.path,
    url: row.web_url,
    syncedAt: row.sync_finished_at,
  }))
}
