import type { JiraConnectionStep, JiraPermissionFinding } from '../../jira/connection-check.ts'
import type { JiraAuth } from '../../jira/jira-transport.ts'
import { isConnectorError } from '../../lib/connector-error.ts'
import type { AppContext } from '../app-context.ts'

export interface JiraCheck {
  /** Without a slash at its end. */
  readonly url: string
  /** null: the stored ones. */
  readonly auth: JiraAuth | null
  readonly delivery: readonly ('property' | 'link')[]
}

export interface JiraCheckResult {
  readonly ok: boolean
  readonly steps: readonly JiraConnectionStep[]
  readonly user: string | null
  readonly version: string | null
  readonly permissions: readonly JiraPermissionFinding[]
}

/**
 * Tests a connection to Jira step by step, and stores nothing.
 *
 * @throws ConnectorError `token-missing`
 */
export async function checkJira(app: AppContext, check: JiraCheck, signal: AbortSignal): Promise<JiraCheckResult> {
  const steps = await test(app, check, signal)
  const found = (name: JiraConnectionStep['name']) => steps.find((step) => step.name === name)?.value ?? null
  return {
    ok: steps.every(({ ok }) => ok),
    steps,
    user: found('token'),
    version: found('version'),
    permissions: withoutRepetitions(steps.flatMap(({ permissions = [] }) => permissions)),
  }
}

async function test(app: AppContext, { url, auth, delivery }: JiraCheck, signal: AbortSignal) {
  const client = app.jiraAccess.probe(url, auth)
  try {
    return await client.checkConnection(signal, { remoteLinks: delivery.includes('link') })
  } catch (error) {
    if (signal.aborted || !isConnectorError(error)) throw error
    const { userMessage: message, remedy, code } = error
    return [{ name: 'reachable', ok: false, message, remedy, code } satisfies JiraConnectionStep]
  }
}

/** Global ones come with every project. */
function withoutRepetitions(permissions: readonly JiraPermissionFinding[]): readonly JiraPermissionFinding[] {
  return [...new Map(permissions.map((one) => [`${one.project ?? ''} ${one.name}`, one])).values()]
}
