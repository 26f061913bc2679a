import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query'
import type { z } from 'zod'
import type { DevelopmentJson } from '../../../src/contract/development.ts'
import type { commitFilesSchema, createBranchSchema, ManualLinkJson } from '../../../src/contract/panel.ts'
import type { RepositoryJson } from '../../../src/contract/repository.ts'
import { callApi } from '../../ui/api.ts'
import type { Entry, Kind } from './development.ts'

/** A page that nobody looks at does not ask. */
const RENEW_EVERY_MS = 10_000
const PAGE_SIZE = 200

export type CommitFilesJson = z.infer<typeof commitFilesSchema>
type CreateBranchJson = z.infer<typeof createBranchSchema>

const pathOf = (issue: string) => `issues/${encodeURIComponent(issue)}`
const rootOf = (issue: string) => ['issues', issue] as const

export interface DevelopmentQuestion {
  readonly issue: string
  /** Also what is hidden by rule. */
  readonly withHidden: boolean
}

const queryOf = ({ withHidden }: DevelopmentQuestion) => (withHidden ? { hidden: 'show' } : {})

/** All that an issue has: the newest hundred of each kind. */
export const developmentQuery = (question: DevelopmentQuestion) =>
  queryOptions({
    queryKey: [...rootOf(question.issue), 'development', question.withHidden],
    queryFn: ({ signal }) =>
      callApi<DevelopmentJson>(`${pathOf(question.issue)}/development`, { query: queryOf(question), signal }),
    refetchInterval: RENEW_EVERY_MS,
  })

interface EntryPage<K extends Kind> {
  readonly items: readonly Entry<K>[]
  readonly next: string | null
}

/** All of one kind, page after page. */
export const entriesQuery = <K extends Kind>(question: DevelopmentQuestion, kind: K) =>
  infiniteQueryOptions({
    queryKey: [...rootOf(question.issue), 'entries', kind, question.withHidden],
    queryFn: ({ signal, pageParam }) =>
      callApi<EntryPage<K>>(`${pathOf(question.issue)}/development`, {
        query: { ...queryOf(question), kind, limit: PAGE_SIZE, cursor: pageParam },
        signal,
      }),
    initialPageParam: null as string | null,
    getNextPageParam: ({ next }) => next,
  })

/** A commit never changes: what it changed is asked for once. A change at the connector, which loads them from the host. */
export const commitFilesQuery = (issue: string, { id, repository }: Pick<Entry<'commits'>, 'id' | 'repository'>) =>
  queryOptions({
    queryKey: [...rootOf(issue), 'files', repository.id, id],
    queryFn: ({ signal }) =>
      callApi<CommitFilesJson>(`${pathOf(issue)}/commits/${encodeURIComponent(id)}/files`, {
        method: 'POST',
        query: { repository: repository.id },
        signal,
      }),
    staleTime: Infinity,
  })

export const createBranchQuery = (issue: string) =>
  queryOptions({
    queryKey: [...rootOf(issue), 'create-branch'],
    queryFn: ({ signal }) => callApi<CreateBranchJson>(`${pathOf(issue)}/create-branch`, { signal }),
    staleTime: 60_000,
  })

interface ManualLinkPage {
  readonly items: readonly ManualLinkJson[]
  readonly next: string | null
}

/** For administrators. */
export const manualLinksQuery = (issue: string) =>
  infiniteQueryOptions({
    queryKey: [...rootOf(issue), 'links'],
    queryFn: ({ signal, pageParam }) =>
      callApi<ManualLinkPage>(`${pathOf(issue)}/links`, { query: { cursor: pageParam }, signal }),
    initialPageParam: null as string | null,
    getNextPageParam: ({ next }) => next,
  })

/** Linked repositories with that in their names, for administrators. */
export const repositoriesQuery = (text: string) =>
  queryOptions({
    queryKey: ['repositories', 'to-link', text],
    queryFn: ({ signal }) =>
      callApi<{ readonly items: readonly RepositoryJson[] }>('repositories', {
        query: { q: text, linked: true, limit: 20 },
        signal,
      }),
  })

export interface NewManualLink {
  readonly action: ManualLinkJson['action']
  readonly kind: ManualLinkJson['kind']
  readonly repositoryId: string
  readonly id: string
  readonly reason: string
}

export function addManualLink(issue: string, link: NewManualLink): Promise<unknown> {
  return callApi(`${pathOf(issue)}/links`, { method: 'POST', body: link })
}

export function takeBackManualLink(issue: string, linkId: string): Promise<unknown> {
  return callApi(`${pathOf(issue)}/links/${encodeURIComponent(linkId)}`, { method: 'DELETE' })
}

export function refreshIssue(issue: string): Promise<{ readonly repositories: number }> {
  return callApi(`${pathOf(issue)}/refresh`, { method: 'POST' })
}

/** Everything that is remembered of an issue. */
export const issueKeyOf = (issue: string) => ({ queryKey: rootOf(issue) })
