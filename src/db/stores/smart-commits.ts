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
  if (commit.skipped !== null) {
    // It may have been executed: no copy of it is.
    if (commit.skipped.code === RESTORED_CODE) await claimFingerprint(tx, { ...commit, repositoryId, now })
    return 'skipped'
  }
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

interface Claim {
  readonly fingerprint: string
  readonly repositoryId: RepositoryId
  readonly sha: Sha
  readonly now: number
}

/**
 * Makes a commit that is recorded now the one that is executed for its fingerprint; from then on no copy of it is. One that
 * was skipped, or of which every command failed, gives it up.
 *
 * @returns the commit that holds it, which is this very one if its record was pruned; null: it is this one's now
 */
async function claimFingerprint(tx: Tx, claim: Claim): Promise<FingerprintHolder | null> {
  const own = { repository_id: Number(claim.repositoryId), sha: claim.sha, claimed_at: claim.now }
  const claimed = await tx
    .insertInto('smart_commit_fingerprints')
    .values({ fingerprint: claim.fingerprint, ...own })
    .onConflict((conflict) => conflict.column('fingerprint').doNothing())
    .returning('fingerprint')
    .executeTakeFirst()
  if (claimed !== undefined) return null
  // Written to be locked: what is read of the holder afterwards stays true until the end of the transaction.
  const held = await tx
    .updateTable('smart_commit_fingerprints')
    .set((e) => ({ claimed_at: e.ref('claimed_at') }))
    .where('fingerprint', '=', claim.fingerprint)
    .returning(['repository_id', 'sha'])
    .executeTakeFirst()
  // Its repository was deleted in between.
  if (held === undefined) return claimFingerprint(tx, claim)
  const holder = await tx
    .selectFrom('smart_commits')
    .select(['id', 'state', 'problem'])
    .where('repository_id', '=', held.repository_id)
    .where('sha', '=', held.sha)
    .executeTakeFirst()
  const isOther = held.repository_id !== own.repository_id || held.sha !== own.sha
  const givesUp = holder !== undefined && (holder.state === 'failed' || holder.state === 'skipped') && !isRestored(holder.problem)
  if (!isOther || !givesUp || (await hasDoneSomething(tx, holder.id))) {
    const repository = await tx.selectFrom('repositories').select('path').where('id', '=', held.repository_id).executeTakeFirst()
    return { sha: held.sha, repository: repository?.path ?? null }
  }
  await tx.updateTable('smart_commit_fingerprints').set(own).where('fingerprint', '=', claim.fingerprint).execute()
  return null
}

/**
 * The same for a commit that was recorded before and is to be executed again, which may hold its fingerprint already.
 *
 * @returns the other commit that holds it; null: it is this one's now
 */
export async function claimFingerprintAgain(tx: Tx, claim: Claim): Promise<FingerprintHolder | null> {
  const own = await tx
    .updateTable('smart_commit_fingerprints')
    .set((e) => ({ claimed_at: e.ref('claimed_at') }))
    .where('fingerprint', '=', claim.fingerprint)
    .where('repository_id', '=', Number(claim.repositoryId))
    .where('sha', '=', claim.sha)
    .returning('sha')
    .executeTakeFirst()
  return own === undefined ? claimFingerprint(tx, claim) : null
}

/** Of one that was skipped because a lost installation may have executed it. */
export const RESTORED_CODE = 'smart-commit-restored'

function isRestored(problem: string | null): boolean {
  return problem !== null && (JSON.parse(problem) as Problem).code === RESTORED_CODE
}

/** Or may have: what is executing was begun. */
async function hasDoneSomething(tx: Tx, id: number): Promise<boolean> {
  const row = await tx
    .selectFrom('smart_commit_actions')
    .select('id')
    .where('smart_commit_id', '=', id)
    .where('state', 'in', ['done', 'executing'])
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

/**
 * Deletes the smart commits of a repository, in transactions of bounded size; fingerprints stay, but for those of which
 * nothing was executed. Call until it returns 0.
 */
export async function deleteSmartCommits(tx: Tx, repositoryId: RepositoryId, limit: number): Promise<number> {
  const rows = await tx
    .selectFrom('smart_commits')
    .select(['id', 'sha', 'fingerprint', 'problem'])
    .where('repository_id', '=', Number(repositoryId))
    .limit(limit)
    .execute()
  for (const { id, sha, fingerprint, problem } of rows) {
    if (isRestored(problem) || (await hasDoneSomething(tx, id))) continue
    await tx
      .deleteFrom('smart_commit_fingerprints')
      .where('fingerprint', '=', fingerprint)
      .where('repository_id', '=', Number(repositoryId))
      .where('sha', '=', sha)
      .execute()
  }
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
