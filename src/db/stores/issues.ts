import { sql } from 'kysely'
import type { IssueKey, RepositoryId } from '../../domain/ids.ts'
import { projectKeyOf } from '../../domain/issue-keys.ts'
import type { Reader, Tx } from '../database.ts'
import { jsonRows } from '../json-rows.ts'

/**
 * The queue of deliveries. States of an issue key:
 *
 * - clean: Jira holds what we hold.
 * - dirty: something changed; `due_at` says from when on it may be sent.
 * - retrying: Jira did not take it for a passing reason; due again at `due_at`.
 * - refused: Jira refused this issue for a lasting reason (`reason`); a change, or a look at `check_at`, makes it dirty again.
 * - unknown: Jira has no such project or issue (`reason`); a new project, a change, or a look at `check_at` that finds the
 *   issue, makes it dirty again.
 *
 * "Sending" is not stored: a process that dies while sending leaves the row due, and sending twice writes the same.
 * Every change raises `version`; a delivery is recorded only for the version that it read.
 */
export interface DirtyIssue {
  readonly key: IssueKey
  /** Time of the newest entity that names it, in ms: newest issues are delivered first. */
  readonly at: number
}

/**
 * In the place of a content hash: what Jira holds is not certain, because a write has begun whose end was not recorded, or
 * because somebody may have changed it there.
 */
export const UNCERTAIN_CONTENT = '?'
/** In the same place: somebody asked for it to be written again, whatever Jira holds. */
export const FORCED_CONTENT = '!'

/**
 * Marks issue keys as changed. A change during a burst keeps the first due time, so a burst is one write.
 *
 * @param dueAt null: they do not wait for a delivery because of this; the caller settles them, see `settleKeptIssues`
 * @param repositoryId whose change it is: its newest synchronisation is remembered as the cause
 */
export async function markIssuesDirty(
  tx: Tx,
  issues: readonly DirtyIssue[],
  dueAt: number | null,
  repositoryId?: RepositoryId,
): Promise<void> {
  if (issues.length === 0) return
  // Both databases then lock rows in the same order, whatever order the entities came in.
  const rows = [...newestPerKey(issues)]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, at]) => ({ k: key, p: projectKeyOf(key), at }))
  await sql`
    insert into issues (issue_key, project_key, state, version, due_at, newest_at, changed_by_sync)
    select r.k, r.p, 'dirty', 1, cast(${dueAt} as bigint), r.at, ${newestSync(repositoryId)} from ${jsonRows(tx, { k: 'text', p: 'text', at: 'bigint' }, rows)} as r where true
    on conflict (issue_key) do update set
      state = 'dirty', version = issues.version + 1, due_at = coalesce(issues.due_at, excluded.due_at),
      attempts = 0, changed_by_sync = coalesce(excluded.changed_by_sync, issues.changed_by_sync),
      newest_at = case when excluded.newest_at > issues.newest_at then excluded.newest_at else issues.newest_at end
  `.execute(tx)
}

function newestSync(repositoryId: RepositoryId | undefined) {
  if (repositoryId === undefined) return sql<number | null>`cast(null as bigint)`
  return sql<
    number | null
  >`(select id from syncs where repository_id = ${Number(repositoryId)} order by started_at desc, id desc limit 1)`
}

function newestPerKey(issues: readonly DirtyIssue[]): Map<IssueKey, number> {
  const newest = new Map<IssueKey, number>()
  for (const { key, at } of issues) newest.set(key, Math.max(at, newest.get(key) ?? 0))
  return newest
}

export interface DueIssue {
  readonly key: IssueKey
  readonly version: number
  readonly jiraId: string | null
  /** What Jira called it when it was looked up; null until then. */
  readonly currentKey: IssueKey | null
  /** Of what Jira holds; null: nothing; see `UNCERTAIN_CONTENT`. */
  readonly contentHash: string | null
  readonly attempts: number
  /** Jira has its project. */
  readonly known: boolean
  /** Why it was not taken the last time. */
  readonly reason: DeliveryReason | null
  /** The newest synchronisation that changed it since the last delivery; null: none. */
  readonly changedBySync: number | null
}

