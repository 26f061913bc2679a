import type { RepositoryId, Sha } from '../../domain/ids.ts'
import type { Problem } from '../../domain/problem.ts'
import type { Reader, Tx } from '../database.ts'
import { insertRows } from '../insert-rows.ts'
import { isPostgres } from '../json-rows.ts'

// Who holds a command: of all commits with the same author, author date and command only one executes it.

export interface CommandClaims {
  readonly repositoryId: RepositoryId
  readonly sha: Sha
  readonly now: number
  /** All commands of the commit as one: a fingerprint that older versions stored. */
  readonly whole: string
  readonly commands: readonly CommandClaim[]
}

interface CommandClaim {
  readonly fingerprint: string
  /** Within the commit. */
  readonly position: number
}

export interface ClaimHolder {
  readonly sha: string
  /** null: the repository is gone. */
  readonly repository: string | null
  /** False: it was met, and what was done of it by others is not known. */
  readonly executed: boolean
}

/** As many as a statement takes on every database. */
const CLAIMS_PER_STATEMENT = 100

/**
 * Makes a commit that is recorded now the one that executes these commands; from then on no copy of them is executed. Of what
 * failed or was skipped before anything was begun the claim is given up to a copy.
 *
 * @param byHand a person asks for it, of a commit that is recorded: then only what was executed, or is to be, holds
 * @returns who holds the commands that it does not get, by position; this very commit, if its record was pruned
 */
export async function claimCommands(tx: Tx, claims: CommandClaims, byHand = false): Promise<ReadonlyMap<number, ClaimHolder>> {
  const whole = await findWholeHolder(tx, claims, byHand)
  if (whole !== null) return new Map(claims.commands.map(({ position }) => [position, whole]))
  const held = new Map<number, ClaimHolder>()
  // In one order everywhere, so that two transactions seldom wait for each other.
  const sorted = claims.commands.toSorted((a, b) => (a.fingerprint < b.fingerprint ? -1 : 1))
  for (let start = 0; start < sorted.length; start += CLAIMS_PER_STATEMENT) {
    const commands = sorted.slice(start, start + CLAIMS_PER_STATEMENT)
    for (const [position, holder] of await claimSome(tx, { ...claims, commands }, byHand)) held.set(position, holder)
  }
  return held
}

async function findWholeHolder(tx: Tx, claims: CommandClaims, byHand: boolean): Promise<ClaimHolder | null> {
  const row = await tx
    .selectFrom('smart_commit_fingerprints as f')
    .leftJoin('repositories as r', 'r.id', 'f.repository_id')
    .select(['f.repository_id', 'f.sha', 'r.path'])
    .where('f.fingerprint', '=', claims.whole)
    .executeTakeFirst()
  if (row === undefined || (byHand && isOwn(row, claims))) return null
  return { sha: row.sha, repository: row.path, executed: true }
}

const isOwn = (row: { repository_id: number; sha: string }, { repositoryId, sha }: CommandClaims) =>
  row.repository_id === Number(repositoryId) && row.sha === sha

async function claimSome(tx: Tx, claims: CommandClaims, byHand: boolean): Promise<Map<number, ClaimHolder>> {
  const own = { repository_id: Number(claims.repositoryId), sha: claims.sha, claimed_at: claims.now }
  const claimed = await tx
    .insertInto('smart_commit_fingerprints')
    .values(claims.commands.map((command) => ({ ...own, ...command })))
    .onConflict((conflict) => conflict.column('fingerprint').doNothing())
    .returning('fingerprint')
    .execute()
  const fresh = new Set(claimed.map(({ fingerprint }) => fingerprint))
  const taken = claims.commands.filter(({ fingerprint }) => !fresh.has(fingerprint))
  const held = new Map<number, ClaimHolder>()
  if (taken.length === 0) return held
  const holders = await readHolders(
    tx,
    taken.map(({ fingerprint }) => fingerprint),
  )
  for (const { fingerprint, position } of taken) {
    const holder = holders.get(fingerprint)
    if (holder === undefined) {
      // Its repository was deleted in between.
      const again = await claimSome(tx, { ...claims, commands: [{ fingerprint, position }] }, byHand)
      for (const [at, other] of again) held.set(at, other)
    } else if (!(byHand && isOwn(holder, claims)) && keepsClaim(holder, byHand)) held.set(position, toHolder(holder))
    else
      await tx
        .updateTable('smart_commit_fingerprints')
        .set({ ...own, position, history: 0 })
        .where('fingerprint', '=', fingerprint)
        .execute()
  }
  return held
}

type Holder = Awaited<ReturnType<typeof selectHolders>>[number]

/** Locked first: what is read of the holders afterwards stays true until the end of the transaction. */
async function readHolders(tx: Tx, fingerprints: readonly string[]): Promise<ReadonlyMap<string, Holder>> {
  if (isPostgres(tx)) {
    await tx
      .selectFrom('smart_commit_fingerprints')
      .select('fingerprint')
      .where('fingerprint', 'in', fingerprints)
      .orderBy('fingerprint')
      .forUpdate()
      .execute()
  }
  return new Map((await selectHolders(tx, fingerprints)).map((row) => [row.fingerprint, row]))
}

