import Button from '@atlaskit/button/new'
import { infiniteQueryOptions, useInfiniteQuery } from '@tanstack/react-query'
import { callApi, type RequestOptions } from './api.ts'
import styles from './data-table.module.css'

interface PageOf<Item> {
  readonly items: readonly Item[]
  readonly next: string | null
}

/** A list of the API that is read page by page; `queryKey` is the path and what is asked of it. */
export function pagesQuery<Item>(path: string, query: NonNullable<RequestOptions['query']> = {}) {
  return infiniteQueryOptions({
    queryKey: [path, query],
    queryFn: ({ pageParam, signal }) =>
      callApi<PageOf<Item>>(path, { query: { limit: 20, ...query, cursor: pageParam }, signal }),
    initialPageParam: null as string | null,
    getNextPageParam: ({ next }) => next,
  })
}

/** All items that were loaded so far beside the query itself. */
export function usePages<Item>(options: ReturnType<typeof pagesQuery<Item>>) {
  const query = useInfiniteQuery(options)
  return { query, items: query.data?.pages.flatMap((page) => page.items) ?? [] }
}

export interface ShowMoreProps {
  readonly query: Pick<ReturnType<typeof useInfiniteQuery>, 'hasNextPage' | 'isFetchingNextPage' | 'fetchNextPage'>
  readonly what: string
}

/** The next page, if there is one. */
export function ShowMore({ query, what }: ShowMoreProps) {
  if (!query.hasNextPage) return null
  return (
    <div className={styles['more']}>
      <Button isLoading={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
        {`Show more ${what}`}
      </Button>
    </div>
  )
}
