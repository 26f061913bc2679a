import type { JobCounts } from '../../domain/development-information.ts'
import type { HostRepositoryRef } from '../types.ts'
import { isSwitchedOff } from './changes.ts'
import type { GitLabClient } from './client.ts'
import { listPages, PER_PAGE } from './paging.ts'
import { jobSchema } from './schema.ts'

/** GitLab.com allows 500 jobs in a pipeline, other installations what they like. */
const MAX_PAGES = 10

/** The jobs of one pipeline, each in its last try, without triggers of other pipelines; null where GitLab does not tell. */
export async function countJobs(
  client: GitLabClient,
  { repository, build }: { repository: HostRepositoryRef; build: string },
  signal: AbortSignal,
): Promise<JobCounts | null> {
  const path = `projects/${repository.hostId}/pipelines/${encodeURIComponent(build)}/jobs`
  const url = client.address(path, { include_retried: false, per_page: PER_PAGE })
  const counts = { total: 0, successful: 0, failed: 0 }
  let pages = 0
  try {
    for await (const { items, next } of listPages(client, url, { item: jobSchema, signal })) {
      pages += 1
      counts.total += items.length
      counts.successful += items.filter(({ status }) => status === 'success').length
      counts.failed += items.filter(({ status }) => status === 'failed').length
      if (pages === MAX_PAGES && next !== null) return null
    }
  } catch (error) {
    if (!isSwitchedOff(error)) throw error
    return null
  }
  return counts
}
