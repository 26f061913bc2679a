import { useQueryClient } from '@tanstack/react-query'
import { useMemo } from 'react'
import type { BulkRequest, BulkResultJson } from '../../../../src/contract/repository-bulk.ts'
import type { RepositoryJson } from '../../../../src/contract/repository.ts'
import { callApi } from '../../../ui/api.ts'
import { useNotify } from '../../../ui/notify.ts'
import { addResults } from './bulk-result.ts'
import { applyRepositories, countAgain } from './use-repositories.ts'

export type SyncMode = 'soft' | 'full'

export interface RepositoryActions {
  readonly change: (repository: RepositoryJson, change: { linked?: boolean; smartCommits?: boolean }) => void
  readonly sync: (repository: RepositoryJson, mode: SyncMode) => Promise<void>
  readonly cancel: (repository: RepositoryJson) => void
  /** @throws ApiError, with the dialog or the bar that asked still open */
  readonly bulk: (requests: readonly BulkRequest[]) => Promise<BulkResultJson>
}

const path = ({ id }: RepositoryJson) => `repositories/${encodeURIComponent(id)}`

/** What people do with rows. A row shows at once what was asked for, and goes back when it was refused. */
export function useRepositoryActions(accountId: string): RepositoryActions {
  const queryClient = useQueryClient()
  const notify = useNotify()
  return useMemo(() => {
    const show = (repository: RepositoryJson) => applyRepositories(queryClient, accountId, new Map([[repository.id, repository]]))
    const attempt = async (before: RepositoryJson, title: string, call: () => Promise<RepositoryJson>) => {
      try {
        show(await call())
        countAgain(queryClient, accountId)
      } catch (error) {
        show(before)
        notify.failed(title, error)
      }
    }
    return {
      change(repository, change) {
        show({ ...repository, ...change })
        void attempt(repository, `${repository.name} was not changed`, () =>
          callApi(path(repository), { method: 'PATCH', body: change }),
        )
      },
      async sync(repository, mode) {
        show({ ...repository, sync: { ...repository.sync, state: 'queued', mode } })
        await attempt(repository, `${repository.name} is not being synchronized`, () =>
          callApi(`${path(repository)}/sync`, { method: 'POST', query: { mode } }),
        )
      },
      cancel(repository) {
        void attempt(repository, 'The synchronization was not cancelled', () =>
          callApi(`${path(repository)}/sync`, { method: 'DELETE' }),
        )
      },
      async bulk(requests) {
        const results: BulkResultJson[] = []
        try {
          for (const body of requests) results.push(await callApi<BulkResultJson>('repositories/bulk', { method: 'POST', body }))
        } finally {
          // Also what went through before a later request failed.
          void queryClient.invalidateQueries({ queryKey: ['repositories', accountId] })
          countAgain(queryClient, accountId)
        }
        return addResults(results)
      },
    }
  }, [queryClient, notify, accountId])
}