/** Issues to send now, newest activity first. */
export async function listDueIssues(db: Reader, { now, limit }: { now: number; limit: number }): Promise<DueIssue[]> {
  const rows = await db
    .selectFrom('issues')
    .select(['issue_key', 'version', 'jira_id', 'current_key', 'content_hash', 'attempts', 'reason', 'changed_by_sync'])
    .select((e) => e.selectFrom('projects').select('key').whereRef('key', '=', 'issues.project_key').as('project'))
    .where('due_at', 'is not', null)
    .where('due_at', '<=', now)
    .orderBy('newest_at', 'desc')
    .limit(limit)
    .execute()
  return rows.map((row) => ({
    key: row.issue_key as IssueKey,
    version: row.version,
    jiraId: row.jira_id,
    currentKey: row.current_key as IssueKey | null,
    contentHash: row.content_hash,
    attempts: row.attempts,
    known: row.project !== null,
    reason: row.reason === null ? null : (JSON.parse(row.reason) as DeliveryReason),
    changedBySync: row.changed_by_sync,
  }))
}

/** When the next waiting issue becomes due; null: none waits. */
export async function findNextDue(db: Reader): Promise<number | null> {
  const row = await db
    .selectFrom('issues')
    .select((e) => e.fn.min<number | null>('due_at').as('due_at'))
    .where('due_at', 'is not', null)
    .executeTakeFirst()
  return row?.due_at ?? null
}

/** Remembers which Jira issue a key is, under all the keys that it had. A write may follow at once, so its content becomes uncertain. */
export async function saveIssueIdentity(tx: Tx, key: IssueKey, identity: { jiraId: string; currentKey: string }): Promise<void> {
  await tx
    .updateTable('issues')
    .set({
      jira_id: identity.jiraId,
      current_key: identity.currentKey,
      content_hash: sql<string>`case when jira_id = ${identity.jiraId} and content_hash is not null then content_hash else ${UNCERTAIN_CONTENT} end`,
    })
    .where('issue_key', '=', key)
    .execute()
  await tx.updateTable('issues').set({ current_key: identity.currentKey }).where('jira_id', '=', identity.jiraId).execute()
}

/** All keys stored here that are the same Jira issue as this one, itself included; also by a key of today that nothing stored names. */
export async function listKeysOfSameIssue(db: Reader, key: IssueKey): Promise<IssueKey[]> {
  const own = await db.selectFrom('issues').select('jira_id').where('issue_key', '=', key).executeTakeFirst()
  const jiraId = own?.jira_id ?? (await findJiraIdByCurrentKey(db, key))
  const keys = jiraId === null ? [] : await listKeysOfJiraIssue(db, jiraId)
  return keys.includes(key) ? keys : [key, ...keys]
}

async function findJiraIdByCurrentKey(db: Reader, key: IssueKey): Promise<string | null> {
  const row = await db
    .selectFrom('issues')
    .select('jira_id')
    .where('current_key', '=', key)
    .where('jira_id', 'is not', null)
    .executeTakeFirst()
  return row?.jira_id ?? null
}

/** All keys stored here that are this Jira issue. */
export async function listKeysOfJiraIssue(db: Reader, jiraId: string): Promise<IssueKey[]> {
  const rows = await db.selectFrom('issues').select('issue_key').where('jira_id', '=', jiraId).orderBy('issue_key').execute()
  return rows.map((row) => row.issue_key as IssueKey)
}

