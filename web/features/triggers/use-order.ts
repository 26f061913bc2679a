import { useMutation, useQueryClient } from '@tanstack/react-query'
import { callApi } from '../../ui/api.ts'
import { useNotify } from '../../ui/notify.ts'
import { triggersQuery, type RuleList } from './queries.ts'

/** Saves an order of rules; it is shown at once, and the stored one again if that fails. */
export function useOrder() {
  const queryClient = useQueryClient()
  const notify = useNotify()
  return useMutation({
    // One after the other: the last one pressed is the one that stays.
    scope: { id: 'trigger-order' },
    mutationFn: (ids: readonly string[]) => callApi<RuleList>('triggers', { method: 'PUT', body: { ids } }),
    async onMutate(ids) {
      await queryClient.cancelQueries(triggersQuery)
      queryClient.setQueryData(triggersQuery.queryKey, (list) =>
        list === undefined ? list : { items: list.items.toSorted((a, b) => ids.indexOf(a.id) - ids.indexOf(b.id)) },
      )
    },
    onError: (error) => notify.failed('The order was not saved', error),
    async onSettled() {
      if (queryClient.isMutating({ predicate: ({ options }) => options.scope?.id === 'trigger-order' }) > 1) return
      await queryClient.invalidateQueries(triggersQuery)
    },
  })
}
