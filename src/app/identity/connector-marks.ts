import { z } from 'zod'
import { findSetting, findSettingToChange, saveSetting, saveSettingOnce } from '../../db/stores/settings.ts'
import { ConnectorError } from '../../lib/connector-error.ts'
import type { AppContext } from '../app-context.ts'
import type { JiraConnection } from '../delivery/jira-connection.ts'
import { makeRandomValue } from './random-value.ts'

/** Each node leaves one at each look: what Jira holds is never further back than a few looks of all nodes. */
const MOST_MARKS = 100
const LONGEST_ADDRESS = 200
const marksSchema = z.array(z.string())

/**
 * Leaves a new mark in Jira in the place of the last one. A copy of this installation does the same, and neither knows the marks
 * that the other left since the copy was made: whoever finds an unknown one stops. So of two copies at most one writes.
 * An installation that has left none yet, or was restored, takes whatever mark it finds for its own.
 *
 * @throws ConnectorError `connector-copied`, and those of the Jira client
 */
export async function renewConnectorMark(app: AppContext, jira: JiraConnection, signal: AbortSignal): Promise<void> {
  const marks = jira.client.getMarks(jira.installationId)
  const found = await marks.find(signal)
  const known = parseMarks(await findSetting(app.db.read, 'jira.marks'))
  if (found !== null && known.length > 0 && !known.includes(found.mark)) throw copied(jira, found.url)
  const mark = makeRandomValue()
  // Known before it is in Jira: another node may meet it there.
  await app.db.write('interactive', async (tx) => {
    await saveSettingOnce(tx, 'jira.marks', '[]')
    const before = parseMarks(await findSettingToChange(tx, 'jira.marks'))
    await saveSetting(tx, 'jira.marks', JSON.stringify([mark, ...before].slice(0, MOST_MARKS)))
  })
  if (await marks.save({ mark, url: app.settings.serverUrl }, signal)) return
  app.log.debug({}, 'jira keeps no mark of the connector: a copy of it would not be noticed')
}

const parseMarks = (stored: string | null): readonly string[] => (stored === null ? [] : marksSchema.parse(JSON.parse(stored)))

function copied(jira: JiraConnection, url: string): ConnectorError {
  const isAddress = url.length <= LONGEST_ADDRESS && /^https?:/.test(url) && URL.canParse(url)
  const where = isAddress ? ` (${new URL(url).href})` : ''
  return new ConnectorError('connector-copied', {
    userMessage: `A copy of this connector${where} writes to the Jira at ${jira.client.base.href}, or Jira was restored from a backup. Nothing is written.`,
    remedy:
      'Leave only one of the two running. Where this is the one that stays, or Jira was restored, run "jira-dvcs doctor --accept-moved-jira" once.',
  })
}
