import { queryOptions } from '@tanstack/react-query'
import type { DeliveryJson } from '../../../src/contract/delivery.ts'
import type { RepositoryJson } from '../../../src/contract/repository.ts'
import type { OverviewJson } from '../../../src/contract/statistics.ts'
import { callApi } from '../../ui/api.ts'
import { pagesQuery } from '../../ui/pages.tsx'

export const overviewQuery = queryOptions({
  queryKey: ['overview'],
  queryFn: ({ signal }) => callApi<OverviewJson>('overview', { signal }),
  refetchInterval: 30_000,
})

/** What a tile counts: repositories by what they do, or by how their changes arrive. */
export type RepositoryState =
  | { readonly state: keyof OverviewJson['repositories']['states'] }
  | { readonly webhook: keyof OverviewJson['repositories']['webhooks'] }

export const repositoriesInState = (state: RepositoryState) =>
  pagesQuery<RepositoryJson>('repositories', { ...state, linked: 'true', sort: 'name' })

/** The newest writes that Jira refused. */
export const refusedQuery = queryOptions({
  queryKey: ['deliveries', 'refused'],
  queryFn: ({ signal }) =>
    callApi<{ readonly items: readonly DeliveryJson[] }>('deliveries', {
      query: { direction: 'out', state: 'failed', limit: 5 },
      signal,
    }),
})
