import { useQueryClient } from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import type { RepositoryJson } from '../../../src/contract/repository.ts'
import { useStream } from '../../ui/event-stream.ts'
import { useThrottled } from '../../ui/throttle.ts'
import { followSync, type FollowedSync } from './follow-sync.ts'
import { repositoryQuery, syncsQuery } from './queries.ts'

const REFRESH_MS = 2_000

/** Keeps the page of a repository current, and remembers what its synchronisation did while somebody looked. */
export function useRepositoryLive(repository: RepositoryJson | undefined, id: string): FollowedSync | null {
  const [followed, setFollowed] = useState<FollowedSync | null>(null)
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
  useEffect(() => {
    if (repository === undefined) return
    const busy = repository.sync.state !== 'idle'
    setFollowed((before) => (busy ? followSync(before, repository, Date.now()) : null))
  }, [repository])
  return followed
}
