import { sql } from 'kysely'
import type { Asker } from '../../domain/asker.ts'
import type { AccountId, IssueKey, RepositoryId, Sha } from '../../domain/ids.ts'
import type { Problem } from '../../domain/problem.ts'
import type { Reader } from '../database.ts'
import type { IssuesTable } from '../schema.ts'
import { findWebhookCause } from '../stores/sync-cause.ts'

/** Where something was found. */
export interface Place {
  readonly repositoryId: RepositoryId
  readonly repository: string
  readonly accountId: AccountId
  readonly linked: boolean
}

export interface FoundCommit extends Place {
  readonly sha: Sha
  readonly message: string
  readonly keys: readonly IssueKey[]
  /** The synchronisation that first met it; null: it was not recorded. */
  readonly syncId: number | null
}

export interface FoundBranch extends Place {
  readonly name: string
  readonly keys: readonly IssueKey[]
}

export interface FoundPullRequest extends Place {
  readonly number: number
  readonly title: string
  readonly keys: readonly IssueKey[]
}

/** A hash or its beginning names one commit, which forks share; this bounds what a short one may name. */
const MAX_FOUND = 20

/** Stored commits whose hash begins with these lower-case hexadecimal digits. */
export async function findCommitsByPrefix(db: Reader, prefix: string): Promise<FoundCommit[]> {
  // By repository, so that the index on repository and hash is used.
  const { rows } = await sql<PlaceRow & { id: number; sha: string; message: string; sync_id: number | null }>`
    select c.id, c.sha, c.message, c.sync_id, ${PLACE}
    from repositories r join commits c on c.repository_id = r.id and c.sha >= ${prefix} and c.sha < ${`${prefix}g`}
    order by r.path limit ${MAX_FOUND}
  `.execute(db)
  const ids = rows.map(({ id }) => id)
  if (ids.length === 0) return []
  const keys = await db
    .selectFrom('commit_keys')
    .select(['commit_id', 'issue_key'])
    .where('commit_id', 'in', ids)
    .orderBy('issue_key')
    .execute()
  return rows.map((row) => ({
    ...toPlace(row),
    sha: row.sha as Sha,
    message: row.message,
    syncId: row.sync_id,
    keys: keys.filter((key) => key.commit_id === row.id).map((key) => key.issue_key as IssueKey),
  }))
}

/** Stored branches of exactly this name. */
export async function findBranchesByName(db: Reader, name: string): Promise<FoundBranch[]> {
  const { rows } = await sql<PlaceRow & { name: string }>`
    select b.name, ${PLACE} from repositories r join branches b on b.repository_id = r.id and b.name = ${name}
    order by r.path limit ${MAX_FOUND}
  `.execute(db)
  const found: FoundBranch[] = []
  for (const row of rows) {
    const keys = await db
      .selectFrom('branch_keys')
      .select('issue_key')
      .where('repository_id', '=', row.repository_id)
      .where('name', '=', name)
      .orderBy('issue_key')
      .execute()
    found.push({ ...toPlace(row), name, keys: keys.map((key) => key.issue_key as IssueKey) })
  }
  return found
}

/** Repositories whose address an address below them begins with. */
export async function findRepositoriesByUrl(db: Reader, url: string): Promise<Place[]> {
  const { rows } = await sql<PlaceRow>`
    select ${PLACE} from repositories r
    where substr(${url}, 1, length(r.web_url) + 1) = r.web_url || '/' order by length(r.web_url) desc, r.id limit ${MAX_FOUND}
  `.execute(db)
  return rows.map(toPlace)
}

/** A stored pull request; null: none is stored. */
export async function findPullRequest(db: Reader, place: Place, number: number): Promise<FoundPullRequest | null> {
  const row = await db
    .selectFrom('pull_requests')
    .select(['id', 'title'])
    .where('repository_id', '=', Number(place.repositoryId))
    .where('number', '=', number)
    .executeTakeFirst()
  if (row === undefined) return null
  const keys = await db
    .selectFrom('pull_request_keys')
    .select('issue_key')
    .where('pull_request_id', '=', row.id)
    .orderBy('issue_key')
    .execute()
  return { ...place, number, title: row.title, keys: keys.map((key) => key.issue_key as IssueKey) }
}

