import { ConnectorError } from '../../lib/connector-error.ts'
import type { AppContext } from '../app-context.ts'

/** For this long Jira's answer counts, whichever it was. */
const KEPT_MS = 60_000
const MAX_KEPT = 10_000
const TIMEOUT_MS = 15_000

export interface JiraUser {
  /** Jira's own key of them. */
  readonly userKey: string
  readonly name: string
}

/** Which issues' development information people of Jira may see: what Jira says, not older than a minute. */
export interface ViewPermission {
  /**
   * False: Jira has no such issue, or they may not see it: which of them is not told.
   *
   * @param issue key or numeric id
   * @throws ConnectorError `view-permission-unknown` when Jira could not be asked: then nobody sees anything
   */
  mayViewDevelopment(user: JiraUser, issue: string, signal: AbortSignal): Promise<boolean>
}

export function createViewPermission(app: Pick<AppContext, 'jira' | 'clock' | 'log'>): ViewPermission {
  const known = new Map<string, { readonly may: boolean; readonly untilMs: number }>()
  return {
    async mayViewDevelopment(user, issue, signal) {
      const key = JSON.stringify([user.userKey, user.name, issue])
      const nowMs = app.clock.monotonicMs()
      const before = known.get(key)
      if (before !== undefined && before.untilMs > nowMs) return before.may
      const may = await ask(app, { user, issue }, signal)
      known.delete(key)
      known.set(key, { may, untilMs: nowMs + KEPT_MS })
      // The first key is the oldest one.
      if (known.size > MAX_KEPT) for (const oldest of known.keys().take(1)) known.delete(oldest)
      return may
    },
  }
}

async function ask(
  { jira, log }: Pick<AppContext, 'jira' | 'log'>,
  { user, issue }: { readonly user: JiraUser; readonly issue: string },
  signal: AbortSignal,
): Promise<boolean> {
  if (jira === null) throw unknown('No Jira is connected any more.', null)
  try {
    return await jira.client.maySeeDevelopment(user, issue, AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]))
  } catch (cause) {
    log.warn({ cause }, 'jira could not be asked who may see an issue')
    throw unknown('Jira could not be asked whether you may see this issue.', cause)
  }
}

function unknown(userMessage: string, cause: unknown): ConnectorError {
  return new ConnectorError('view-permission-unknown', {
    userMessage,
    remedy:
      "Try again in a minute. If it stays: Jira must work, and the connector's user there must administer Jira or the project, " +
      'else Jira does not tell it who may see what.',
    retryable: true,
    cause,
  })
}
