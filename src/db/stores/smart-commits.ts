import type { RepositoryId, Sha } from '../../domain/ids.ts'
import type { Problem } from '../../domain/problem.ts'
import type { SmartCommitAction, SmartCommitRecord, SmartCommitState } from '../../domain/smart-commit-record.ts'
import type { Reader, Tx } from '../database.ts'
import { listActionsOf } from '../views/smart-commit-actions.ts'

/** A commit as a synchronisation met it. */
export interface NewSmartCommit extends Pick<
  SmartCommitRecord,
  'sha' | 'author' | 'authoredAt' | 'offsetMinutes' | 'lines' | 'fingerprint'
> {
  /** Why it is not executed; null: it is. */
  readonly skipped: Problem | null
  readonly actions: readonly Pick<SmartCommitAction, 'key' | 'name' | 'argument'>[]
}

export interface SmartCommitsToRecord {
  readonly repositoryId: RepositoryId
  readonly syncId: number
  readonly now: number
  /** Oldest first: they are executed in this order. */
  readonly commits: readonly NewSmartCommit[]
}

/**
 * Records commits that were not yet. Of several with one fingerprint only the first is to be executed, in whatever
 * repositories they are; the others are skipped.
 *
 * @returns how many of them are to be executed
 */
export async function recordSmartCommits(tx: Tx, { commits, ...at }: SmartCommitsToRecord): Promise<number> {
  let found = 0
  for (const commit of commits) if ((await recordOne(tx, commit, at)) === 'found') found += 1
  return found
}

async function recordOne(
  tx: Tx,
  commit: NewSmartCommit,
  { repositoryId, syncId, now }: Omit<SmartCommitsToRecord, 'commits'>,
): Promise<SmartCommitState | null> {
  const row = await tx
    .insertInto('smart_commits')
    .values({
      repository_id: Number(repositoryId),
      sha: commit.sha,
      author_name: commit.author.name,
      author_email: commit.author.email,
      authored_at: commit.authoredAt.getTime(),
      offset_minutes: commit.offsetMinutes,
      lines: commit.lines,
      fingerprint: commit.fingerprint,
      state: commit.skipped === null ? 'found' : 'skipped',
      problem: commit.skipped === null ? null : JSON.stringify(commit.skipped),
      sync_id: syncId,
      recorded_at: now,
      executed_at: null,
      asked_by: null,
    })
    .onConflict((conflict) => conflict.columns(['repository_id', 'sha']).doNothing())
    .returning('id')
    .executeTakeFirst()
  if (row === undefined) return null
  await addActions(tx, row.id, commit.actions)
  if (commit.skipped !== null) return 'skipped'
  const other = await claimFingerprint(tx, { ...commit, repositoryId, now })
  if (other === null) return 'found'
  await tx
    .updateTable('smart_commits')
    .set({ state: 'skipped', problem: JSON.stringify(executedAlready(other)) })
    .where('id', '=', row.id)
    .execute()
  return 'skipped'
}

/** As many as a statement takes on every database. */
const ACTIONS_PER_WRITE = 100

async function addActions(tx: Tx, id: number, actions: NewSmartCommit['actions']): Promise<void> {
  for (let start = 0; start < actions.length; start += ACTIONS_PER_WRITE) {
    const values = actions.slice(start, start + ACTIONS_PER_WRITE).map(({ key, name, argument }, index) => ({
      smart_commit_id: id,
      position: start + index,
      issue_key: key,
      name,
      argument,
      state: 'found' as const,
    }))
    await tx.insertInto('smart_commit_actions').values(values).execute()
  }
}

export interface FingerprintHolder {
  readonly sha: string
  /** null: the repository is gone. */
  readonly repository: string | null
}

/**
 * Makes a commit the one that is executed for its fingerprint; from then on no copy of it is. One of which every command
 * failed gives it up.
 *
 * @returns the other commit that holds it; null: it is this one's now
 */
export async function claimFingerprint(
  tx: Tx,
  claim: { fingerprint: string; repositoryId: RepositoryId; sha: Sha; now: number },
): Promise<FingerprintHolder | null> {
  const own = { repository_id: Number(claim.repositoryId), sha: claim.sha, claimed_at: claim.now }
  const claimed = await tx
    .insertInto('smart_commit_fingerprints')
    .values({ fingerprint: claim.fingerprint, ...own })
    .onConflict((conflict) => conflict.column('fingerprint').doNothing())
    .returning('fingerprint')
    .executeTakeFirst()
  if (claimed !== undefined) return null
  const holder = await tx
    .selectFrom('smart_commit_fingerprints as f')
    .leftJoin('smart_commits as s', (join) => join.onRef('s.repository_id', '=', 'f.repository_id').onRef('s.sha', '=', 'f.sha'))
    .leftJoin('repositories as r', 'r.id', 'f.repository_id')
    .select(['f.repository_id', 'f.sha', 's.id', 's.state', 'r.path'])
    .where('f.fingerprint', '=', claim.fingerprint)
    .executeTakeFirstOrThrow()
  if (holder.repository_id === own.repository_id && holder.sha === own.sha) return null
  if (holder.id === null || holder.state !== 'failed' || (await hasDoneSomething(tx, holder.id)))
    return { sha: holder.sha, repository: holder.path }
  await tx.updateTable('smart_commit_fingerprints').set(own).where('fingerprint', '=', claim.fingerprint).execute()
  return null
}

