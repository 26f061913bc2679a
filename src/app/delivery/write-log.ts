import type { IssueKey } from '../../domain/ids.ts'
import { toProblem, type Problem } from '../../domain/problem.ts'
import type { JiraWrite, JiraWriteKind } from '../../db/stores/jira-writes.ts'
import type { AppContext } from '../app-context.ts'

/** What one round wrote to Jira, kept until the transaction that records the round. */
export interface WriteLog {
  /** Sends and notes what came of it; gives what `send` gives, and rejects as it does. */
  note<Answer extends { readonly status: number }>(write: NotedWrite, send: () => Promise<Answer>): Promise<Answer>
  writes(): readonly JiraWrite[]
}

export interface NotedWrite {
  readonly issue: Pick<JiraWrite, 'key' | 'jiraId' | 'syncId'>
  readonly kind: JiraWriteKind
  /** What is sent; null: nothing, such as by a deletion. */
  readonly content: { readonly bytes: number; readonly hash: string | null } | null
  /** What is stored of a failure; default: as it is shown elsewhere. */
  readonly describe?: (error: unknown) => Problem
}

export interface WrittenIssue {
  readonly key: IssueKey
  readonly jiraId: string
  /** The synchronisation whose change is sent; null: none, it is compared again or replayed. */
  readonly syncId: number | null
}

/** Holds a round's writes, a hundred issues with at most two each. */
export function createWriteLog({ clock, metrics }: Pick<AppContext, 'clock' | 'metrics'>): WriteLog {
  const writes: JiraWrite[] = []
  return {
    async note({ issue, kind, content, describe = toProblem }, send) {
      const begun = { at: clock.now().getTime(), ms: clock.monotonicMs() }
      const add = (result: Pick<JiraWrite, 'outcome' | 'status' | 'error'>) => {
        metrics.jiraWritten(kind, result.outcome)
        writes.push({
          ...issue,
          kind,
          writtenAt: begun.at,
          ms: clock.monotonicMs() - begun.ms,
          bytes: content?.bytes ?? null,
          contentHash: content?.hash ?? null,
          ...result,
        })
      }
      try {
        const answer = await send()
        add({ outcome: 'done', status: answer.status, error: null })
        return answer
      } catch (error) {
        add({ outcome: 'failed', status: null, error: describe(error) })
        throw error
      }
    },
    writes: () => writes,
  }
}