function selectHolders(tx: Reader, fingerprints: readonly string[]) {
  return tx
    .selectFrom('smart_commit_fingerprints as f')
    .leftJoin('repositories as r', 'r.id', 'f.repository_id')
    .leftJoin('smart_commits as s', (join) => join.onRef('s.repository_id', '=', 'f.repository_id').onRef('s.sha', '=', 'f.sha'))
    .leftJoin('smart_commit_actions as a', (join) =>
      join.onRef('a.smart_commit_id', '=', 's.id').onRef('a.position', '=', 'f.position'),
    )
    .select(['f.fingerprint', 'f.repository_id', 'f.sha', 'f.history', 'r.path'])
    .select(['s.state as commit_state', 's.problem', 'a.state', 'a.started_at'])
    .where('f.fingerprint', 'in', fingerprints)
    .execute()
}

/**
 * Who holds these commands, by fingerprint; those that a copy would get are absent.
 *
 * @param byHand as of `claimCommands`
 */
export async function findHeldClaims(
  db: Reader,
  fingerprints: readonly string[],
  byHand: boolean,
): Promise<ReadonlyMap<string, ClaimHolder>> {
  const held = new Map<string, ClaimHolder>()
  for (let start = 0; start < fingerprints.length; start += CLAIMS_PER_STATEMENT) {
    for (const holder of await selectHolders(db, fingerprints.slice(start, start + CLAIMS_PER_STATEMENT))) {
      if (keepsClaim(holder, byHand)) held.set(holder.fingerprint, toHolder(holder))
    }
  }
  return held
}

const toHolder = (holder: Holder): ClaimHolder => ({ sha: holder.sha, repository: holder.path, executed: wasExecuted(holder) })

/** It was executed, or may have been, or is to be; of one whose record is gone nothing else is known. */
function wasExecuted({ history, state, started_at, commit_state }: Holder): boolean {
  if (history === 1) return false
  if (state === null || commit_state === 'found' || commit_state === 'executing') return true
  return started_at !== null || state === 'done' || state === 'executing'
}

function keepsClaim(holder: Holder, byHand: boolean): boolean {
  if (wasExecuted(holder)) return true
  return !byHand && (holder.history === 1 || isStoredDoubtful(holder.problem))
}

/** Of one that was skipped because a lost installation may have executed it. */
export const RESTORED_CODE = 'smart-commit-restored'

/** Of a merge commit: the merged ones command the same. */
export const MERGE_COMMIT_CODE = 'smart-commit-merge-commit'

/** Codes of commits that were skipped because what they command may have been done before: no copy of them does it either. */
const DOUBTFUL: ReadonlySet<string> = new Set([
  RESTORED_CODE,
  MERGE_COMMIT_CODE,
  'smart-commit-relinked',
  'smart-commit-full-sync',
  'smart-commit-not-certainly-new',
  'smart-commits-too-many',
])

/** Whether a commit that is not executed for this reason keeps others from executing the same. */
export function isDoubtful(problem: Problem | null): boolean {
  return problem !== null && DOUBTFUL.has(problem.code)
}

const isStoredDoubtful = (problem: string | null) => problem !== null && isDoubtful(JSON.parse(problem) as Problem)

export interface HistoryClaims {
  readonly repositoryId: RepositoryId
  readonly now: number
  readonly commands: readonly { readonly sha: Sha; readonly fingerprint: string }[]
}

/** Remembers commands that were met where nothing is recorded: no copy of them is executed. Those that are held stay held. */
export async function claimHistory(tx: Tx, { repositoryId, now, commands }: HistoryClaims): Promise<void> {
  await insertRows(tx, {
    table: 'smart_commit_fingerprints',
    columns: { fingerprint: 'text', repository_id: 'bigint', sha: 'text', history: 'bigint', claimed_at: 'bigint' },
    values: commands.flatMap(({ sha, fingerprint }) => [fingerprint, Number(repositoryId), sha, 1, now]),
    onConflict: 'on conflict (fingerprint) do nothing',
  })
}

/** Of a smart commit that goes with its repository: what of it was executed, or may have been, stays held. */
export async function releaseClaims(tx: Tx, commit: { id: number; repository_id: number; sha: string }): Promise<void> {
  await tx
    .deleteFrom('smart_commit_fingerprints')
    .where('repository_id', '=', commit.repository_id)
    .where('sha', '=', commit.sha)
    .where('position', 'in', (e) =>
      e
        .selectFrom('smart_commit_actions')
        .select('position')
        .where('smart_commit_id', '=', commit.id)
        .where('state', 'in', ['found', 'failed', 'skipped'])
        .where('started_at', 'is', null),
    )
    .execute()
}

/** Why a command is not executed whose copy another commit holds. */
export function toCopyProblem({ sha, repository, executed }: ClaimHolder): Problem {
  const where = `commit ${sha.slice(0, 12)} of ${repository ?? 'a repository that is gone'}`
  const same = 'author, author date and command are the same'
  if (executed) return { code: 'smart-commit-executed-already', message: `Already executed as ${where}: ${same}.`, remedy: null }
  return {
    code: 'smart-commit-not-certainly-new',
    message: `It was there before as ${where}, where nothing was executed: ${same}. What was done of it elsewhere is not known.`,
    remedy: 'Look into Jira; if it was not done, an administrator can execute it.',
  }
}
