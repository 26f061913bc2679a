import { useQueryClient } from '@tanstack/react-query'
import type { AccountJson } from '../../../src/contract/account.ts'
import { useStream } from '../../ui/event-stream.ts'
import { accountQuery, accountsQuery } from './queries.ts'

/** Keeps accounts current while they are shown: state, problem, counts, how far a deletion has come. */
export function useLiveAccounts(): void {
  const queryClient = useQueryClient()
  useStream('account', (account) => {
    queryClient.setQueryData(accountsQuery.queryKey, (accounts) => accounts && replaceAccount(accounts, account))
    queryClient.setQueryData(accountQuery(account.id).queryKey, (shown) => shown && account)
  })
  useStream('account-deleted', ({ id }) => {
    queryClient.setQueryData(accountsQuery.queryKey, (accounts) => accounts?.filter((account) => account.id !== id))
    void queryClient.invalidateQueries({ queryKey: accountQuery(id).queryKey })
  })
}

function replaceAccount(accounts: readonly AccountJson[], account: AccountJson): readonly AccountJson[] {
  return accounts.map((shown) => (shown.id === account.id ? account : shown))
}
