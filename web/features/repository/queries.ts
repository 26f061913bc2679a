import { queryOptions } from '@tanstack/react-query'
import type { RepositoryJson, SyncEntryJson } from '../../../src/contract/repository.ts'
import type { RepositoryStatisticsJson } from '../../../src/contract/statistics.ts'
import { callApi } from '../../ui/api.ts'
import { pagesQuery } from '../../ui/pages.tsx'

export const repositoryPath = (id: string) => `repositories/${encodeURIComponent(id)}`

export const repositoryQuery = (id: string) =>
  queryOptions({
    queryKey: ['repository', id],
    queryFn: ({ signal }) => callApi<RepositoryJson>(repositoryPath(id), { signal }),
  })

/** The audit log of its synchronisations. */
export const syncsQuery = (id: string) => pagesQuery<SyncEntryJson>(`${repositoryPath(id)}/syncs`)

export const statisticsQuery = (id: string) =>
  queryOptions({
    queryKey: ['repository-statistics', id],
    queryFn: ({ signal }) => callApi<RepositoryStatisticsJson>(`${repositoryPath(id)}/statistics`, { signal }),
    staleTime: 60_000,
  })
