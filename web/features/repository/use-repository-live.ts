import { useQueryClient, type UseQueryResult } from '@tanstack/react-query'
import { useState } from 'react'
import type { RepositoryJson } from '../../../src/contract/repository.ts'
import { useStream } from '../../ui/event-stream.ts'
import { useThrottled } from '../../ui/throttle.ts'
import { followSync, type FollowedSync } from './follow-sync.ts'
import { repositoryQuery, syncsQuery } from './queries.ts'

const REFRESH_MS = 2_000

/** Keeps the page of a repository current, and remembers what its synchronisation did while somebody looked. */
export function useRepositoryLive(
  query: Pick<UseQueryResult<RepositoryJson>, 'data' | 'dataUpdatedAt'>,
  id: string,
): FollowedSync | null {
  const [last, setLast] = useState<{ data: RepositoryJson | null; followed: FollowedSync | null }>({ data: null, followed: null })
  const queryClient = useQueryClient()
  const refreshLists = useThrottled(() => {
    void queryClient.invalidateQueries({ queryKey: syncsQuery(id).queryKey })
    void queryClient.invalidateQueries({ queryKey: ['deliveries'] })
  }, REFRESH_MS)
  useStream('repository', (event) => {
    if (event.id !== id) return
    queryClient.setQueryData(repositoryQuery(id).queryKey, event)
    refreshLists()
  })
  useStream('delivery', (event) => {
    if (event.direction === 'in' && event.repositoryId === id) refreshLists()
  })
  // What a run did is remembered as it is told; the time of the answer counts.
  const { data, dataUpdatedAt } = query
  if (data !== undefined && data !== last.data) {
    const before = last.data?.id === data.id ? last.followed : null
    setLast({ data, followed: data.sync.state === 'idle' ? null : followSync(before, data, dataUpdatedAt) })
  }
  return last.followed
}
