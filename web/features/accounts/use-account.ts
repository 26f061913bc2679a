import { useQueryClient, type QueryClient } from '@tanstack/react-query'
import { useCallback, useEffect, useRef, useState } from 'react'
import type { AccountChange, AccountJson, AuthorizationJson, SavedAccountJson } from '../../../src/contract/account.ts'
import { ApiError, callApi } from '../../ui/api.ts'
import { useNotify } from '../../ui/notify.ts'
import { describeCounts } from './account-texts.ts'
import { judgeRefresh } from './judge-refresh.ts'
import { accountPath, accountQuery } from './queries.ts'

const LOOK_MS = 1_000
/** A listing of tens of thousands of repositories; after that the page no longer waits, and the connector goes on. */
const PATIENCE_MS = 10 * 60_000

/** Looks again at accounts, wherever they are shown. */
export function readAccountsAgain(queryClient: QueryClient, id?: string): void {
  void queryClient.invalidateQueries({ queryKey: ['accounts'] })
  if (id === undefined) return
  void queryClient.invalidateQueries({ queryKey: ['account', id] })
  void queryClient.invalidateQueries({ queryKey: ['account-webhooks', id] })
}

export type ChangeAccount = (change: AccountChange) => Promise<SavedAccountJson>

/** Changes an account; its connection is tested before anything is stored. */
export function useChangeAccount(id: string): ChangeAccount {
  const queryClient = useQueryClient()
  return useCallback(
    async (change) => {
      const saved = await callApi<SavedAccountJson>(accountPath(id), { method: 'PATCH', body: change })
      readAccountsAgain(queryClient, id)
      return saved
    },
    [queryClient, id],
  )
}

/** Lists the repositories again and tells, when that is over, what came of it. */
export function useRefresh(account: AccountJson): { readonly refresh: () => void; readonly refreshing: boolean } {
  const queryClient = useQueryClient()
  const notify = useNotify()
  const [refreshing, setRefreshing] = useState(false)
  const gone = useGone()
  const { id, name } = account
  const refresh = async () => {
    setRefreshing(true)
    try {
      const before = await callApi<AccountJson>(`${accountPath(id)}/refresh`, { method: 'POST' })
      const now = await untilRefreshed(queryClient, before, gone.current)
      if (now === null) return
      if (now.problem !== null && now.lastSync === before.lastSync) throw toError(now.problem)
      const more = now.repositories.total - before.repositories.total
      notify.done(`${name} is refreshed`, `${describeCounts(now.repositories)}.${more > 0 ? ` New: ${more}.` : ''}`)
    } catch (error) {
      if (!gone.current.aborted) notify.failed(`Error when refreshing account “${name}”`, error)
    } finally {
      readAccountsAgain(queryClient, id)
      void queryClient.invalidateQueries({ queryKey: ['repositories', id] })
      void queryClient.invalidateQueries({ queryKey: ['repository-summary', id] })
      setRefreshing(false)
    }
  }
  return { refresh: () => void refresh(), refreshing }
}

/** Null: nobody waits any more. */
async function untilRefreshed(queryClient: QueryClient, before: AccountJson, gone: AbortSignal): Promise<AccountJson | null> {
  const until = performance.now() + PATIENCE_MS
  while (!gone.aborted && performance.now() < until) {
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS))
    const now = await queryClient.fetchQuery({ ...accountQuery(before.id), staleTime: 0 })
    if (judgeRefresh(before, now) !== 'running') return now
  }
  return null
}

function toError(problem: NonNullable<AccountJson['problem']>): ApiError {
  return new ApiError(problem.message, { code: problem.code, status: 0, remedy: problem.remedy, problem: null })
}

/** Aborted when the component is. */
function useGone() {
  const gone = useRef(new AbortController().signal)
  useEffect(() => {
    const controller = new AbortController()
    gone.current = controller.signal
    return () => controller.abort()
  }, [])
  return gone
}

/** Sends the browser to the Git host, to sign an account in; it comes back to the connector. */
export function useSignIn(): (id: string) => Promise<void> {
  const notify = useNotify()
  return useCallback(
    async (id) => {
      try {
        const { authorizationUrl } = await callApi<AuthorizationJson>(`${accountPath(id)}/authorize`, { method: 'POST' })
        window.location.assign(authorizationUrl)
      } catch (error) {
        notify.failed('The sign-in could not begin', error)
      }
    },
    [notify],
  )
}
