import { queryOptions } from '@tanstack/react-query'
import type { TriggerJson, TriggerRunJson } from '../../../src/contract/trigger.ts'
import { callApi } from '../../ui/api.ts'
import { pagesQuery } from '../../ui/pages.tsx'
import type { RunFilter } from './run-filter.ts'

const SELDOM_MS = 15_000

export interface RuleList {
  readonly items: readonly TriggerJson[]
}

export const triggerPath = (id: string) => `triggers/${encodeURIComponent(id)}`

export const triggersQuery = queryOptions({
  queryKey: ['triggers'],
  queryFn: ({ signal }) => callApi<RuleList>('triggers', { signal }),
  // A failure stays in sight until somebody tries again: each new attempt would hide it.
  refetchInterval: ({ state }) => (state.data === undefined ? false : SELDOM_MS),
})

export const runsQuery = (filter: RunFilter) => pagesQuery<TriggerRunJson>('trigger-runs', { ...filter })