export type DeliveryOutcome =
  | { readonly state: 'clean'; readonly contentHash: string | null }
  | { readonly state: 'retrying'; readonly at: number; readonly reason: DeliveryReason }
  /** `checkAt`: when it is looked at again without a change, in ms; absent: at the next opportunity. */
  | { readonly state: 'refused' | 'unknown'; readonly reason: DeliveryReason; readonly checkAt?: number }

/** Why Jira did not take it, for people. */
export interface DeliveryReason {
  readonly code: string
  readonly message: string
  readonly remedy: string | null
}

/** Records what became of a delivery; when the issue changed meanwhile it stays due. */
export async function recordDelivery(
  tx: Tx,
  issue: Pick<DueIssue, 'key' | 'version'>,
  outcome: DeliveryOutcome,
  now: number,
): Promise<void> {
  const reason = outcome.state === 'clean' ? null : JSON.stringify(outcome.reason)
  const unchanged = sql<boolean>`version = ${issue.version}`
  const dueAt = outcome.state === 'retrying' ? outcome.at : null
  await tx
    .updateTable('issues')
    .set({
      state: sql<'clean'>`case when ${unchanged} then ${outcome.state} else 'dirty' end`,
      due_at: outcome.state === 'retrying' ? dueAt : sql<number | null>`case when ${unchanged} then null else due_at end`,
      attempts: outcome.state === 'clean' ? 0 : sql<number>`attempts + 1`,
      check_at: 'checkAt' in outcome ? (outcome.checkAt ?? null) : null,
      reason,
      ...(outcome.state === 'clean'
        ? {
            // Somebody asked for another write meanwhile, or doubted what Jira holds: that stands.
            content_hash: sql<
              string | null
            >`case when ${unchanged} or content_hash is null or content_hash not in (${FORCED_CONTENT}, ${UNCERTAIN_CONTENT}) then ${outcome.contentHash} else content_hash end`,
            delivered_at: now,
            changed_by_sync: sql<number | null>`case when ${unchanged} then null else changed_by_sync end`,
          }
        : {}),
    })
    .where('issue_key', '=', issue.key)
    .execute()
}

/** What Jira holds now, under all keys of the issue: their deliveries write the same property. */
export async function saveDeliveredContent(tx: Tx, jiraId: string, contentHash: string | null): Promise<void> {
  await tx
    .updateTable('issues')
    .set({ content_hash: contentHash })
    .where('jira_id', '=', jiraId)
    .where((e) => e.or([e('content_hash', 'is', null), e('content_hash', '<>', FORCED_CONTENT)]))
    .execute()
}

/** Newest issues that Jira did not know although it has their project and whose next look has come: they may exist by now. */
export async function listUnknownIssues(db: Reader, { now, limit }: { now: number; limit: number }): Promise<IssueKey[]> {
  const rows = await db
    .selectFrom('issues')
    .select('issue_key')
    .where('state', '=', 'unknown')
    .where((e) => e.or([e('check_at', 'is', null), e('check_at', '<=', now)]))
    .where('project_key', 'in', (e) => e.selectFrom('projects').select('key'))
    .orderBy('newest_at', 'desc')
    .limit(limit)
    .execute()
  return rows.map((row) => row.issue_key as IssueKey)
}

/** Makes these due now. */
export async function retryIssues(tx: Tx, keys: readonly IssueKey[], now: number): Promise<void> {
  if (keys.length === 0) return
  await tx
    .updateTable('issues')
    .set({ state: 'dirty', due_at: now, attempts: 0, reason: null })
    .where('issue_key', 'in', keys)
    .execute()
}

