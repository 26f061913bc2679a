import { useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import type { DeliveryJson } from '../../../src/contract/delivery.ts'
import { callApi } from '../api.ts'
import { useNotify } from '../notify.ts'
import { deliveryQuery } from './queries.ts'

export const replay = (id: string) => callApi<DeliveryJson>(`deliveries/${encodeURIComponent(id)}/replay`, { method: 'POST' })

/** Replays one delivery and says what came of it. */
export function useReplay(delivery: DeliveryJson): { readonly busy: boolean; readonly start: () => void } {
  const [busy, setBusy] = useState(false)
  const queryClient = useQueryClient()
  const notify = useNotify()
  const { id, direction } = delivery
  const run = async () => {
    setBusy(true)
    try {
      await replay(id)
      if (direction === 'in') notify.done(`The webhook ${id} is looked at again`)
      else
        notify.done(`${delivery.issue ?? id} is written again`, 'As it is now, not as it was then: see the newest write of it.')
    } catch (error) {
      notify.failed(`${id} was not replayed`, error)
    } finally {
      setBusy(false)
      await queryClient.invalidateQueries({ queryKey: ['deliveries'] })
      await queryClient.invalidateQueries({ queryKey: deliveryQuery(id).queryKey })
    }
  }
  return { busy, start: () => void run() }
}
