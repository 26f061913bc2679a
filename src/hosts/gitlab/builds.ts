import type { Sha } from '../../domain/ids.ts'
import type { BuildQuery, HostBuild, HostRepositoryRef } from '../types.ts'
import { findNewest, isSwitchedOff, walkChanges } from './changes.ts'
import type { GitLabClient, QueryValues } from './client.ts'
import { getPage, PER_PAGE } from './paging.ts'
import { toBuild } from './run-map.ts'
import { pipelineSchema } from './schema.ts'

/** Pipelines by update time; child pipelines are not in the list. Yields nothing when the feature is switched off. */
export async function* listBuilds(
  client: GitLabClient,
  { repository, updatedSince, signal }: BuildQuery,
): AsyncGenerator<readonly HostBuild[], void, void> {
  const changes = walkChanges(client, {
    repository,
    since: updatedSince,
    signal,
    item: pipelineSchema,
    idOf: ({ id }) => id,
    address: (since) =>
      toAddress(client, repository, { order_by: 'updated_at', sort: 'asc', updated_after: since?.toISOString() ?? null }),
    feature: { noun: 'pipelines', level: 'builds_access_level' },
  })
  for await (const pipelines of changes) yield pipelines.map((pipeline) => toBuild(pipeline, repository))
}

/** Child pipelines count as little as in the list itself. */
export function findLastBuildUpdate(
  client: GitLabClient,
  { hostId }: HostRepositoryRef,
  signal: AbortSignal,
): Promise<Date | null> {
  return findNewest(client, { list: `projects/${hostId}/pipelines`, item: pipelineSchema, signal })
}

/** The newest pipelines of one commit. */
export async function listBuildsOf(
  client: GitLabClient,
  { repository, commit }: { repository: HostRepositoryRef; commit: Sha },
  signal: AbortSignal,
): Promise<readonly HostBuild[]> {
  try {
    const { items } = await getPage(client, toAddress(client, repository, { sha: commit }), { item: pipelineSchema, signal })
    return items.map((pipeline) => toBuild(pipeline, repository))
  } catch (error) {
    if (!isSwitchedOff(error)) throw error
    return []
  }
}

function toAddress(client: GitLabClient, { hostId }: HostRepositoryRef, query: QueryValues): URL {
  return client.address(`projects/${hostId}/pipelines`, { ...query, per_page: PER_PAGE })
}
