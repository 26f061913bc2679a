import { createHash } from 'node:crypto'
import { listAccounts } from '../../db/stores/accounts.ts'
import { markDeliveredIssuesDirty } from '../../db/stores/issue-rechecks.ts'
import { listProjectKeys } from '../../db/stores/projects.ts'
import { findSetting, saveSetting } from '../../db/stores/settings.ts'
import type { Reader, Tx } from '../../db/database.ts'
import type { AppContext } from '../app-context.ts'
import type { JiraConnection } from './jira-connection.ts'

/** Names no project, so it gets the level of all that are not named. */
const NO_PROJECT = ''

/**
 * Lets every issue be compared with what Jira holds when a setting changed that decides what Jira gets: its detail, links,
 * our own address, which account serves which projects, what is hidden. Issues whose content stays the same cost Jira nothing.
 */
export async function applyDeliverySettings(app: AppContext, jira: JiraConnection): Promise<void> {
  const current = await readFingerprint(app.db.read, app, jira)
  const stored = await findSetting(app.db.read, 'jira.delivery-settings')
  if (stored === current) return
  await app.db.write('background', async (tx) => {
    await saveSetting(tx, 'jira.delivery-settings', current)
    if (stored !== null) await markDeliveredIssuesDirty(tx, app.clock.now().getTime())
  })
  if (stored !== null) app.log.info({}, 'settings of delivery changed, every issue is compared')
}

/** Lets a change of what decides what Jira gets pass without comparing every issue: what Jira holds is to stay. */
export async function keepDeliverySettings(app: AppContext, tx: Tx, change: () => Promise<void>): Promise<void> {
  const { jira } = app
  const stored = await findSetting(tx, 'jira.delivery-settings')
  const isCurrent = jira !== null && stored === (await readFingerprint(tx, app, jira))
  await change()
  if (isCurrent) await saveSetting(tx, 'jira.delivery-settings', await readFingerprint(tx, app, jira))
}

async function readFingerprint(
  db: Reader,
  { settings }: AppContext,
  { delivery, propertyLevel }: JiraConnection,
): Promise<string> {
  const others = propertyLevel(NO_PROJECT)
  // Without the projects that are as all others: a project that comes changes nothing for those that are here.
  const levels = (await listProjectKeys(db))
    .sort()
    .flatMap((key) => (propertyLevel(key) === others ? [] : [[key, propertyLevel(key)]]))
  const accounts = (await listAccounts(db)).map(({ id, jiraProjects }) => [id, ...[...jiraProjects].sort()].join(' ')).sort()
  // Absent where nothing is hidden: an upgrade by itself changes nothing.
  const noise = settings.panel.rules.length === 0 ? {} : { noise: [...settings.panel.rules].sort() }
  const decisive = { serverUrl: settings.serverUrl, delivery: [...delivery].sort(), others, levels, accounts, ...noise }
  return createHash('sha256').update(JSON.stringify(decisive)).digest('hex')
}
