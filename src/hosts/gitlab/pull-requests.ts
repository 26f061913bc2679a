import type { Clock } from '../../lib/clock.ts'
import { isConnectorError, type ConnectorError } from '../../lib/connector-error.ts'
import { mapConcurrently } from '../../lib/map-concurrently.ts'
import type { HostPullRequest, HostRepositoryRef, PullRequestQuery } from '../types.ts'
import { toUnexpectedAnswer } from './answer-error.ts'
import type { GitLabClient } from './client.ts'
import { toPullRequest } from './map.ts'
import { getPage, PER_PAGE, type Page } from './paging.ts'
import { findRepository } from './repositories.ts'
import { createReviewReader } from './reviews.ts'
import { mergeRequestSchema, type MergeRequestJson } from './schema.ts'

/** Offset paging gets slow and may be refused beyond this depth. */
const MAX_DEPTH = 50_000
const REVIEWS_AT_ONCE = 6
/** GitLab stores microseconds and tells milliseconds: one of them back, nothing of the same instant is skipped. */
const OVERLAP_MS = 1

/**
 * Merge requests by update time. Each page asks anew from the last one's time (`updated_after` counts the instant
 * itself), so that one that is updated meanwhile, and so moves to the end, cannot push others off their page. Only where
 * a page ends at the time it began with, `rel="next"` leads on. Yields nothing when the feature is switched off.
 */
export async function* listPullRequests(
  client: GitLabClient,
  query: PullRequestQuery,
  clock: Clock,
): AsyncGenerator<readonly HostPullRequest[], void, void> {
  const { repository, updatedSince, signal } = query
  const reviews = createReviewReader({ client, repository, signal, clock, everyChange: updatedSince !== null })
  for await (const requests of walk(client, query)) {
    yield await mapConcurrently(requests, REVIEWS_AT_ONCE, async (request) =>
      toPullRequest(request, repository, await reviews.read(request)),
    )
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
  const page = await unlessSwitchedOff(client, { repository, signal }, () =>
    getPage(client, url, { item: mergeRequestSchema, signal }),
  )
  return page?.items[0]?.updated_at ?? null
}

async function* walk(client: GitLabClient, query: PullRequestQuery): AsyncGenerator<MergeRequestJson[], void, void> {
  const { repository, updatedSince, signal } = query
  const options = { item: mergeRequestSchema, signal }
  let since = updatedSince
  let page = await findFirstPage(client, query)
  let emitted = new Set<string>()
  let depth = 0
  while (page !== null && page.items.length > 0) {
    const fresh = page.items.filter((request) => !emitted.has(toVersion(request)))
    if (fresh.length > 0) yield fresh
    if (page.next === null) return
    const last = toWatermark(page.items, since)
    emitted = keepEdge(emitted, page.items, last ?? since)
    if (last === null) {
      depth += page.items.length
      if (depth >= MAX_DEPTH) throw toTooDeep(repository)
      const { digest } = page
      page = await getPage(client, page.next, options)
      if (page.digest === digest) throw toEndless(repository)
    } else {
      depth = 0
      since = last
      page = await getPage(client, toAddress(client, repository, new Date(last.getTime() - OVERLAP_MS)), options)
    }
  }
}

/**
 * The time from which to go on; null when it would not advance, or when the server kept neither order nor filter: then
 * only its own next page is safe.
 */
function toWatermark(items: readonly MergeRequestJson[], since: Date | null): Date | null {
  const times = items.map(({ updated_at }) => updated_at.getTime())
  const earliest = since === null ? Number.NEGATIVE_INFINITY : since.getTime() - OVERLAP_MS
  const ordered = times.every((time, index) => time >= (times[index - 1] ?? earliest))
  const last = times.at(-1)
  return ordered && last !== undefined && (since === null || last > since.getTime()) ? new Date(last) : null
}

/** Versions that may come again: those of the last instants. Bounded, however long the list is. */
function keepEdge(emitted: ReadonlySet<string>, items: readonly MergeRequestJson[], since: Date | null): Set<string> {
  const edgeMs = since === null ? 0 : since.getTime() - OVERLAP_MS
  const known = [...emitted].filter((version) => Number(version.split('@')[1]) >= edgeMs)
  const added = items.filter(({ updated_at }) => updated_at.getTime() >= edgeMs).map(toVersion)
  return new Set([...known, ...added])
}

function toVersion({ iid, updated_at }: MergeRequestJson): string {
  return `${iid}@${updated_at.getTime()}`
}

function toAddress(client: GitLabClient, repository: HostRepositoryRef, since: Date | null): URL {
  return client.address(`projects/${repository.hostId}/merge_requests`, {
    scope: 'all',
    state: 'all',
    order_by: 'updated_at',
    sort: 'asc',
    updated_after: since?.toISOString() ?? null,
    per_page: PER_PAGE,
  })
}

async function findFirstPage(client: GitLabClient, query: PullRequestQuery): Promise<Page<MergeRequestJson> | null> {
  const { repository, updatedSince, signal } = query
  const url = toAddress(client, repository, updatedSince)
  return unlessSwitchedOff(client, query, () => getPage(client, url, { item: mergeRequestSchema, signal }))
}

/** null when merge requests are switched off; throws `not-found` when the repository itself is gone. */
async function unlessSwitchedOff(
  client: GitLabClient,
  { repository, signal }: Pick<PullRequestQuery, 'repository' | 'signal'>,
  read: () => Promise<Page<MergeRequestJson>>,
): Promise<Page<MergeRequestJson> | null> {
  try {
    return await read()
  } catch (error) {
    if (!isConnectorError(error, 'not-found') && !isConnectorError(error, 'permission-missing')) throw error
    // A list that ends normally is complete: it must not be said of a repository that has vanished.
    const found = await findRepository({ client, base: client.address('') }, repository.hostId, signal)
    if (found === null) throw error
    return null
  }
}

function toTooDeep(repository: HostRepositoryRef): ConnectorError {
  const text = `${repository.path} has more than ${MAX_DEPTH} merge requests of one and the same update time.`
  return toUnexpectedAnswer(text, { remedy: 'Report this as a bug, with the version of GitLab.' })
}

function toEndless(repository: HostRepositoryRef): ConnectorError {
  const remedy = 'Look for a proxy or cache before GitLab that ignores the query of an address.'
  return toUnexpectedAnswer(`The list of merge requests of ${repository.path} does not end: the same page came twice.`, {
    remedy,
  })
}
