import { keepPreviousData, useInfiniteQuery, useQueryClient, type InfiniteData, type QueryClient } from '@tanstack/react-query'
import { useCallback, useEffect, useMemo, useRef, useState } from 'react'
import type { AccountJson } from '../../../../src/contract/account.ts'
import type { RepositoryJson } from '../../../../src/contract/repository.ts'
import { useStream } from '../../../ui/event-stream.ts'
import { useThrottled } from '../../../ui/throttle.ts'
import { repositoriesQuery, type Page, type RepositoryList } from '../queries.ts'
import { mergeRepositories } from './merge-repositories.ts'
import { useLatest } from './use-latest.ts'

type LoadedPages = InfiniteData<Page<RepositoryJson>, string | null>

/** During an import thousands of events arrive: rows change four times a second at most. */
const FLUSH_MS = 250
/** A listing of thousands of repositories adds a hundred at a time. */
const LISTING_MS = 2_000

/** The rows that a filter finds, as many as were scrolled to, and the way to more. */
export function useRepositories(list: RepositoryList) {
  const query = useInfiniteQuery({ ...repositoriesQuery(list), placeholderData: keepPreviousData })
  const rows = useMemo(() => query.data?.pages.flatMap(({ items }) => items) ?? [], [query.data])
  return { query, rows }
}

/** Puts newer rows in the place of what is loaded of an account, under whatever filter. */
export function applyRepositories(
  queryClient: QueryClient,
  accountId: string,
  changes: ReadonlyMap<string, RepositoryJson>,
): void {
  queryClient.setQueriesData<LoadedPages>({ queryKey: ['repositories', accountId] }, (data) => {
    if (data === undefined) return data
    const pages = mergeRepositories(data.pages, changes)
    return pages === data.pages ? data : { ...data, pages: [...pages] }
  })
}

/** Looks again at what is counted, after something changed. */
export function countAgain(queryClient: QueryClient, accountId: string): void {
  void queryClient.invalidateQueries({ queryKey: ['repository-summary', accountId] })
  void queryClient.invalidateQueries({ queryKey: ['accounts'] })
  void queryClient.invalidateQueries({ queryKey: ['account', accountId] })
}

/** Keeps an account's rows current; returns what ended last, for those who listen instead of looking. */
export function useLiveRepositories(accountId: string): string {
  const queryClient = useQueryClient()
  const [announcement, setAnnouncement] = useState('')
  const waiting = useRef(new Map<string, RepositoryJson>())
  const running = useRef(new Set<string>())
  const timer = useRef<ReturnType<typeof setTimeout> | null>(null)
  const flush = useCallback(() => {
    timer.current = null
    const changes = waiting.current
    waiting.current = new Map()
    applyRepositories(queryClient, accountId, changes)
    const ended = [...changes.values()].filter((one) => noteEnd(running.current, one))
    if (ended.length === 0) return
    countAgain(queryClient, accountId)
    setAnnouncement(ended.map(describeEnd).join(' '))
  }, [queryClient, accountId])
  useStream('repository', (repository) => {
    if (repository.accountId !== accountId) return
    waiting.current.set(repository.id, repository)
    timer.current ??= setTimeout(flush, FLUSH_MS)
  })
  useEffect(
    () => () => {
      if (timer.current !== null) clearTimeout(timer.current)
      timer.current = null
    },
    [],
  )
  return announcement
}

/** Looks again at the rows when an account has got repositories or lost some, such as in its first listing. */
export function useNewRepositories({ id, repositories: { total } }: AccountJson): void {
  const queryClient = useQueryClient()
  const seen = useRef(total)
  const look = useLatest(
    useThrottled(() => {
      void queryClient.invalidateQueries({ queryKey: ['repositories', id] })
      void queryClient.invalidateQueries({ queryKey: ['repository-summary', id] })
    }, LISTING_MS),
  )
  useEffect(() => {
    if (seen.current === total) return
    seen.current = total
    look.current()
  }, [total, look])
}

/** Whether a synchronisation that was seen running is over. */
function noteEnd(running: Set<string>, { id, sync }: RepositoryJson): boolean {
  if (sync.state !== 'running') return running.delete(id)
  running.add(id)
  return false
}

function describeEnd({ name, sync }: RepositoryJson): string {
  return sync.error === null ? `${name} is synchronized.` : `The synchronization of ${name} failed.`
}
