import type { IssueKey, RepositoryId, Sha } from '../../domain/ids.ts'
import type { Reader } from '../database.ts'

/** Our id of a stored commit; null: it is not stored. */
export async function findStoredCommit(db: Reader, repositoryId: RepositoryId, sha: Sha): Promise<number | null> {
  const row = await db
    .selectFrom('commits')
    .select('id')
    .where('repository_id', '=', Number(repositoryId))
    .where('sha', '=', sha)
    .executeTakeFirst()
  return row?.id ?? null
}

export async function findStoredPullRequest(db: Reader, repositoryId: RepositoryId, number: number): Promise<boolean> {
  const row = await db
    .selectFrom('pull_requests')
    .select('id')
    .where('repository_id', '=', Number(repositoryId))
    .where('number', '=', number)
    .executeTakeFirst()
  return row !== undefined
}

export interface CommitOfIssue {
  readonly id: number
  readonly repositoryId: RepositoryId
  readonly sha: Sha
}

/** Copies of a commit that belong to an issue, by its keys or by hand, in linked repositories; the origin first. */
export async function findCommitsOfIssue(
  db: Reader,
  keys: readonly IssueKey[],
  { sha, repositoryIds }: { readonly sha: Sha; readonly repositoryIds: readonly RepositoryId[] },
): Promise<CommitOfIssue[]> {
  if (repositoryIds.length === 0) return []
  const rows = await db
    .selectFrom('commits as c')
    .innerJoin('repositories as r', 'r.id', 'c.repository_id')
    .select(['c.id', 'c.repository_id', 'r.fork_of'])
    .where('c.repository_id', 'in', repositoryIds.map(Number))
    .where('c.sha', '=', sha)
    .where((e) =>
      e.or([
        e.exists(
          e
            .selectFrom('commit_keys as k')
            .select('k.commit_id')
            .whereRef('k.commit_id', '=', 'c.id')
            .where('k.issue_key', 'in', keys),
        ),
        e.exists(
          e
            .selectFrom('manual_links as m')
            .select('m.id')
            .whereRef('m.repository_id', '=', 'c.repository_id')
            .whereRef('m.entity', '=', 'c.sha')
            .where('m.kind', '=', 'commit')
            .where('m.action', '=', 'link')
            .where('m.issue_key', 'in', keys),
        ),
      ]),
    )
    .where((e) =>
      e.not(
        e.exists(
          e
            .selectFrom('manual_links as m')
            .select('m.id')
            .whereRef('m.repository_id', '=', 'c.repository_id')
            .whereRef('m.entity', '=', 'c.sha')
            .where('m.kind', '=', 'commit')
            .where('m.action', '=', 'unlink')
            .where('m.issue_key', 'in', keys),
        ),
      ),
    )
    .execute()
  return rows
    .toSorted((a, b) => Number(a.fork_of !== null) - Number(b.fork_of !== null) || a.repository_id - b.repository_id)
    .map((row) => ({ id: row.id, repositoryId: String(row.repository_id) as RepositoryId, sha }))
}
