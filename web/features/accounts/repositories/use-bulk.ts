import { useNotify } from '../../../ui/notify.ts'
import { describeResult } from './bulk-result.ts'
import type { RepositoryFilter } from './repository-filter.ts'
import { NOTHING, toBulkRequests, type BulkAction, type Selection } from './selection.ts'
import type { RepositoryActions } from './use-repository-actions.ts'

interface BulkScope {
  readonly accountId: string
  readonly filter: RepositoryFilter
  readonly selection: Selection
  readonly actions: RepositoryActions
  readonly setSelection: (selection: Selection) => void
}

/** Does something with all that is selected, and says what became of it. */
export function useBulk({ accountId, filter, selection, actions, setSelection }: BulkScope) {
  const notify = useNotify()
  const orThrow = async (action: BulkAction) => {
    const result = await actions.bulk(toBulkRequests(selection, { accountId, filter, action }))
    setSelection(NOTHING)
    if (result.failed.length === 0) notify.done('Repositories changed', describeResult(result))
    else notify.failed('Not all repositories were changed', new Error(describeResult(result)))
  }
  const withFlag = (action: BulkAction) =>
    orThrow(action).catch((error: unknown) => notify.failed('The repositories were not changed', error))
  return { orThrow, withFlag }
}
