import type { IssueKey, RepositoryId, Sha } from '../../domain/ids.ts'
import type { Reader, Tx } from '../database.ts'
import { markIssuesDirty, type DirtyIssue } from './issues.ts'

export interface StoredBranch {
  readonly name: string
  readonly head: Sha
  /** Commit time of the head in ms. */
  readonly headAt: number
}

export interface KeyedBranch extends StoredBranch {
  readonly keys: readonly IssueKey[]
}

/** Branches whose whole history is stored: the tips from which the next synchronisation counts. */
export async function listBranches(db: Reader, repositoryId: RepositoryId): Promise<StoredBranch[]> {
  const rows = await db
    .selectFrom('branches')
    .select(['name', 'head', 'head_at'])
    .where('repository_id', '=', Number(repositoryId))
    .execute()
  return rows.map((row) => ({ name: row.name, head: row.head as Sha, headAt: row.head_at }))
}

/**
 * Replaces the branches of a repository by a complete listing, at the end of a synchronisation: everything reachable
 * from them is stored by then. Marks the issues of those that came, moved or went.
 *
 * @returns the new ones; none where nothing was stored before
 */
export async function replaceBranches(
  tx: Tx,
  repositoryId: RepositoryId,
  { branches, dueAt }: { branches: readonly KeyedBranch[]; dueAt: number | null },
): Promise<readonly KeyedBranch[]> {
  const id = Number(repositoryId)
  const before = new Map((await listBranches(tx, repositoryId)).map((branch) => [branch.name, branch]))
  const after = new Map(branches.map((branch) => [branch.name, branch]))
  const gone = [...before.keys()].filter((name) => !after.has(name))
  const changed = branches.filter((branch) => before.get(branch.name)?.head !== branch.head)
  const keysBefore = await listKeys(tx, id)
  const dirty: DirtyIssue[] = changed.flatMap((branch) => branch.keys.map((key) => ({ key, at: branch.headAt })))
  for (const name of gone) dirty.push(...(keysBefore.get(name) ?? []).map((key) => ({ key, at: before.get(name)?.headAt ?? 0 })))

  await deleteNames(tx, id, gone)
  await upsertBranches(tx, id, changed)
  await renewKeys(tx, id, { branches, keysBefore, dirty })
  await markIssuesDirty(tx, dirty, dueAt, repositoryId)
  return before.size === 0 ? [] : branches.filter(({ name }) => !before.has(name))
}

async function upsertBranches(tx: Tx, repositoryId: number, branches: readonly KeyedBranch[]): Promise<void> {
  for (const chunk of chunks(branches)) {
    await tx
      .insertInto('branches')
      .values(
        chunk.map((branch) => ({ repository_id: repositoryId, name: branch.name, head: branch.head, head_at: branch.headAt })),
      )
      .onConflict((conflict) =>
        conflict
          .columns(['repository_id', 'name'])
          .doUpdateSet((e) => ({ head: e.ref('excluded.head'), head_at: e.ref('excluded.head_at') })),
      )
      .execute()
  }
}

interface KeyChange {
  readonly branches: readonly KeyedBranch[]
  readonly keysBefore: ReadonlyMap<string, readonly IssueKey[]>
  readonly dirty: DirtyIssue[]
}

/** A name's keys change only when the rule does. */
async function renewKeys(tx: Tx, repositoryId: number, { branches, keysBefore, dirty }: KeyChange): Promise<void> {
  const renewed = branches.filter(
    (branch) => (keysBefore.get(branch.name) ?? []).toSorted().join() !== branch.keys.toSorted().join(),
  )
  const stale = renewed.filter((branch) => keysBefore.has(branch.name))
  for (const branch of stale) dirty.push(...(keysBefore.get(branch.name) ?? []).map((key) => ({ key, at: branch.headAt })))
  dirty.push(...renewed.flatMap((branch) => branch.keys.map((key) => ({ key, at: branch.headAt }))))
  for (const chunk of chunks(stale))
    await deleteBranchKeys(
      tx,
      repositoryId,
      chunk.map((branch) => branch.name),
    )
  for (const chunk of chunks(
    renewed.flatMap((branch) => branch.keys.map((key) => ({ issue_key: key, repository_id: repositoryId, name: branch.name }))),
  )) {
    await tx
      .insertInto('branch_keys')
      .values(chunk)
      .onConflict((conflict) => conflict.doNothing())
      .execute()
  }
}

async function deleteNames(tx: Tx, repositoryId: number, names: readonly string[]): Promise<void> {
  for (const chunk of chunks(names)) {
    await deleteBranchKeys(tx, repositoryId, chunk)
    await tx.deleteFrom('branches').where('repository_id', '=', repositoryId).where('name', 'in', chunk).execute()
  }
}

async function deleteBranchKeys(tx: Tx, repositoryId: number, names: readonly string[]): Promise<void> {
  await tx.deleteFrom('branch_keys').where('repository_id', '=', repositoryId).where('name', 'in', names).execute()
}

async function listKeys(tx: Tx, repositoryId: number): Promise<Map<string, IssueKey[]>> {
  const rows = await tx
    .selectFrom('branch_keys')
    .select(['name', 'issue_key'])
    .where('repository_id', '=', repositoryId)
    .execute()
  const keys = new Map<string, IssueKey[]>()
  for (const row of rows) keys.set(row.name, [...(keys.get(row.name) ?? []), row.issue_key as IssueKey])
  return keys
}

/** Statements of one shape for every full chunk, far below the parameter limits of both databases. */
function* chunks<T>(items: readonly T[], size = 200): Generator<T[]> {
  for (let start = 0; start < items.length; start += size) yield items.slice(start, start + size)
}

/** Heads of pull requests kept in the mirror because no branch reaches them, by number. */
export async function listKeptHeads(db: Reader, repositoryId: RepositoryId): Promise<Map<number, Sha>> {
  const rows = await db
    .selectFrom('kept_heads')
    .select(['number', 'head'])
    .where('repository_id', '=', Number(repositoryId))
    .execute()
  return new Map(rows.map((row) => [row.number, row.head as Sha]))
}

/** Replaces them at the end of a synchronisation, together with the branches. */
export async function replaceKeptHeads(tx: Tx, repositoryId: RepositoryId, heads: ReadonlyMap<number, Sha>): Promise<void> {
  const id = Number(repositoryId)
  await tx.deleteFrom('kept_heads').where('repository_id', '=', id).execute()
  for (const chunk of chunks([...heads])) {
    await tx
      .insertInto('kept_heads')
      .values(chunk.map(([number, head]) => ({ repository_id: id, number, head })))
      .execute()
  }
}
