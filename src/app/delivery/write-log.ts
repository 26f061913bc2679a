import type { IssueKey } from '../../domain/ids.ts'
import { toProblem } from '../../domain/problem.ts'
import type { JiraWrite, JiraWriteKind } from '../../db/stores/jira-writes.ts'
import type { AppContext } from '../app-context.ts'

/** What one round wrote to Jira, kept until the transaction that records the round. */
export interface WriteLog {
  /** Sends and notes what came of it; rejects as `send` does. */
  note(write: NotedWrite, send: () => Promise<number>): Promise<void>
  writes(): readonly JiraWrite[]
}

export interface NotedWrite {
  readonly issue: WrittenIssue
  readonly kind: JiraWriteKind
  /** What is sent; null: a deletion. */
  readonly content: { readonly bytes: number; readonly hash: string } | null
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
    async note({ issue, kind, content }, send) {
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
        add({ outcome: 'done', status: await send(), error: null })
      } catch (error) {
        add({ outcome: 'failed', status: null, error: toProblem(error) })
        throw error
      }
    },
    writes: () => writes,
  }
}
