import type { Sha } from '../../domain/ids.ts'
import type { HostRepositoryRef } from '../types.ts'
import { isSwitchedOff } from './changes.ts'
import type { GitLabClient } from './client.ts'
import { getPage, PER_PAGE } from './paging.ts'
import { requestOfCommitSchema } from './schema.ts'

/** Adds a comment to a commit, once: it is never sent again, because GitLab would add another. */
export async function commentOnCommit(
  client: GitLabClient,
  { repository, commit, text }: { repository: HostRepositoryRef; commit: Sha; text: string },
  signal: AbortSignal,
): Promise<void> {
  const url = client.address(`projects/${repository.hostId}/repository/commits/${commit}/comments`)
  await client.request({ method: 'POST', url, json: { note: text }, signal })
}

/** As `commentOnCommit`. */
export async function commentOnPullRequest(
  client: GitLabClient,
  { repository, number, text }: { repository: HostRepositoryRef; number: number; text: string },
  signal: AbortSignal,
): Promise<void> {
  const url = client.address(`projects/${repository.hostId}/merge_requests/${number}/notes`)
  await client.request({ method: 'POST', url, json: { body: text }, signal })
}

/**
 * Numbers of the open merge requests that hold a commit, the first page of them. GitLab lists those of any state, and of
 * forks too (documentation "Commits API", "List merge requests associated with a commit").
 */
export async function listOpenPullRequestsOf(
  client: GitLabClient,
  { repository, commit }: { repository: HostRepositoryRef; commit: Sha },
  signal: AbortSignal,
): Promise<readonly number[]> {
  const path = `projects/${repository.hostId}/repository/commits/${commit}/merge_requests`
  try {
    const url = client.address(path, { state: 'opened', per_page: PER_PAGE })
    const { items } = await getPage(client, url, { item: requestOfCommitSchema, signal })
    const own = items.filter(({ project_id }) => String(project_id) === repository.hostId)
    return own.filter(({ state }) => state === 'opened').map(({ iid }) => iid)
  } catch (error) {
    if (!isSwitchedOff(error)) throw error
    return []
  }
}
