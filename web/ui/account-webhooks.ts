import { queryOptions } from '@tanstack/react-query'
import type { AccountWebhooksJson } from '../../src/contract/account-webhooks.ts'
import { callApi } from './api.ts'

const WHILE_ROTATING_MS = 1_500
const ELSE_MS = 15_000

/** How an account's webhooks stand. */
export const accountWebhooksQuery = (accountId: string) =>
  queryOptions({
    queryKey: ['account-webhooks', accountId],
    queryFn: ({ signal }) => callApi<AccountWebhooksJson>(`accounts/${encodeURIComponent(accountId)}/webhooks`, { signal }),
    refetchInterval: ({ state }) => (state.data?.rotation ? WHILE_ROTATING_MS : ELSE_MS),
  })