export interface FoundIssue {
  readonly key: IssueKey
  readonly state: IssuesTable['state']
  readonly dueAt: Date | null
  readonly checkAt: Date | null
  readonly attempts: number
  readonly jiraId: string | null
  readonly currentKey: IssueKey | null
  readonly reason: Problem | null
  readonly deliveredAt: Date | null
  /** null: Jira holds nothing. */
  readonly contentHash: string | null
}

/** What is stored of a key; null: nothing ever named it. */
export async function findIssue(db: Reader, key: IssueKey): Promise<FoundIssue | null> {
  const row = await db
    .selectFrom('issues')
    .select(['state', 'due_at', 'check_at', 'attempts', 'jira_id', 'current_key', 'reason', 'delivered_at', 'content_hash'])
    .where('issue_key', '=', key)
    .executeTakeFirst()
  if (row === undefined) return null
  const time = (ms: number | null) => (ms === null ? null : new Date(ms))
  return {
    key,
    state: row.state,
    dueAt: time(row.due_at),
    checkAt: time(row.check_at),
    attempts: row.attempts,
    jiraId: row.jira_id,
    currentKey: row.current_key as IssueKey | null,
    reason: row.reason === null ? null : (JSON.parse(row.reason) as Problem),
    deliveredAt: time(row.delivered_at),
    contentHash: row.content_hash,
  }
}

/** A synchronisation of the journal; null: it is not there any more. */
export async function findSync(db: Reader, id: number): Promise<FoundSync | null> {
  const row = await db
    .selectFrom('syncs')
    .select(['id', 'asked_by', 'trigger', 'started_at'])
    .where('id', '=', id)
    .executeTakeFirst()
  if (row === undefined) return null
  const askedBy = row.asked_by as Asker | null
  const webhook = await findWebhookCause(db, askedBy)
  return {
    id: row.id,
    askedBy,
    trigger: row.trigger,
    startedAt: new Date(row.started_at),
    webhook: webhook === null ? null : { id: webhook.deliveryId, receivedAt: new Date(webhook.receivedAt) },
  }
}

export interface FoundSync {
  readonly id: number
  readonly askedBy: Asker | null
  readonly trigger: string
  readonly startedAt: Date
  /** The webhook that asked for it; null: none did, or it is not in the journal any more. */
  readonly webhook: { readonly id: number; readonly receivedAt: Date } | null
}

/** A project of Jira by its key, today's or a former one; `anyRead`: a list of projects was read at all. */
export async function findProject(db: Reader, projectKey: string): Promise<{ known: boolean; anyRead: boolean }> {
  const own = await db.selectFrom('projects').select('key').where('key', '=', projectKey).executeTakeFirst()
  if (own !== undefined) return { known: true, anyRead: true }
  return { known: false, anyRead: (await db.selectFrom('projects').select('key').limit(1).executeTakeFirst()) !== undefined }
}

/** How many linked repositories there are, by account. */
export async function countLinked(db: Reader): Promise<{ accountId: AccountId; linked: number }[]> {
  const rows = await db
    .selectFrom('repositories')
    .select(['account_id', (e) => e.fn.countAll<number>().as('linked')])
    .where('linked', '=', 1)
    .groupBy('account_id')
    .orderBy('account_id')
    .execute()
  return rows.map((row) => ({ accountId: row.account_id as AccountId, linked: Number(row.linked) }))
}

/** Linked repositories, those with the newest activity first. */
export async function listRecentPlaces(db: Reader, limit: number): Promise<Place[]> {
  const { rows } = await sql<PlaceRow>`
    select ${PLACE} from repositories r where r.linked = 1
    order by coalesce(r.host_activity_at, 0) desc, r.id limit ${limit}
  `.execute(db)
  return rows.map(toPlace)
}

interface PlaceRow {
  readonly repository_id: number
  readonly path: string
  readonly account_id: string
  readonly linked: number
}

const PLACE = sql`r.id as repository_id, r.path, r.account_id, r.linked`

function toPlace(row: PlaceRow): Place {
  return {
    repositoryId: String(row.repository_id) as RepositoryId,
    repository: row.path,
    accountId: row.account_id as AccountId,
    linked: row.linked === 1,
  }
}
