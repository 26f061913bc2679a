import { toProblem, type Problem } from '../../domain/problem.ts'
import { isConnectorError } from '../../lib/connector-error.ts'
import type { AppContext } from '../app-context.ts'

/** Somebody waits before a screen. */
const TIMEOUT_MS = 15_000

export type JiraSaid<Answer> = { readonly answer: Answer } | { readonly problem: Problem }

/** Asks Jira one thing; that it could not be asked is an answer too. */
export async function askJira<Answer>(
  { log }: Pick<AppContext, 'log'>,
  ask: (signal: AbortSignal) => Promise<Answer>,
  closing: AbortSignal,
): Promise<JiraSaid<Answer>> {
  const timeout = AbortSignal.timeout(TIMEOUT_MS)
  try {
    return { answer: await ask(AbortSignal.any([closing, timeout])) }
  } catch (error) {
    if (closing.aborted) throw error
    if (isConnectorError(error)) return { problem: toProblem(error) }
    if (timeout.aborted) {
      const message = `Jira did not answer within ${TIMEOUT_MS / 1_000} seconds.`
      return { problem: { code: 'jira-unavailable', message, remedy: 'Look whether Jira is busy, then ask again.' } }
    }
    log.error({ error }, 'asking jira failed in an unexpected way')
    return { problem: toProblem(error) }
  }
}
