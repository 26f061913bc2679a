import { findSetting, saveSetting } from '../../db/stores/settings.ts'
import type { Database, Reader, Tx } from '../../db/database.ts'

/** The last verified webhook of Jira, to the minute: not every one is worth a write. */
export interface JiraWebhookArrival {
  /** In ms since 1970. */
  readonly at: number
  /** Jira's name of the event. */
  readonly event: string
  /** Whether one was ever signed: from then on an address alone proves nothing. Absent: before this was recorded. */
  readonly signed?: boolean
}

const WORTH_NOTING_MS = 60_000

/** null: none ever arrived. */
export async function findArrival(db: Reader): Promise<JiraWebhookArrival | null> {
  const stored = await findSetting(db, 'jira.webhook-arrival')
  return stored === null ? null : (JSON.parse(stored) as JiraWebhookArrival)
}

/** Whether this one, after the last that was noted, is to be noted as well. */
export function isArrivalNews(last: JiraWebhookArrival | null, arrival: JiraWebhookArrival): boolean {
  if (last === null || (arrival.signed === true && last.signed !== true)) return true
  return Math.abs(arrival.at - last.at) >= WORTH_NOTING_MS
}

export async function noteArrival(tx: Tx, arrival: JiraWebhookArrival): Promise<void> {
  await saveSetting(tx, 'jira.webhook-arrival', JSON.stringify(arrival))
}

/** Of a Jira that signs nothing an address is taken, whatever another one did before. */
export async function forgetSigned(db: Database): Promise<void> {
  const last = await findArrival(db.read)
  if (last?.signed === true) await db.write('background', (tx) => noteArrival(tx, { ...last, signed: false }))
}