async function hasDoneSomething(tx: Tx, id: number): Promise<boolean> {
  const row = await tx
    .selectFrom('smart_commit_actions')
    .select('id')
    .where('smart_commit_id', '=', id)
    .where('state', '<>', 'failed')
    .limit(1)
    .executeTakeFirst()
  return row !== undefined
}

export function executedAlready({ sha, repository }: FingerprintHolder): Problem {
  const where = repository === null ? 'a repository that is gone' : repository
  return {
    code: 'smart-commit-executed-already',
    message: `Already executed as commit ${sha.slice(0, 12)} of ${where}: author, author date and commands are the same.`,
    remedy: null,
  }
}

const COLUMNS = [
  'id',
  'repository_id',
  'sha',
  'author_name',
  'author_email',
  'authored_at',
  'offset_minutes',
  'lines',
  'fingerprint',
  'state',
  'problem',
  'recorded_at',
  'executed_at',
  'asked_by',
] as const

/** The oldest one of a repository that is to be executed; null: none is. */
export async function findNextSmartCommit(db: Reader, repositoryId: RepositoryId): Promise<SmartCommitRecord | null> {
  const row = await db
    .selectFrom('smart_commits')
    .select(COLUMNS)
    .where('repository_id', '=', Number(repositoryId))
    .where('state', 'in', ['found', 'executing'])
    .orderBy('id')
    .limit(1)
    .executeTakeFirst()
  return row === undefined ? null : toRecord(db, row)
}

export async function findSmartCommit(db: Reader, id: string): Promise<SmartCommitRecord | null> {
  const number = Number(id)
  if (!Number.isSafeInteger(number)) return null
  const row = await db.selectFrom('smart_commits').select(COLUMNS).where('id', '=', number).executeTakeFirst()
  return row === undefined ? null : toRecord(db, row)
}

interface Row {
  readonly id: number
  readonly repository_id: number
  readonly sha: string
  readonly author_name: string
  readonly author_email: string | null
  readonly authored_at: number
  readonly offset_minutes: number
  readonly lines: string
  readonly fingerprint: string
  readonly state: SmartCommitState
  readonly problem: string | null
  readonly recorded_at: number
  readonly executed_at: number | null
  readonly asked_by: string | null
}

async function toRecord(db: Reader, row: Row): Promise<SmartCommitRecord> {
  return {
    id: String(row.id),
    repositoryId: String(row.repository_id) as RepositoryId,
    sha: row.sha as Sha,
    author: { name: row.author_name, email: row.author_email },
    authoredAt: new Date(row.authored_at),
    offsetMinutes: row.offset_minutes,
    lines: row.lines,
    fingerprint: row.fingerprint,
    state: row.state,
    problem: row.problem === null ? null : (JSON.parse(row.problem) as Problem),
    recordedAt: new Date(row.recorded_at),
    executedAt: row.executed_at === null ? null : new Date(row.executed_at),
    askedBy: row.asked_by,
    actions: (await listActionsOf(db, [row.id])).get(row.id) ?? [],
  }
}

/** Deletes the smart commits of a repository, in transactions of bounded size; fingerprints stay. Call until it returns 0. */
export async function deleteSmartCommits(tx: Tx, repositoryId: RepositoryId, limit: number): Promise<number> {
  const rows = await tx
    .selectFrom('smart_commits')
    .select('id')
    .where('repository_id', '=', Number(repositoryId))
    .limit(limit)
    .execute()
  await deleteByIds(
    tx,
    rows.map(({ id }) => id),
  )
  return rows.length
}

/**
 * Deletes what was recorded before a time in ms, looking at the `limit` oldest; returns how many. Ids rise with time. What
 * still waits stays, and so do fingerprints.
 */
export async function pruneSmartCommits(tx: Tx, { before, limit }: { before: number; limit: number }): Promise<number> {
  const oldest = await tx
    .selectFrom('smart_commits')
    .select(['id', 'recorded_at'])
    .where('state', 'not in', ['found', 'executing'])
    .orderBy('id')
    .limit(limit)
    .execute()
  const ids = oldest.filter((row) => row.recorded_at < before).map(({ id }) => id)
  await deleteByIds(tx, ids)
  return ids.length
}

async function deleteByIds(tx: Tx, ids: readonly number[]): Promise<void> {
  for (let start = 0; start < ids.length; start += 200) {
    const chunk = ids.slice(start, start + 200)
    await tx.deleteFrom('smart_commit_actions').where('smart_commit_id', 'in', chunk).execute()
    await tx.deleteFrom('smart_commits').where('id', 'in', chunk).execute()
  }
}
