import type { Clock } from '../../lib/clock.ts'
import { isConnectorError } from '../../lib/connector-error.ts'
import { mapConcurrently } from '../../lib/map-concurrently.ts'
import type { HostPullRequest, HostRepositoryRef, PullRequestQuery } from '../types.ts'
import { isSwitchedOff, unlessSwitchedOff, walkChanges, type ListedFeature } from './changes.ts'
import type { GitLabClient } from './client.ts'
import { toPullRequest } from './map.ts'
import { getPage, PER_PAGE } from './paging.ts'
import { createReviewReader } from './reviews.ts'
import { mergeRequestSchema } from './schema.ts'

const REVIEWS_AT_ONCE = 6
const MERGE_REQUESTS: ListedFeature = { noun: 'merge requests', level: 'merge_requests_access_level' }

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
    feature: MERGE_REQUESTS,
  })
  for await (const requests of changes) {
    yield await mapConcurrently(requests, REVIEWS_AT_ONCE, async (request) =>
      toPullRequest(request, repository, await reviews.read(request)),
    )
  }
}

/** One merge request; null when it is gone, or the feature is switched off. */
export async function findPullRequest(
  client: GitLabClient,
  { repository, number, clock }: { repository: HostRepositoryRef; number: number; clock: Clock },
  signal: AbortSignal,
): Promise<HostPullRequest | null> {
  const url = client.address(`projects/${repository.hostId}/merge_requests/${number}`)
  const reviews = createReviewReader({ client, repository, signal, clock, everyChange: true })
  try {
    const request = await client.get(url, mergeRequestSchema, signal)
    return toPullRequest(request, repository, await reviews.read(request))
  } catch (error) {
    if (isConnectorError(error, 'not-found') || isSwitchedOff(error)) return null
    throw error
  }
}

/** The watermark of the whole list, whatever was read of it: null when it is empty or switched off. */
export async function findLastPullRequestUpdate(
  client: GitLabClient,
  repository: HostRepositoryRef,
  signal: AbortSignal,
): Promise<Date | null> {
  const query = { scope: 'all', state: 'all', order_by: 'updated_at', sort: 'desc', per_page: 1 }
  const url = client.address(`projects/${repository.hostId}/merge_requests`, query)
  const page = await unlessSwitchedOff(client, { repository, signal, feature: MERGE_REQUESTS }, () =>
    getPage(client, url, { item: mergeRequestSchema, signal }),
  )
  return page?.items[0]?.updated_at ?? null
}
