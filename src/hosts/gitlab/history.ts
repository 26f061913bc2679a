import type { Sha } from '../../domain/ids.ts'
import { isConnectorError } from '../../lib/connector-error.ts'
import type { HostBranch, HostCommit, HostRepositoryRef } from '../types.ts'
import type { GitLabClient } from './client.ts'
import { toBranch, toCommit } from './map.ts'
import { listPages, PER_PAGE } from './paging.ts'
import { branchSchema, commitSchema } from './schema.ts'

/** All branches, by name. */
export async function* listBranches(
  client: GitLabClient,
  repository: HostRepositoryRef,
  signal: AbortSignal,
): AsyncGenerator<readonly HostBranch[], void, void> {
  const url = client.address(`projects/${repository.hostId}/repository/branches`, { per_page: PER_PAGE })
  for await (const page of listPages(client, url, { item: branchSchema, signal })) yield page.items.map(toBranch)
}

export interface CommitRange {
  readonly repository: HostRepositoryRef
  readonly include: Sha
  /** null: the whole history of `include`. */
  readonly exclude: Sha | `${Sha}^1` | null
}

/**
 * Commits of a range. Totals are never told for commits: the end is a page without `rel="next"`, or an empty one. A
 * server that ignores `page` (gitlab#586997) begins again with the first commit: `unexpected-answer`, not an end.
 */
export async function* listCommits(
  client: GitLabClient,
  { repository, include, exclude }: CommitRange,
  signal: AbortSignal,
): AsyncGenerator<readonly HostCommit[], void, void> {
  const url = client.address(`projects/${repository.hostId}/repository/commits`, {
    ref_name: exclude === null ? include : `${exclude}..${include}`,
    per_page: PER_PAGE,
  })
  for await (const page of listPages(client, url, { item: commitSchema, signal })) {
    if (page.items.length === 0) return
    yield page.items.map(toCommit)
  }
}

/** One commit; null when the repository does not have it. */
export async function findCommit(
  client: GitLabClient,
  { repository, commit }: { repository: HostRepositoryRef; commit: Sha },
  signal: AbortSignal,
): Promise<HostCommit | null> {
  const url = client.address(`projects/${repository.hostId}/repository/commits/${commit}`, { stats: false })
  try {
    return toCommit(await client.get(url, commitSchema, signal))
  } catch (error) {
    if (isConnectorError(error, 'not-found')) return null
    throw error
  }
}
