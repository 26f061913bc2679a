import { queryOptions, useQuery } from '@tanstack/react-query'
import type { AccountJson } from '../../src/contract/account.ts'
import { callApi } from './api.ts'

interface AccountPage {
  readonly items: readonly Pick<AccountJson, 'id' | 'name'>[]
  readonly next: string | null
}

/** To choose from, and to say their names. */
export const accountNamesQuery = queryOptions({
  queryKey: ['account-names'],
  queryFn: async ({ signal }) => {
    const names = new Map<string, string>()
    let cursor: string | null = null
    do {
      const page: AccountPage = await callApi('accounts', { query: { limit: 200, cursor }, signal })
      for (const { id, name } of page.items) names.set(id, name)
      cursor = page.next
    } while (cursor !== null)
    return names
  },
  staleTime: 60_000,
})

/** The name of an account; its id until it is known. */
export function useAccountName(id: string): string {
  return useQuery(accountNamesQuery).data?.get(id) ?? id
}
