import { queryOptions } from '@tanstack/react-query'
import type { RepositoryJson } from '../../../src/contract/repository.ts'
import type { SmartCommitJson } from '../../../src/contract/smart-commit.ts'
import { callApi } from '../../ui/api.ts'
import { pagesQuery } from '../../ui/pages.tsx'
import type { CommitFilter } from './commit-filter.ts'

export const SMART_COMMITS = 'smart-commits'

export const smartCommitsQuery = (filter: CommitFilter) => pagesQuery<SmartCommitJson>(SMART_COMMITS, { ...filter })

export const smartCommitPath = (id: string) => `${SMART_COMMITS}/${encodeURIComponent(id)}`

/** The most that a list to choose from holds; with more, the account narrows it. */
const MOST_CHOICES = 200

/** Linked repositories to choose from, by name. */
export const repositoryChoicesQuery = (account: string | undefined) =>
  queryOptions({
    queryKey: ['repository-choices', account],
    queryFn: async ({ signal }) => {
      const query = { account, linked: true, sort: 'name', limit: MOST_CHOICES }
      const { items } = await callApi<{ readonly items: readonly RepositoryJson[] }>('repositories', { query, signal })
      return items.map(({ id, name }) => ({ id, name }))
    },
    staleTime: 60_000,
  })

/** The name of the one that the address names, which may not be among the choices. */
export const repositoryNameQuery = (id: string | undefined) =>
  queryOptions({
    queryKey: ['repository-name', id],
    queryFn: async ({ signal }) =>
      (await callApi<RepositoryJson>(`repositories/${encodeURIComponent(id ?? '')}`, { signal })).name,
    enabled: id !== undefined,
    staleTime: 60_000,
    retry: false,
  })
