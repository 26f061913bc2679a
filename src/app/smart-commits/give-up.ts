import { toProblem, type Problem } from '../../domain/problem.ts'
import type { AppContext } from '../app-context.ts'
import { isOfOneIssue } from '../delivery/delivery-round.ts'
import type { JiraConnection } from '../delivery/jira-connection.ts'
import { ensureJiraWorks } from '../identity/ensure-same-jira.ts'

/** Of one command, or of what comes before it: then it is given up, so that what waits behind it gets its turn. */
export const MOST_ATTEMPTS = 6

/**
 * Why a command that Jira fails on is given up: it was tried often enough, and Jira answers others.
 *
 * @param failure `attempts` counts this one
 * @throws `failure.error` when it is to be tried again; ConnectorError when Jira as a whole fails
 */
export async function findReasonToGiveUp(
  app: AppContext,
  failure: { readonly jira: JiraConnection; readonly attempts: number; readonly error: unknown },
  signal: AbortSignal,
): Promise<Problem> {
  const { jira, attempts, error } = failure
  if (signal.aborted || attempts < MOST_ATTEMPTS || !isOfOneIssue(error)) throw error
  await ensureJiraWorks(app, jira, signal)
  const problem = toProblem(error)
  app.log.warn({ attempts, problem: problem.code }, 'smart commit command given up: Jira fails on it alone')
  return problem
}
