import { sql } from 'kysely'
import type { HostId, IssueKey, RepositoryId, Sha } from '../../domain/ids.ts'
import type { Person, PullRequestStatus, Reviewer } from '../../domain/pull-request.ts'
import type { Reader, Tx } from '../database.ts'
import { insertRows } from '../insert-rows.ts'
import { jsonRows } from '../json-rows.ts'
import { markIssuesDirty } from './issues.ts'
import { listKeysLinkedByHand } from './manual-links.ts'

/** Above every generation: a sweep spares nothing. */
export const EVERY_GENERATION = Number.MAX_SAFE_INTEGER

export interface KeyedPullRequest {
  readonly number: number
  readonly title: string
  readonly status: PullRequestStatus
  readonly draft: boolean
  readonly sourceBranch: string
  readonly targetBranch: string
  readonly sourceRepository: HostId | null
  readonly headSha: Sha | null
  readonly url: string
  readonly author: Person
  readonly reviewers: readonly Reviewer[]
  readonly commentCount: number
  readonly createdAt: Date
  readonly updatedAt: Date
  /** Empty: it names no issue any more and is deleted if it is stored, unless somebody linked it by hand. */
  readonly keys: readonly IssueKey[]
}

export interface PullRequestBatch {
  readonly repositoryId: RepositoryId
  readonly generation: number
  readonly pullRequests: readonly KeyedPullRequest[]
  readonly dueAt: number
}

/** What a batch changed. */
export interface SavedPullRequests {
  /** A head came, moved or went: the history that they hold is to be looked at. */
  readonly headsChanged: boolean
  /** Those that are kept, with the status that was stored before; null: none was. */
  readonly saved: readonly { readonly pullRequest: KeyedPullRequest; readonly statusBefore: PullRequestStatus | null }[]
}

/** Stores pull requests as the host tells them now and marks the issues that they name, or named before. */
export async function savePullRequests(tx: Tx, batch: PullRequestBatch): Promise<SavedPullRequests> {
  const numbers = batch.pullRequests.map(({ number }) => number)
  const saved: { pullRequest: KeyedPullRequest; statusBefore: PullRequestStatus | null }[] = []
  if (numbers.length === 0) return { headsChanged: false, saved }
  const stored = await listStored(tx, batch.repositoryId, numbers)
  const byHand = await listKeysLinkedByHand(tx, batch.repositoryId, numbers)
  const dirty: { key: IssueKey; at: number }[] = []
  let headsChanged = false
  for (const pullRequest of batch.pullRequests) {
    const before = stored.get(pullRequest.number)
    // The host's own time decides, not the order of arrival: an answer that overtook a newer one changes nothing.
    if (before !== undefined && before.updatedAt > pullRequest.updatedAt.getTime()) {
      await tx.updateTable('pull_requests').set({ generation: batch.generation }).where('id', '=', before.id).execute()
      continue
    }
    const keysBefore = before === undefined ? [] : await deleteKeysOf(tx, before.id)
    const linked = byHand.get(pullRequest.number) ?? []
    const kept = pullRequest.keys.length + linked.length > 0
    if (kept) {
      await savePullRequest(tx, batch, pullRequest)
      saved.push({ pullRequest, statusBefore: before?.status ?? null })
    }
    if (!kept && before !== undefined) await tx.deleteFrom('pull_requests').where('id', '=', before.id).execute()
    headsChanged ||= (before?.headSha ?? null) !== (kept ? pullRequest.headSha : null)
    dirty.push(...[...keysBefore, ...pullRequest.keys, ...linked].map((key) => ({ key, at: pullRequest.updatedAt.getTime() })))
  }
  await markIssuesDirty(tx, dirty, batch.dueAt, batch.repositoryId)
  return { headsChanged, saved }
}

