import { queryOptions } from '@tanstack/react-query'
import type { DeliveryDetailJson, DeliveryJson } from '../../../src/contract/delivery.ts'
import { callApi } from '../api.ts'
import { pagesQuery } from '../pages.tsx'

export interface DeliveryFilter {
  readonly direction: DeliveryJson['direction']
  readonly state?: string
  readonly repository?: string
}

export const deliveriesQuery = (filter: DeliveryFilter) => pagesQuery<DeliveryJson>('deliveries', { ...filter })

export const deliveryQuery = (id: string) =>
  queryOptions({
    queryKey: ['delivery', id],
    queryFn: ({ signal }) => callApi<DeliveryDetailJson>(`deliveries/${encodeURIComponent(id)}`, { signal }),
  })
