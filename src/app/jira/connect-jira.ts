import { listProjectKeys } from '../../db/stores/projects.ts'
import { deleteSetting, saveSetting } from '../../db/stores/settings.ts'
import { ConnectorError, isConnectorError } from '../../lib/connector-error.ts'
import type { AppContext } from '../app-context.ts'
import { findDeliveryHold, holdDelivery, releaseDelivery, waitsForAnswer, wakeDelivery } from '../delivery/delivery-hold.ts'
import type { JiraConnection } from '../delivery/jira-connection.ts'
import { acceptMovedJira, ensureSameJira } from '../identity/ensure-same-jira.ts'
import { checkJira, type JiraCheckResult } from './check-jira.ts'
import { managedByFile, type NewJira } from './jira-access.ts'
import type { JiraFacts } from './jira-facts.ts'

/**
 * Connects a Jira that the connection test finds good: projects are read, and delivery begins, on whatever node. One that
 * is not the Jira that was connected before is stored, and nothing is written to it until an administrator accepts it.
 *
 * @throws ConnectorError `managed-by-file`, `token-missing`, or `connection-test-failed`; then nothing is stored
 */
export async function connectJira(app: AppContext, jira: NewJira, signal: AbortSignal): Promise<void> {
  await app.jiraAccess.refresh()
  if (app.jiraAccess.describe()?.managedBy === 'file') throw managedByFile()
  const result = await checkJira(app, jira, signal)
  refuseFailed(result)
  const now = app.clock.now().getTime()
  const facts: JiraFacts = { url: jira.url, user: result.user ?? '', version: result.version ?? '', at: now }
  await app.db.write('interactive', async (tx) => {
    await app.jiraAccess.save(tx, jira)
    await saveSetting(tx, 'jira.facts', JSON.stringify(facts))
    // Of what may be another Jira nothing is known.
    await deleteSetting(tx, 'jira.webhook-installation')
    await releaseDelivery(tx)
    for (const name of ['poll-jira', 'refresh-projects'] as const) await app.jobs.add(tx, { name, payload: {}, key: name })
    await wakeDelivery(app, tx, now)
  })
  await app.jiraAccess.refresh()
  await noticeAnother(app, signal)
}

function refuseFailed({ steps }: JiraCheckResult): void {
  const failed = steps.find(({ ok }) => !ok)
  if (failed === undefined) return
  throw new ConnectorError('connection-test-failed', {
    userMessage: `The connection test failed at the step "${failed.name}": ${failed.message}`,
    ...(failed.remedy === null ? {} : { remedy: failed.remedy }),
  })
}

/** So that it is told at once, and not with the first delivery. */
async function noticeAnother(app: AppContext, signal: AbortSignal): Promise<void> {
  const connection = app.jiraAccess.current()
  if (connection === null) return
  try {
    await ensureSameJira(app, connection, signal)
  } catch (error) {
    if (signal.aborted || !isConnectorError(error)) throw error
    await holdDelivery(app, error)
  }
}

/**
 * Takes the connected Jira for the one from before, as `doctor --accept-moved-jira` does.
 *
 * @throws ConnectorError `jira-not-connected`, and those of the Jira client
 */
export async function acceptConnectedJira(app: AppContext, signal: AbortSignal): Promise<void> {
  await app.jiraAccess.refresh()
  const connection = getConnected(app)
  await acceptMovedJira(app, connection, signal)
  await app.db.write('interactive', (tx) => app.jobs.add(tx, { name: 'refresh-projects', payload: {}, key: 'refresh-projects' }))
}

/** @throws ConnectorError `jira-not-connected` */
export function getConnected(app: AppContext): JiraConnection {
  const connection = app.jiraAccess.current()
  if (connection !== null) return connection
  throw jiraNotConnected()
}

export function jiraNotConnected(): ConnectorError {
  return new ConnectorError('jira-not-connected', {
    userMessage: 'No Jira is connected.',
    remedy: 'Connect one in the browser, or add "jira" with url and token to the configuration file.',
  })
}

/** Keys of projects that the connector's user sees. */
export async function countJiraProjects({ db }: AppContext): Promise<number> {
  return (await listProjectKeys(db.read)).length
}

/** How it stands with the connected Jira, by what delivery met last. */
export async function readJiraState(app: AppContext) {
  if (app.jiraAccess.current() === null) return { state: null, problem: null } as const
  const hold = await findDeliveryHold(app.db.read)
  if (hold === null) return { state: 'ok', problem: null } as const
  const state = waitsForAnswer(hold) ? ('moved' as const) : ('failing' as const)
  return { state, problem: hold.problem }
}
