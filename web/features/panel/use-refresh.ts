import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useNotify } from '../../ui/notify.ts'
import { developmentQuery, issueKeyOf, refreshIssue } from './queries.ts'

const ASK_EVERY_MS = 1_000
const PATIENCE_MS = 60_000

export interface Refresh {
  readonly busy: boolean
  readonly start: () => void
}

/** Lets the connector look again at the issue's repositories, and follows until what is shown is newer. */
export function useRefresh(issue: string): Refresh {
  const queryClient = useQueryClient()
  const notify = useNotify()
  const question = developmentQuery({ issue, withHidden: false })
  const { mutate, isPending } = useMutation({
    mutationFn: async () => {
      const before = queryClient.getQueryData(question.queryKey)?.asOf
      const { repositories } = await refreshIssue(issue)
      const deadline = performance.now() + PATIENCE_MS
      for (;;) {
        const { asOf } = await queryClient.fetchQuery({ ...question, staleTime: 0 })
        if (before === undefined || asOf > before) return { repositories, newer: true }
        if (performance.now() > deadline) return { repositories, newer: false }
        await new Promise((resolve) => setTimeout(resolve, ASK_EVERY_MS))
      }
    },
    onSuccess: ({ repositories, newer }) => {
      void queryClient.invalidateQueries(issueKeyOf(issue))
      if (repositories === 0) {
        notify.done(`No repository has anything of ${issue} yet`, 'Write its key in a branch, a commit or a merge request.')
      } else if (newer) notify.done(`${issue} is up to date`)
      else notify.done('The connector is still looking', 'What it finds appears here by itself.')
    },
    onError: (error) => notify.failed(`${issue} was not refreshed`, error),
  })
  return { busy: isPending, start: () => mutate() }
}
