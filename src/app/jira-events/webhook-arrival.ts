import { findSetting, saveSetting } from '../../db/stores/settings.ts'
import type { Reader, Tx } from '../../db/database.ts'

/** The last verified webhook of Jira, to the minute: not every one is worth a write. */
export interface JiraWebhookArrival {
  /** In ms since 1970. */
  readonly at: number
  /** Jira's name of the event. */
  readonly event: string
}

const WORTH_NOTING_MS = 60_000

/** null: none ever arrived. */
export async function findArrival(db: Reader): Promise<JiraWebhookArrival | null> {
  const stored = await findSetting(db, 'jira.webhook-arrival')
  return stored === null ? null : (JSON.parse(stored) as JiraWebhookArrival)
}

/** Whether one that arrives now is to be noted. */
export async function isArrivalNews(db: Reader, now: number): Promise<boolean> {
  const last = await findArrival(db)
  return last === null || Math.abs(now - last.at) >= WORTH_NOTING_MS
}

export async function noteArrival(tx: Tx, arrival: JiraWebhookArrival): Promise<void> {
  await saveSetting(tx, 'jira.webhook-arrival', JSON.stringify(arrival))
}
