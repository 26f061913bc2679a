import type { BulkRequest } from '../../../../src/contract/repository-bulk.ts'
import { toApiFilter, type RepositoryFilter } from './repository-filter.ts'

/** What a bulk action is for: single rows, or all that the filter finds, loaded or not. */
export type Selection = { readonly kind: 'rows'; readonly ids: ReadonlySet<string> } | { readonly kind: 'all' }

export const NOTHING: Selection = { kind: 'rows', ids: new Set() }

/** The largest number of ids that the bulk route takes. */
const MAX_IDS = 1_000

export const isSelected = (selection: Selection, id: string) => selection.kind === 'all' || selection.ids.has(id)

/** Switches one row; `loaded`: what is left of "all" when one row of it is switched off. */
export function toggleRow(selection: Selection, id: string, loaded: readonly string[]): Selection {
  const ids = new Set(selection.kind === 'all' ? loaded : selection.ids)
  if (!ids.delete(id)) ids.add(id)
  return { kind: 'rows', ids }
}

export type BulkAction = Pick<BulkRequest, 'change' | 'sync'>

/** The requests that do it: one by the filter, or as many as the ids need. */
export function toBulkRequests(
  selection: Selection,
  { accountId, filter, action }: { accountId: string; filter: RepositoryFilter; action: BulkAction },
): readonly BulkRequest[] {
  if (selection.kind === 'all') return [{ filter: toApiFilter(accountId, filter), ...action }]
  const ids = [...selection.ids]
  const requests: BulkRequest[] = []
  for (let start = 0; start < ids.length; start += MAX_IDS) {
    requests.push({ ids: ids.slice(start, start + MAX_IDS), ...action })
  }
  return requests
}
