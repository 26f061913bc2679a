import { compareJiraIdentity, type JiraIdentity } from '../../jira/jira-identity.ts'
import { forgetJira } from '../../db/stores/issue-rechecks.ts'
import { deleteSetting, findSetting, saveSetting } from '../../db/stores/settings.ts'
import { ConnectorError } from '../../lib/connector-error.ts'
import type { AppContext } from '../app-context.ts'
import { releaseDelivery, wakeDelivery } from '../delivery/delivery-hold.ts'
import type { JiraConnection } from '../delivery/jira-connection.ts'
import { checkConnectorMark, renewConnectorMark } from './connector-marks.ts'

/** For this long after a check the answer counts: Jira is not asked again with every delivery. */
const TRUSTED_FOR_MS = 10 * 60_000

/**
 * Makes sure that this is the Jira that was connected, and that no copy of this connector writes to it: a copy of Jira for tests, or
 * a copied connector, must not write. The first Jira met is remembered.
 *
 * @throws ConnectorError `jira-not-the-same`, `connector-copied`, and those of the Jira client
 */
export async function ensureSameJira(app: AppContext, jira: JiraConnection, signal: AbortSignal): Promise<void> {
  const now = app.clock.monotonicMs()
  if (now < jira.identityCheck.trustedUntilMs) return
  await compareIdentity(app, jira, signal)
  await renewConnectorMark(app, jira, signal)
  jira.identityCheck.trustedUntilMs = now + TRUSTED_FOR_MS
}

/**
 * Asks Jira now, whatever it answered a moment ago: what failed before may be Jira as a whole, or one issue alone.
 *
 * @throws ConnectorError Jira as a whole fails, or is another one
 */
export async function ensureJiraWorks(app: AppContext, jira: JiraConnection, signal: AbortSignal): Promise<void> {
  try {
    await compareIdentity(app, jira, signal)
  } catch (error) {
    jira.identityCheck.trustedUntilMs = Number.NEGATIVE_INFINITY
    throw error
  }
}

/**
 * The same as `ensureSameJira`, now, for a diagnosis: it leaves no mark, so that looking at a copy does not stop the original.
 *
 * @throws ConnectorError as `ensureSameJira`
 */
export async function checkSameJira(app: AppContext, jira: JiraConnection, signal: AbortSignal): Promise<void> {
  await compareIdentity(app, jira, signal)
  await checkConnectorMark(app, jira, signal)
}

async function compareIdentity(app: AppContext, jira: JiraConnection, signal: AbortSignal): Promise<void> {
  const current = await jira.client.getIdentity(signal)
  const stored = await findSetting(app.db.read, 'jira.identity')
  if (stored === null) {
    await app.db.write('interactive', (tx) => saveSetting(tx, 'jira.identity', JSON.stringify(current)))
    return
  }
  const before = JSON.parse(stored) as JiraIdentity
  if (compareJiraIdentity(before, current) === 'same') return
  throw new ConnectorError('jira-not-the-same', {
    userMessage: `The Jira at ${jira.client.base.href} is not the one that was connected (${before.baseUrl}): it, or this connector, was moved or copied. Nothing is written.`,
    remedy:
      'A copy for tests needs a data folder of its own. If Jira was moved, run "jira-dvcs doctor --accept-moved-jira" once.',
  })
}

/**
 * Takes the Jira that is configured now for the connected one, after an administrator said so. Its numeric ids may name
 * other issues, so every key is looked up again and compared with what it holds.
 */
export async function acceptMovedJira(app: AppContext, jira: JiraConnection, signal: AbortSignal): Promise<void> {
  const current = await jira.client.getIdentity(signal)
  const now = app.clock.now().getTime()
  await app.db.write('interactive', async (tx) => {
    await saveSetting(tx, 'jira.identity', JSON.stringify(current))
    // The next mark is left in the place of whatever is there: a copy that goes on meets it and stops.
    await deleteSetting(tx, 'jira.marks')
    await forgetJira(tx, now)
    await releaseDelivery(tx)
    await wakeDelivery(app, tx, now)
  })
}
