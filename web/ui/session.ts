import { queryOptions, useQuery } from '@tanstack/react-query'
import type { SessionJson } from '../../src/contract/session.ts'
import { callApi, rememberCsrfToken } from './api.ts'

/** Who is signed in, if anybody is. */
export const sessionQuery = queryOptions({
  queryKey: ['session'],
  queryFn: async ({ signal }) => {
    const session = await callApi<SessionJson>('session', { signal })
    rememberCsrfToken(session.csrfToken)
    return session
  },
  staleTime: 60_000,
})

/** Whether the first administrator is still to be created. */
export const setupQuery = queryOptions({
  queryKey: ['setup'],
  queryFn: ({ signal }) => callApi<{ readonly needed: boolean }>('setup', { signal }),
  staleTime: 60_000,
})

/** The person who is signed in; null before the session was read. */
export function useUser(): SessionJson['user'] {
  return useQuery(sessionQuery).data?.user ?? null
}
