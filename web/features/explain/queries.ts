import { queryOptions } from '@tanstack/react-query'
import type { ExplanationJson, VisibilityJson } from '../../../src/contract/explain.ts'
import type { RepositoryJson } from '../../../src/contract/repository.ts'
import { callApi } from '../../ui/api.ts'

/** Local copies may be searched: that takes its time, and changes little within a minute. */
export const explainQuery = (ref: string) =>
  queryOptions({
    queryKey: ['explain', ref],
    queryFn: ({ signal }) => callApi<ExplanationJson>('explain', { query: { ref }, signal }),
  })

/** Repositories whose names hold the text. */
export const repositoriesQuery = (text: string) =>
  queryOptions({
    queryKey: ['explain-repositories', text],
    queryFn: ({ signal }) =>
      callApi<{ readonly items: readonly RepositoryJson[] }>('repositories', {
        query: { q: text.slice(0, 200), limit: 10 },
        signal,
      }),
  })

export interface VisibilityQuestion {
  readonly user: string
  readonly issue: string
}

export const visibilityQuery = ({ user, issue }: VisibilityQuestion) =>
  queryOptions({
    queryKey: ['visibility', user, issue],
    queryFn: ({ signal }) => callApi<VisibilityJson>('explain/visibility', { query: { user, issue }, signal }),
    staleTime: 0,
  })
