import type { RepositoryId, Sha } from '../../domain/ids.ts'
import type { Problem } from '../../domain/problem.ts'
import type { SmartCommitAction, SmartCommitRecord, SmartCommitState } from '../../domain/smart-commit-record.ts'
import type { Reader, Tx } from '../database.ts'
import { listActionsOf } from '../views/smart-commit-actions.ts'
import { claimCommands, isDoubtful, releaseClaims, toCopyProblem, type ClaimHolder } from './smart-commit-claims.ts'

/** A commit as a synchronisation met it. */
export interface NewSmartCommit extends Pick<
  SmartCommitRecord,
  'sha' | 'author' | 'authoredAt' | 'offsetMinutes' | 'merge' | 'lines' | 'fingerprint'
> {
  /** Why it is not executed; null: it is. */
  readonly skipped: Problem | null
  readonly actions: readonly NewAction[]
}

interface NewAction extends Pick<SmartCommitAction, 'key' | 'name' | 'argument'> {
  readonly fingerprint: string
}

export interface SmartCommitsToRecord {
  readonly repositoryId: RepositoryId
  readonly syncId: number
  readonly now: number
  /** Oldest first: they are executed in this order. */
  readonly commits: readonly NewSmartCommit[]
}

/**
 * Records commits that were not yet. Of several commands with one fingerprint only the first is to be executed, in whatever
 * commits and repositories they are; the others are skipped.
 *
 * @returns how many commits have something to be executed
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
      merge: commit.merge ? 1 : 0,
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
  const commands = commit.actions.map(({ fingerprint }, position) => ({ fingerprint, position }))
  const claim = () => claimCommands(tx, { repositoryId, sha: commit.sha, now, whole: commit.fingerprint, commands })
  if (commit.skipped !== null) {
    // What it commands may have been done before: no copy does it either.
    if (isDoubtful(commit.skipped)) await claim()
    await addActions(tx, row.id, { actions: commit.actions })
    return 'skipped'
  }
  const held = await claim()
  const [first] = held.values()
  if (first === undefined || held.size < commit.actions.length) {
    await addActions(tx, row.id, { actions: commit.actions, held })
    return 'found'
  }
  await addActions(tx, row.id, { actions: commit.actions })
  await tx
    .updateTable('smart_commits')
    .set({ state: 'skipped', problem: JSON.stringify(toCopyProblem(first)) })
    .where('id', '=', row.id)
    .execute()
  return 'skipped'
}

/** As many as a statement takes on every database. */
const ACTIONS_PER_WRITE = 100

async function addActions(
  tx: Tx,
  id: number,
  { actions, held }: { actions: readonly NewAction[]; held?: ReadonlyMap<number, ClaimHolder> },
): Promise<void> {
  for (let start = 0; start < actions.length; start += ACTIONS_PER_WRITE) {
    const values = actions.slice(start, start + ACTIONS_PER_WRITE).map(({ key, name, argument }, index) => {
      const position = start + index
      const holder = held?.get(position)
      return {
        smart_commit_id: id,
        position,
        issue_key: key,
        name,
        argument,
        ...(holder === undefined
          ? { state: 'found' as const, problem: null }
          : { state: 'skipped' as const, problem: JSON.stringify(toCopyProblem(holder)) }),
      }
    })
    await tx.insertInto('smart_commit_actions').values(values).execute()
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
  'merge',
  'lines',
  'fingerprint',
  'state',
  'problem',
  'sync_id',
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
  readonly merge: 0 | 1
  readonly lines: string
  readonly fingerprint: string
  readonly state: SmartCommitState
  readonly problem: string | null
  readonly sync_id: number | null
  readonly recorded_at: number
  readonly executed_at: number | null
  readonly asked_by: string | null
}

const toProblem = (json: string | null) => (json === null ? null : (JSON.parse(json) as Problem))

async function toRecord(db: Reader, row: Row): Promise<SmartCommitRecord> {
  return {
    id: String(row.id),
    repositoryId: String(row.repository_id) as RepositoryId,
    sha: row.sha as Sha,
    author: { name: row.author_name, email: row.author_email },
    authoredAt: new Date(row.authored_at),
    offsetMinutes: row.offset_minutes,
    merge: row.merge === 1,
    lines: row.lines,
    fingerprint: row.fingerprint,
    state: row.state,
    problem: toProblem(row.problem),
    syncId: row.sync_id,
    recordedAt: new Date(row.recorded_at),
    executedAt: row.executed_at === null ? null : new Date(row.executed_at),
    askedBy: row.asked_by,
    actions: (await listActionsOf(db, [row.id])).get(row.id) ?? [],
  }
}

/**
 * Deletes the smart commits of a repository, in transactions of bounded size; fingerprints stay, but for those of which
 * nothing was executed. Call until it returns 0.
 */
export async function deleteSmartCommits(tx: Tx, repositoryId: RepositoryId, limit: number): Promise<number> {
  const rows = await tx
    .selectFrom('smart_commits')
    .select(['id', 'repository_id', 'sha', 'problem'])
    .where('repository_id', '=', Number(repositoryId))
    .limit(limit)
    .execute()
  for (const row of rows) if (!isDoubtful(toProblem(row.problem))) await releaseClaims(tx, row)
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
