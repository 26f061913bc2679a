import type { DueIssue } from '../../db/stores/issues.ts'
import { isConnectorError } from '../../lib/connector-error.ts'

/** Failures after each other, with nothing in between that Jira took, after which Jira as a whole is given time. */
const FAILURES_IN_A_ROW = 8

/** What may pass, and may concern one issue alone: Jira answers 500 for an issue whose data it cannot read. */
const PASSING_CODES: ReadonlySet<string> = new Set([
  'jira-unavailable',
  'jira-unexpected-answer',
  'jira-index-behind',
  'request-timeout',
  'response-cut',
  'response-too-large',
  'connection-failed',
])

export interface FailedIssue {
  readonly due: readonly DueIssue[]
  readonly error: unknown
}

/**
 * Tells a failure of one issue from a failure of Jira. States: going on → over, which no answer takes back.
 * A failure that cannot concern one issue alone, or several in a row, end the round; requests under way are awaited.
 */
export interface DeliveryRound {
  /** Nothing more is to be begun. */
  isOver(): boolean
  /** Jira took, or refused, something. */
  noteAnswer(): void
  noteFailure(due: readonly DueIssue[], error: unknown): void
  /** Of one issue each. */
  failed(): readonly FailedIssue[]
  answered(): boolean
  /** Why it is over; null: it is not. */
  reason(): { readonly error: unknown } | null
}

export function createDeliveryRound(signal: AbortSignal): DeliveryRound {
  const failed: FailedIssue[] = []
  let answered = false
  let inARow = 0
  let reason: { readonly error: unknown } | null = null
  return {
    isOver: () => reason !== null || signal.aborted,
    noteAnswer() {
      answered = true
      inARow = 0
    },
    noteFailure(due, error) {
      // An interrupted request says nothing about Jira.
      if (signal.aborted) return
      if (!isOfOneIssue(error)) {
        reason ??= { error }
        return
      }
      failed.push({ due, error })
      inARow += 1
      if (inARow >= FAILURES_IN_A_ROW) reason ??= { error }
    },
    failed: () => failed,
    answered: () => answered,
    reason: () => reason,
  }
}

/** Whether the failure may concern this one issue alone and may pass. */
export function isOfOneIssue(error: unknown): boolean {
  if (!isConnectorError(error)) return false
  return PASSING_CODES.has(error.code) || (error.code === 'jira-refused' && error.retryable)
}
