import type { Clock } from '../../lib/clock.ts'
import { mapConcurrently } from '../../lib/map-concurrently.ts'
import type { HostPullRequest, PullRequestQuery } from '../types.ts'
import { walkChanges } from './changes.ts'
import type { GitLabClient } from './client.ts'
import { toPullRequest } from './map.ts'
import { PER_PAGE } from './paging.ts'
import { createReviewReader } from './reviews.ts'
import { mergeRequestSchema } from './schema.ts'

const REVIEWS_AT_ONCE = 6

/** Merge requests by update time; see `walkChanges`. Yields nothing when the feature is switched off. */
export async function* listPullRequests(
  client: GitLabClient,
  query: PullRequestQuery,
  clock: Clock,
): AsyncGenerator<readonly HostPullRequest[], void, void> {
  const { repository, updatedSince, signal } = query
  const reviews = createReviewReader({ client, repository, signal, clock, everyChange: updatedSince !== null })
  const changes = walkChanges(client, {
    repository,
    since: updatedSince,
    signal,
    item: mergeRequestSchema,
    idOf: ({ iid }) => iid,
    address: (since) =>
      client.address(`projects/${repository.hostId}/merge_requests`, {
        scope: 'all',
        state: 'all',
        order_by: 'updated_at',
        sort: 'asc',
        updated_after: since?.toISOString() ?? null,
        per_page: PER_PAGE,
      }),
    noun: 'merge requests',
  })
  for await (const requests of changes) {
    yield await mapConcurrently(requests, REVIEWS_AT_ONCE, async (request) =>
      toPullRequest(request, repository, await reviews.read(request)),
    )
  }
}
