import type { GitRemote } from '../../domain/git-remote.ts'
import type { HostRepositoryRef } from '../types.ts'
import { encodePath } from './map.ts'

/** `oauth2` stands for any user: GitLab looks at the token only, but the name must not be empty. */
export function toGitRemote(git: URL, repository: HostRepositoryRef, token: string): GitRemote {
  return {
    url: new URL(`${encodePath(repository.path)}.git`, git).href,
    authorization: `Basic ${Buffer.from(`oauth2:${token}`).toString('base64')}`,
  }
}

/** GitLab keeps the head of a merge request under this ref, also of forks and of deleted source branches. */
export function toPullRequestRef(number: number): string {
  return `refs/merge-requests/${number}/head`
}

export type GitAdvertisement = 'filters' | 'no-filters' | 'old-protocol' | 'not-git'

/** Reads the first answer of a Git server that was asked for protocol v2 (gitprotocol-v2: capability advertisement). */
export function readAdvertisement(contentType: string, body: Buffer): GitAdvertisement {
  if (!contentType.startsWith('application/x-git-upload-pack-advertisement')) return 'not-git'
  const text = body.toString('latin1')
  if (!text.includes('version 2\n')) return 'old-protocol'
  const fetch = /fetch=([^\n]*)\n/.exec(text)?.[1] ?? ''
  return fetch.split(' ').includes('filter') ? 'filters' : 'no-filters'
}
