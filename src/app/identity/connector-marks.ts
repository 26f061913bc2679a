import { z } from 'zod'
import { findSetting, findSettingToChange, saveSetting, saveSettingOnce } from '../../db/stores/settings.ts'
import { ConnectorError } from '../../lib/connector-error.ts'
import type { MarkedUser } from '../../jira/connector-mark.ts'
import type { AppContext } from '../app-context.ts'
import type { JiraConnection } from '../delivery/jira-connection.ts'
import { makeRandomValue } from './random-value.ts'

/** Each node leaves one at each look: what Jira holds is never further back than a few looks of all nodes. */
const MOST_MARKS = 100
const LONGEST_ADDRESS = 200
/** Newest first, and the user of Jira who carries them. */
const marksSchema = z.object({ userKey: z.string(), marks: z.array(z.string()) })
const NONE = { userKey: '', marks: [] }

/**
 * Leaves a new mark in Jira in the place of the last one. A copy of this installation does the same, and neither knows the marks
 * that the other left since the copy was made: whoever finds an unknown one stops. So of two copies at most one writes.
 * An installation that has left none with this user of Jira yet, or was restored, takes whatever mark it finds for its own.
 *
 * @throws ConnectorError `connector-copied`, and those of the Jira client
 */
export async function renewConnectorMark(app: AppContext, jira: JiraConnection, signal: AbortSignal): Promise<void> {
  const asked = await checkConnectorMark(app, jira, signal)
  if (asked === null) return
  const { userKey, found } = asked
  const mark = makeRandomValue()
  // Known before it is in Jira, where another node may meet it; what is there now stays known, should Jira not take the new one.
  await app.db.write('interactive', async (tx) => {
    await saveSettingOnce(tx, 'jira.marks', JSON.stringify(NONE))
    const before = parseMarks(await findSettingToChange(tx, 'jira.marks'), userKey)
    const marks = [...new Set([mark, ...(found === null ? [] : [found.mark]), ...before])].slice(0, MOST_MARKS)
    await saveSetting(tx, 'jira.marks', JSON.stringify({ userKey, marks }))
  })
  if (await jira.client.getMarks(jira.installationId).save(userKey, { mark, url: app.settings.serverUrl }, signal)) return
  app.log.debug({}, 'jira keeps no mark of the connector: a copy of it would not be noticed')
}

/**
 * Compares alone, and leaves nothing.
 *
 * @returns null: Jira tells of no marks
 * @throws ConnectorError `connector-copied`, and those of the Jira client
 */
export async function checkConnectorMark(app: AppContext, jira: JiraConnection, signal: AbortSignal): Promise<MarkedUser | null> {
  const asked = await jira.client.getMarks(jira.installationId).find(signal)
  if (asked === null) return null
  const known = parseMarks(await findSetting(app.db.read, 'jira.marks'), asked.userKey)
  if (asked.found !== null && known.length > 0 && !known.includes(asked.found.mark)) throw copied(jira, asked.found.url)
  return asked
}

/** Those that were left with this user. */
function parseMarks(stored: string | null, userKey: string): readonly string[] {
  const { marks, ...last } = stored === null ? NONE : marksSchema.parse(JSON.parse(stored))
  return last.userKey === userKey ? marks : []
}

function copied(jira: JiraConnection, url: string): ConnectorError {
  const isAddress = url.length <= LONGEST_ADDRESS && /^https?:/.test(url) && URL.canParse(url)
  const where = isAddress ? ` (${new URL(url).href})` : ''
  return new ConnectorError('connector-copied', {
    userMessage: `A copy of this connector${where} writes to the Jira at ${jira.client.base.href}, or Jira was restored from a backup. Nothing is written.`,
    remedy:
      'Leave only one of the two running. Where this is the one that stays, or Jira was restored, run "jira-dvcs doctor --accept-moved-jira" once.',
  })
}
