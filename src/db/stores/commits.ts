import { sql } from 'kysely'
import type { IssueKey, RepositoryId, Sha } from '../../domain/ids.ts'
import type { Tx } from '../database.ts'
import { insertRows, insertRowsForIds } from '../insert-rows.ts'
import { jsonRows } from '../json-rows.ts'
import {
  COMMIT_KEYS,
  gatherCommits,
  type CommitDestination,
  type CommitMark,
  type KeyedCommit,
  type MarkedBatch,
  type PreparedCommits,
} from './gather-commits.ts'
import { markIssuesDirty, type DirtyIssue } from './issues.ts'
import { findCommitsLinkedByHand } from './manual-links.ts'
import { EVERY_GENERATION } from './pull-requests.ts'

/** Of commits that only a link by hand holds: above that of every history, below the one that spares nothing. */
export const KEPT_GENERATION = EVERY_GENERATION - 1

interface StoredCommit {
  readonly id: number
  readonly sha: string
}

export function prepareCommits({ commits, ...destination }: CommitDestination & { readonly commits: readonly KeyedCommit[] }) {
  const gatherer = gatherCommits(destination)
  for (const commit of commits) gatherer.add(commit)
  return gatherer.take()
}

/**
 * Stores commits with their keys and marks the issues of those that are new; repeating it changes nothing.
 *
 * @param dueAt issues are delivered from this time on, in ms
 */
export async function saveCommits(tx: Tx, prepared: PreparedCommits, dueAt: number): Promise<void> {
  if (prepared.marks.length === 0) return
  const ids = await insertRowsForIds(tx, prepared.insert)
  const added = prepared.marks.filter((_mark, index) => ids[index] !== null)
  await markIssuesDirty(tx, added.flatMap(toDirtyIssues), dueAt, prepared.repositoryId)
  const stored = prepared.marks.filter((_mark, index) => ids[index] === null)
  if (stored.length > 0) await renewStoredCommits(tx, { ...prepared, marks: stored }, dueAt)
}

async function insertKeys(tx: Tx, commits: readonly CommitMark[], ids: ReadonlyMap<string, number>): Promise<void> {
  const values: (string | number)[] = []
  for (const commit of commits) {
    const id = ids.get(commit.sha)
    if (id !== undefined) for (const key of commit.keys) values.push(id, key, commit.authoredAt)
  }
  await insertRows(tx, { ...COMMIT_KEYS, values })
}

/** Takes commits that were stored before into the new generation and, after a change of the rule, compares their keys. */
async function renewStoredCommits(tx: Tx, batch: MarkedBatch, dueAt: number): Promise<void> {
  await reviveKeptCommits(tx, batch, dueAt)
  const shas = batch.marks.map((commit) => ({ s: commit.sha }))
  const { rows } = await sql<StoredCommit>`
    update commits set generation = ${batch.generation}
    where repository_id = ${Number(batch.repositoryId)} and generation < ${batch.generation}
      and sha in (select r.s from ${jsonRows(tx, { s: 'text' }, shas)} as r)
    returning id, sha
  `.execute(tx)
  if (!batch.rekey || rows.length === 0) return
  const ids = new Map(rows.map(({ id, sha }) => [sha, id]))
  const before = await deleteKeys(tx, [...ids.values()])
  const commits = batch.marks.filter((commit) => ids.has(commit.sha))
  await insertKeys(tx, commits, ids)
  await markIssuesDirty(tx, [...before, ...commits.flatMap(toDirtyIssues)], dueAt, batch.repositoryId)
}

