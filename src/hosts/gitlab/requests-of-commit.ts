import { sha, type Sha } from '../../domain/ids.ts'
import type { HostRepositoryRef, SquashedCommit } from '../types.ts'
import { isSwitchedOff } from './changes.ts'
import type { GitLabClient } from './client.ts'
import { getPage, listPages, PER_PAGE } from './paging.ts'
import { commitOfRequestSchema, requestOfCommitSchema, type CommitOfRequestJson } from './schema.ts'

// GitLab lists the merge requests that a commit is in, and those that it merged or squashed, of forks too (documentation
// "Commits API", "List merge requests associated with a commit").

interface CommitPlace {
  readonly repository: HostRepositoryRef
  readonly commit: Sha
}

/** Pages of its commits that are read of a merge request. */
const MOST_PAGES = 10

/** Numbers of the open merge requests that hold a commit, the first page of them. */
export async function listOpenPullRequestsOf(
  client: GitLabClient,
  place: CommitPlace,
  signal: AbortSignal,
): Promise<readonly number[]> {
  const found = await listRequests(client, { ...place, query: { state: 'opened' } }, signal)
  return found.filter(({ state }) => state === 'opened').map(({ iid }) => iid)
}

/** See `HostConnection`. The merge request keeps its commits when its branch is gone. */
export async function listSquashedInto(
  client: GitLabClient,
  place: CommitPlace,
  signal: AbortSignal,
): Promise<readonly SquashedCommit[] | null> {
  const found = await listRequests(client, { ...place, query: {} }, signal)
  const squashed = found.find(({ squash_commit_sha }) => squash_commit_sha === place.commit)
  if (squashed === undefined) return null
  const path = `projects/${place.repository.hostId}/merge_requests/${squashed.iid}/commits`
  const commits: SquashedCommit[] = []
  let pages = 0
  for await (const page of listPages(client, client.address(path, { per_page: PER_PAGE }), {
    item: commitOfRequestSchema,
    signal,
  })) {
    commits.push(...page.items.flatMap(toSquashedCommit))
    pages += 1
    if (page.items.length === 0 || pages === MOST_PAGES) break
  }
  return commits
}

async function listRequests(
  client: GitLabClient,
  { repository, commit, query }: CommitPlace & { query: Readonly<Record<string, string>> },
  signal: AbortSignal,
) {
  const url = client.address(`projects/${repository.hostId}/repository/commits/${commit}/merge_requests`, {
    ...query,
    per_page: PER_PAGE,
  })
  try {
    const { items } = await getPage(client, url, { item: requestOfCommitSchema, signal })
    return items.filter(({ project_id }) => String(project_id) === repository.hostId)
  } catch (error) {
    if (!isSwitchedOff(error)) throw error
    return []
  }
}

/** Without its date nobody can tell which commit it is a copy of. */
function toSquashedCommit(commit: CommitOfRequestJson): SquashedCommit[] {
  const { authored_date: authored } = commit
  if (authored === null || authored === undefined) return []
  const author = { name: commit.author_name || 'Unknown', email: commit.author_email || null }
  return [{ sha: sha(commit.id), message: commit.message ?? commit.title ?? '', author, authoredAt: authored.at }]
}
