import type { BulkRequest, RepositorySummaryJson } from '../../../../src/contract/repository-bulk.ts'

export type StateFilter = 'all' | 'linked' | 'unlinked' | 'failing' | 'running' | 'queued' | 'retrying' | 'paused'

export interface RepositoryFilter {
  readonly text: string
  readonly state: StateFilter
}

export const NO_FILTER: RepositoryFilter = { text: '', state: 'all' }

export const STATE_FILTERS: readonly { readonly value: StateFilter; readonly label: string }[] = [
  { value: 'all', label: 'All' },
  { value: 'linked', label: 'Linked' },
  { value: 'unlinked', label: 'Not linked' },
  { value: 'failing', label: 'Failing' },
  { value: 'running', label: 'Syncing' },
  { value: 'queued', label: 'Queued' },
  { value: 'retrying', label: 'Waiting to retry' },
  { value: 'paused', label: 'Paused' },
]

type ApiFilter = NonNullable<BulkRequest['filter']>

/** As the API's lists and its bulk route take it. */
export function toApiFilter(accountId: string, { text, state }: RepositoryFilter): ApiFilter {
  const base = { account: accountId, ...(text === '' ? {} : { q: text }) }
  switch (state) {
    case 'all':
      return base
    case 'linked':
      return { ...base, linked: 'true' }
    case 'unlinked':
      return { ...base, linked: 'false' }
    case 'failing':
    case 'running':
    case 'queued':
    case 'retrying':
    case 'paused':
      return { ...base, state }
  }
}

/** How many repositories a filter shows, by the counts of all that its text finds. */
export function countOf(state: StateFilter, summary: RepositorySummaryJson): number {
  switch (state) {
    case 'all':
      return summary.total
    case 'linked':
      return summary.linked
    case 'unlinked':
      return summary.unlinked
    case 'failing':
    case 'running':
    case 'queued':
    case 'retrying':
    case 'paused':
      return summary.states[state]
  }
}