/** Commits that only a link by hand held, and that a history reaches again: they have their keys back. */
async function reviveKeptCommits(tx: Tx, batch: MarkedBatch, dueAt: number): Promise<void> {
  const kept = await tx
    .selectFrom('manual_links as m')
    .innerJoin('commits as c', (join) => join.onRef('c.repository_id', '=', 'm.repository_id').onRef('c.sha', '=', 'm.entity'))
    .select(['c.id', 'c.sha'])
    .where('m.repository_id', '=', Number(batch.repositoryId))
    .where('m.kind', '=', 'commit')
    .where('c.generation', '=', KEPT_GENERATION)
    .execute()
  const ids = new Map(kept.map(({ id, sha }) => [sha, id]))
  const commits = batch.marks.filter(({ sha }) => ids.has(sha))
  if (commits.length === 0) return
  await tx
    .updateTable('commits')
    .set({ generation: batch.generation })
    .where(
      'id',
      'in',
      commits.map(({ sha }) => ids.get(sha) ?? 0),
    )
    .execute()
  await insertKeys(tx, commits, ids)
  await markIssuesDirty(tx, commits.flatMap(toDirtyIssues), dueAt, batch.repositoryId)
}

/** Deletes commits that no branch and no kept pull request reaches any more. */
export async function deleteCommits(
  tx: Tx,
  repositoryId: RepositoryId,
  { shas, dueAt }: { shas: readonly Sha[]; dueAt: number },
): Promise<number> {
  if (shas.length === 0) return 0
  const rows = shas.map((sha) => ({ s: sha }))
  const found = await sql<{ id: number }>`
    select id from commits where repository_id = ${Number(repositoryId)} and sha in (select r.s from ${jsonRows(tx, { s: 'text' }, rows)} as r)
  `.execute(tx)
  return deleteByIds(tx, repositoryId, { rows: found.rows, dueAt, keep: true })
}

/** Deletes up to `limit` commits that the generation did not meet; returns how many, 0 when none is left. */
export async function sweepCommits(
  tx: Tx,
  repositoryId: RepositoryId,
  sweep: { generation: number; limit: number; dueAt: number | null },
): Promise<number> {
  const rows = await tx
    .selectFrom('commits')
    .select('id')
    .where('repository_id', '=', Number(repositoryId))
    .where('generation', '<', sweep.generation)
    .limit(sweep.limit)
    .execute()
  return deleteByIds(tx, repositoryId, { rows, dueAt: sweep.dueAt, keep: sweep.generation < EVERY_GENERATION })
}

async function deleteByIds(
  tx: Tx,
  repositoryId: RepositoryId,
  { rows, dueAt, keep }: { rows: readonly { id: number }[]; dueAt: number | null; keep: boolean },
): Promise<number> {
  if (rows.length === 0) return 0
  const ids = rows.map(({ id }) => id)
  await markIssuesDirty(tx, await deleteKeys(tx, ids), dueAt, repositoryId)
  const kept = keep ? await findCommitsLinkedByHand(tx, ids) : new Set<number>()
  if (kept.size > 0) {
    // Met by no history, and yet not to be swept by the next one either.
    await tx
      .updateTable('commits')
      .set({ generation: KEPT_GENERATION })
      .where('id', 'in', [...kept])
      .execute()
  }
  const gone = ids.filter((id) => !kept.has(id))
  await sql`delete from commit_files where commit_id in (select r.i from ${jsonRows(tx, { i: 'bigint' }, toIdRows(gone))} as r)`.execute(
    tx,
  )
  await sql`delete from commits where id in (select r.i from ${jsonRows(tx, { i: 'bigint' }, toIdRows(gone))} as r)`.execute(tx)
  return ids.length
}

async function deleteKeys(tx: Tx, ids: readonly number[]): Promise<DirtyIssue[]> {
  const { rows } = await sql<{ issue_key: string; authored_at: number }>`
    delete from commit_keys where commit_id in (select r.i from ${jsonRows(tx, { i: 'bigint' }, toIdRows(ids))} as r)
    returning issue_key, authored_at
  `.execute(tx)
  return rows.map((row) => ({ key: row.issue_key as IssueKey, at: row.authored_at }))
}

const toIdRows = (ids: readonly number[]) => ids.map((id) => ({ i: id }))

function toDirtyIssues({ keys, authoredAt }: CommitMark): DirtyIssue[] {
  return keys.map((key) => ({ key, at: authoredAt }))
}