async function savePullRequest(
  tx: Tx,
  { repositoryId, generation }: PullRequestBatch,
  pullRequest: KeyedPullRequest,
): Promise<void> {
  const columns = {
    title: pullRequest.title,
    status: pullRequest.status,
    draft: pullRequest.draft ? 1 : 0,
    source_branch: pullRequest.sourceBranch,
    target_branch: pullRequest.targetBranch,
    source_host_id: pullRequest.sourceRepository,
    head_sha: pullRequest.headSha,
    url: pullRequest.url,
    author_name: pullRequest.author.name,
    author_email: pullRequest.author.email,
    reviewers: JSON.stringify(pullRequest.reviewers),
    comment_count: pullRequest.commentCount,
    created_at: pullRequest.createdAt.getTime(),
    updated_at: pullRequest.updatedAt.getTime(),
    generation,
  } as const
  const { id } = await tx
    .insertInto('pull_requests')
    .values({ repository_id: Number(repositoryId), number: pullRequest.number, ...columns })
    .onConflict((conflict) => conflict.columns(['repository_id', 'number']).doUpdateSet(columns))
    .returning('id')
    .executeTakeFirstOrThrow()
  await insertRows(tx, {
    table: 'pull_request_keys',
    columns: { issue_key: 'text', pull_request_id: 'bigint' },
    values: pullRequest.keys.flatMap((key) => [key, id]),
    onConflict: 'on conflict (issue_key, pull_request_id) do nothing',
  })
}

/**
 * Deletes up to `limit` of those that a complete listing of a full sync did not meet: pull requests deleted at the host.
 * Returns how many, 0 when none is left.
 */
export async function sweepPullRequests(
  tx: Tx,
  repositoryId: RepositoryId,
  { generation, limit, dueAt }: { generation: number; limit: number; dueAt: number | null },
): Promise<number> {
  const rows = await tx
    .selectFrom('pull_requests')
    .select(['id', 'updated_at'])
    .where('repository_id', '=', Number(repositoryId))
    .where('generation', '<', generation)
    .limit(limit)
    .execute()
  if (rows.length === 0) return 0
  const updatedAt = new Map(rows.map((row) => [row.id, row.updated_at]))
  const ids = rows.map(({ id }) => ({ i: id }))
  const keys = await sql<{ issue_key: string; pull_request_id: number }>`
    delete from pull_request_keys where pull_request_id in (select r.i from ${jsonRows(tx, { i: 'bigint' }, ids)} as r)
    returning issue_key, pull_request_id
  `.execute(tx)
  await sql`delete from pull_requests where id in (select r.i from ${jsonRows(tx, { i: 'bigint' }, ids)} as r)`.execute(tx)
  const dirty = keys.rows.map((row) => ({ key: row.issue_key as IssueKey, at: updatedAt.get(row.pull_request_id) ?? 0 }))
  await markIssuesDirty(tx, dirty, dueAt, repositoryId)
  return rows.length
}

/** Stored pull requests whose head the mirror must keep reachable. */
export async function listPullRequestHeads(db: Reader, repositoryId: RepositoryId): Promise<{ number: number; headSha: Sha }[]> {
  const rows = await db
    .selectFrom('pull_requests')
    .select(['number', 'head_sha'])
    .where('repository_id', '=', Number(repositoryId))
    .where('head_sha', 'is not', null)
    .execute()
  return rows.map((row) => ({ number: row.number, headSha: row.head_sha as Sha }))
}

async function deleteKeysOf(tx: Tx, id: number): Promise<IssueKey[]> {
  const rows = await tx.deleteFrom('pull_request_keys').where('pull_request_id', '=', id).returning('issue_key').execute()
  return rows.map((row) => row.issue_key as IssueKey)
}

interface StoredPullRequest {
  readonly id: number
  readonly updatedAt: number
  readonly headSha: string | null
  readonly status: PullRequestStatus
}

async function listStored(
  tx: Tx,
  repositoryId: RepositoryId,
  numbers: readonly number[],
): Promise<Map<number, StoredPullRequest>> {
  const rows = await tx
    .selectFrom('pull_requests')
    .select(['id', 'number', 'updated_at', 'head_sha', 'status'])
    .where('repository_id', '=', Number(repositoryId))
    .where('number', 'in', numbers)
    .execute()
  return new Map(
    rows.map((row) => [row.number, { id: row.id, updatedAt: row.updated_at, headSha: row.head_sha, status: row.status }]),
  )
}
