import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query'
import type { AccountJson, DeletionPreviewJson } from '../../../src/contract/account.ts'
import type { DriftJson } from '../../../src/contract/drift.ts'
import type { BuiltInConnectorJson } from '../../../src/contract/jira-connection.ts'
import type { RepositorySummaryJson } from '../../../src/contract/repository-bulk.ts'
import type { RepositoryJson, SyncEntryJson } from '../../../src/contract/repository.ts'
import { callApi } from '../../ui/api.ts'
import { toApiFilter, type RepositoryFilter } from './repositories/repository-filter.ts'

export interface Page<Item> {
  readonly items: readonly Item[]
  readonly next: string | null
}

/** Entries of a page: the API's largest. */
const PAGE_SIZE = 200
const OFTEN_MS = 1_500
const SELDOM_MS = 15_000

export const accountPath = (id: string) => `accounts/${encodeURIComponent(id)}`

/** All accounts: a company has tens of them, not thousands. */
export const accountsQuery = queryOptions({
  queryKey: ['accounts'],
  queryFn: ({ signal }) => readAllAccounts(signal),
  refetchInterval: ({ state }) => (state.data?.some(isDeleting) === true ? OFTEN_MS : SELDOM_MS),
})

export function accountQuery(id: string) {
  return queryOptions({
    queryKey: ['account', id],
    queryFn: ({ signal }) => callApi<AccountJson>(accountPath(id), { signal }),
    refetchInterval: ({ state }) => (state.data !== undefined && isDeleting(state.data) ? OFTEN_MS : SELDOM_MS),
  })
}

async function readAllAccounts(signal: AbortSignal): Promise<readonly AccountJson[]> {
  const accounts: AccountJson[] = []
  let cursor: string | null = null
  do {
    const page: Page<AccountJson> = await callApi('accounts', { query: { limit: PAGE_SIZE, cursor }, signal })
    accounts.push(...page.items)
    cursor = page.next
  } while (cursor !== null)
  return accounts.toSorted((a, b) => a.name.localeCompare(b.name, undefined, { sensitivity: 'base' }))
}

const isDeleting = ({ state }: AccountJson) => state === 'deleting'

export interface RepositoryList {
  readonly accountId: string
  readonly filter: RepositoryFilter
}

/** Loaded as somebody scrolls; kept current by the stream of events, not by asking for thousands of rows again. */
export function repositoriesQuery({ accountId, filter }: RepositoryList) {
  return infiniteQueryOptions({
    queryKey: ['repositories', accountId, filter],
    queryFn: ({ pageParam, signal }) =>
      callApi<Page<RepositoryJson>>('repositories', {
        query: { ...toApiFilter(accountId, filter), sort: 'name', limit: PAGE_SIZE, cursor: pageParam },
        signal,
      }),
    initialPageParam: null as string | null,
    getNextPageParam: ({ next }) => next,
    staleTime: 60_000,
    gcTime: 30_000,
    refetchOnWindowFocus: false,
  })
}

/** How many repositories there are in each state, of those whose name holds the text. */
export function summaryQuery(accountId: string, text: string) {
  return queryOptions({
    queryKey: ['repository-summary', accountId, text],
    queryFn: ({ signal }) =>
      callApi<RepositorySummaryJson>('repositories/summary', { query: { account: accountId, q: text }, signal }),
    refetchInterval: SELDOM_MS,
  })
}

/** What a repository's synchronisations took before, to tell how long this one may take. */
export function lastSyncsQuery(repositoryId: string) {
  return queryOptions({
    queryKey: ['last-syncs', repositoryId],
    queryFn: ({ signal }) =>
      callApi<Page<SyncEntryJson>>(`repositories/${encodeURIComponent(repositoryId)}/syncs`, { query: { limit: 20 }, signal }),
    staleTime: 60_000,
  })
}

export function driftQuery(accountId: string) {
  return queryOptions({
    queryKey: ['account-drift', accountId],
    queryFn: ({ signal }) => callApi<DriftJson>(`${accountPath(accountId)}/drift`, { query: { limit: 24 }, signal }),
  })
}

export function deletionQuery(accountId: string) {
  return queryOptions({
    queryKey: ['account-deletion', accountId],
    queryFn: ({ signal }) => callApi<DeletionPreviewJson>(`${accountPath(accountId)}/deletion-preview`, { signal }),
    staleTime: 0,
  })
}

export const builtInConnectorQuery = queryOptions({
  queryKey: ['built-in-connector'],
  queryFn: ({ signal }) => callApi<BuiltInConnectorJson>('jira/built-in-connector', { signal }),
  staleTime: 60_000,
})
