import type { Sha } from '../../domain/ids.ts'
import type { HostRepositoryRef } from '../types.ts'
import type { GitLabClient } from './client.ts'

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