/** Marks every issue that a repository's stored entities name: it was linked or unlinked. */
export async function markRepositoryIssuesDirty(tx: Tx, repositoryId: RepositoryId, dueAt: number): Promise<void> {
  const id = Number(repositoryId)
  await sql`
    update issues set state = 'dirty', version = version + 1, attempts = 0, due_at = coalesce(due_at, ${dueAt})
    where issue_key in (
      select k.issue_key from commit_keys k join commits c on c.id = k.commit_id where c.repository_id = ${id}
      union select b.issue_key from branch_keys b where b.repository_id = ${id}
      union select k.issue_key from pull_request_keys k join pull_requests p on p.id = k.pull_request_id where p.repository_id = ${id}
      union select k.issue_key from build_keys k join builds b on b.id = k.build_id where b.repository_id = ${id}
      union select k.issue_key from deployment_keys k join deployments d on d.id = k.deployment_id where d.repository_id = ${id}
      union select m.issue_key from manual_links m where m.repository_id = ${id}
    )
  `.execute(tx)
}

/**
 * Takes waiting issues out of the queue whose project Jira does not have: they are not sent, and not forgotten.
 *
 * @param keys only these; default: all that wait, which takes 0.15 s at 500,000
 */
export async function setAsideUnknownProjects(tx: Tx, keys?: readonly IssueKey[]): Promise<void> {
  let update = tx
    .updateTable('issues')
    .set({
      state: 'unknown',
      due_at: null,
      reason: JSON.stringify({ code: 'project-unknown', message: 'Jira has no such project.', remedy: null }),
    })
    .where('due_at', 'is not', null)
    .where('project_key', 'not in', (e) => e.selectFrom('projects').select('key'))
  if (keys !== undefined) update = update.where('issue_key', 'in', keys)
  await update.execute()
}

/** Puts back what was set aside for these projects: they exist now, or their issues may have been created. */
export async function retryUnknownIssues(tx: Tx, projectKeys: readonly string[], now: number): Promise<void> {
  if (projectKeys.length === 0) return
  await tx
    .updateTable('issues')
    .set({ state: 'dirty', due_at: now, attempts: 0, reason: null })
    .where('state', '=', 'unknown')
    .where('project_key', 'in', projectKeys)
    .execute()
}

/** How many issues stand in each state. */
export async function countIssuesByState(
  db: Reader,
): Promise<Record<'clean' | 'dirty' | 'retrying' | 'refused' | 'unknown', number>> {
  const all = await db
    .selectFrom('issues')
    .select((e) => e.fn.countAll<number>().as('n'))
    .executeTakeFirstOrThrow()
  const rows = await db
    .selectFrom('issues')
    .select(['state', (e) => e.fn.countAll<number>().as('n')])
    // Literal, as in the index.
    .where('state', '<>', sql.lit('clean'))
    .groupBy('state')
    .execute()
  const counts = { clean: Number(all.n), dirty: 0, retrying: 0, refused: 0, unknown: 0 }
  for (const { state, n } of rows) {
    counts[state] = Number(n)
    counts.clean -= Number(n)
  }
  return counts
}

/** An issue that failed more often in a row is not waited for: about half a minute has passed by then. */
const ATTEMPTS_WORTH_WAITING = 3

/** Issues that will be sent soon: due, of a project that exists, and not failing again and again. Takes 0.12 s at 500,000. */
export async function countIssuesToDeliver(db: Reader): Promise<number> {
  const row = await db
    .selectFrom('issues')
    .select((e) => e.fn.countAll<number>().as('n'))
    .where('due_at', 'is not', null)
    .where((e) => e.or([e('state', '<>', 'retrying'), e('attempts', '<=', ATTEMPTS_WORTH_WAITING)]))
    .where('project_key', 'in', (e) => e.selectFrom('projects').select('key'))
    .executeTakeFirstOrThrow()
  return Number(row.n)
}

/** Why one of the issues that are tried again was not taken; null: there is none. */
export async function findRetryReason(db: Reader): Promise<string | null> {
  const row = await db
    .selectFrom('issues')
    .select('reason')
    .where('state', '=', 'retrying')
    .orderBy('newest_at', 'desc')
    .limit(1)
    .executeTakeFirst()
  return row === undefined || row.reason === null ? null : (JSON.parse(row.reason) as DeliveryReason).message
}
