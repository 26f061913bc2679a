import { listUnknownIssues, retryIssues, retryUnknownIssues } from '../../db/stores/issues.ts'
import { postponeChecks, retryRefusedIssues } from '../../db/stores/issue-rechecks.ts'
import { replaceProjects } from '../../db/stores/projects.ts'
import { ConnectorError } from '../../lib/connector-error.ts'
import type { AppContext } from '../app-context.ts'
import { findDeliveryHold, releaseDelivery, waitsForAnswer, wakeDelivery } from './delivery-hold.ts'
import { renewJiraFacts } from '../jira/jira-facts.ts'
import { wakeTriggers } from '../triggers/wake-triggers.ts'
import { applyDeliverySettings } from './delivery-settings.ts'
import type { JiraConnection } from './jira-connection.ts'
import { FIRST_CHECK_MS, LONGEST_CHECK_MS } from './recheck-times.ts'

const REFRESH_INTERVAL_MS = 5 * 60_000
/** Unknown issues asked for again at each refresh: three requests. */
const UNKNOWN_CHECKS = 300
/** Refused issues tried again at each refresh; the first that Jira takes brings all of its project. */
const REFUSED_CHECKS = 100

/**
 * Reads Jira's projects, which decide what is an issue key; a project that is new gets its history, which was stored all
 * the while. Then asks again for the newest issues that Jira did not know (a commit may come before its issue), tries
 * refused ones again, and compares everything when the settings of delivery changed.
 *
 * @throws ConnectorError of the Jira client; the projects known before stay
 */
export async function refreshProjects(app: AppContext, signal: AbortSignal): Promise<void> {
  const { jira } = app
  if (jira === null) return
  await readProjects(app, jira, signal)
  const now = app.clock.now().getTime()
  await applyDeliverySettings(app, jira)
  await renewJiraFacts(app, jira.client, signal)
  await checkUnknownIssues(app, { jira, now }, signal)
  await app.db.write('interactive', async (tx) => {
    await retryRefusedIssues(tx, { now, limit: REFUSED_CHECKS })
    // Jira answers, so delivery need not wait for its time; for another Jira it waits until a person has spoken.
    const hold = await findDeliveryHold(tx)
    if (hold !== null && !waitsForAnswer(hold)) await releaseDelivery(tx)
    await app.jobs.add(tx, { name: 'deliver', payload: {}, key: 'deliver' })
    await app.jobs.add(tx, {
      name: 'refresh-projects',
      payload: {},
      key: 'refresh-projects',
      runAt: new Date(now + REFRESH_INTERVAL_MS),
    })
    // What happened while no Jira was connected, or Jira was away.
    await wakeTriggers(app, tx)
  })
}

/**
 * Reads Jira's projects alone, and lets what names new ones be looked at again.
 *
 * @throws ConnectorError of the Jira client; `jira-no-projects`; the projects known before stay
 */
export async function readProjects(app: AppContext, jira: JiraConnection, signal: AbortSignal): Promise<void> {
  const projects = await jira.client.listProjects(signal)
  if (projects.length === 0) {
    throw new ConnectorError('jira-no-projects', {
      userMessage: "Jira shows the connector's user no project at all.",
      remedy: 'Give that user the permission Browse Projects in the projects whose issues shall show development information.',
      retryable: true,
    })
  }
  const now = app.clock.now().getTime()
  const added = await app.db.write('interactive', async (tx) => {
    const keys = await replaceProjects(tx, projects)
    await retryUnknownIssues(tx, keys, now)
    if (keys.length > 0 && app.settings.deliver) await wakeDelivery(app, tx, now)
    return keys
  })
  if (added.length > 0) app.log.info({ projects: added.length }, 'new Jira projects')
}

async function checkUnknownIssues(
  app: AppContext,
  { jira, now }: { jira: JiraConnection; now: number },
  signal: AbortSignal,
): Promise<void> {
  const unknown = await listUnknownIssues(app.db.read, { now, limit: UNKNOWN_CHECKS })
  if (unknown.length === 0) return
  const found = await jira.client.findIssues(unknown, signal, { searchOnly: true })
  await app.db.write('interactive', async (tx) => {
    await retryIssues(
      tx,
      unknown.filter((key) => found.has(key)),
      now,
    )
    await postponeChecks(
      tx,
      unknown.filter((key) => !found.has(key)),
      { now, baseMs: FIRST_CHECK_MS, maxMs: LONGEST_CHECK_MS },
    )
  })
}
