import { useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import type { RepositoryJson } from '../../../src/contract/repository.ts'
import { callApi, type RequestOptions } from '../../ui/api.ts'
import { useNotify } from '../../ui/notify.ts'
import { repositoryPath, repositoryQuery, syncsQuery } from './queries.ts'

export interface RepositoryActions {
  readonly busy: boolean
  readonly sync: (mode: 'soft' | 'full') => Promise<void>
  readonly cancel: () => Promise<void>
  readonly change: (change: { readonly linked?: boolean; readonly smartCommits?: boolean }) => Promise<void>
}

/** What can be done with a repository. Each rejects with what the connector said. */
export function useRepositoryActions(id: string): RepositoryActions {
  const [busy, setBusy] = useState(false)
  const queryClient = useQueryClient()
  const notify = useNotify()
  const path = repositoryPath(id)
  const run = async (where: string, options: RequestOptions, done: string) => {
    setBusy(true)
    try {
      const repository = await callApi<RepositoryJson>(where, options)
      queryClient.setQueryData(repositoryQuery(id).queryKey, repository)
      notify.done(done)
    } finally {
      setBusy(false)
      await queryClient.invalidateQueries({ queryKey: syncsQuery(id).queryKey })
    }
  }
  return {
    busy,
    sync: (mode) =>
      run(`${path}/sync`, { method: 'POST', query: { mode } }, mode === 'full' ? 'Full sync is asked for' : 'Sync is asked for'),
    cancel: () => run(`${path}/sync`, { method: 'DELETE' }, 'The sync is cancelled'),
    change: (change) => run(path, { method: 'PATCH', body: change }, describeChange(change)),
  }
}

function describeChange({ linked, smartCommits }: { readonly linked?: boolean; readonly smartCommits?: boolean }): string {
  if (linked !== undefined) return linked ? 'The repository is linked' : 'The repository is not linked any more'
  return smartCommits === true ? 'Smart commits are on' : 'Smart commits are off'
}
