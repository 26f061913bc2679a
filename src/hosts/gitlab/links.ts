import type { HostLinks } from '../types.ts'
import { encodePath } from './map.ts'

/** Pages of GitLab's web interface (routes with `/-/`, GitLab 12 and later). */
export const gitLabLinks: HostLinks = {
  commit: (repository, sha) => `${repository.webUrl}/-/commit/${sha}`,
  branch: (repository, name) => `${repository.webUrl}/-/tree/${encodePath(name)}`,
  createBranch: (repository, name) =>
    `${repository.webUrl}/-/branches/new?${new URLSearchParams({ branch_name: name }).toString()}`,
  createPullRequest(repository, sourceBranch) {
    const query = new URLSearchParams({ 'merge_request[source_branch]': sourceBranch })
    return `${repository.webUrl}/-/merge_requests/new?${query.toString()}`
  },
}
