import { queryOptions, useQuery, type QueryClient } from '@tanstack/react-query'
import type { SessionJson } from '../../src/contract/session.ts'
import { callApi, onSignedOut, rememberCsrfToken } from './api.ts'

/** Who is signed in; `ended`: not any more, which an answer told meanwhile. */
export interface Session extends SessionJson {
  readonly ended?: true
}

/** Who is signed in, if anybody is. */
export const sessionQuery = queryOptions({
  queryKey: ['session'],
  queryFn: async ({ signal, client }): Promise<Session> => {
    const session = await callApi<SessionJson>('session', { signal })
    rememberCsrfToken(session.csrfToken)
    const before = client.getQueryData<Session>(['session'])
    return session.user === null && before !== undefined && before.user !== null ? { ...before, ended: true } : session
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

/** Notes the end of the session when an answer tells of it. The page stays: what somebody typed is not lost. */
export function followSignOut(queryClient: QueryClient): void {
  onSignedOut(() => {
    queryClient.setQueryData(sessionQuery.queryKey, (session) =>
      session === undefined || session.user === null ? session : { ...session, ended: true as const },
    )
  })
}

export function useSessionEnded(): boolean {
  return useQuery(sessionQuery).data?.ended === true
}
