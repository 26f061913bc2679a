import { findSetting, saveSetting } from '../../db/stores/settings.ts'
import type { Reader } from '../../db/database.ts'
import type { AppContext } from '../app-context.ts'
import { ensureSameJira } from '../identity/ensure-same-jira.ts'
import { requeueAppearedIssues } from './appeared-issues.ts'
import { findInstallation, renewJiraWebhook } from './install-jira-webhook.ts'
import { recheckKnownIssues } from './recheck-known-issues.ts'
import { findArrival } from './webhook-arrival.ts'

const MINUTE_MS = 60_000
const DAY_MS = 24 * 60 * MINUTE_MS
const WITHOUT_WEBHOOKS_MS = 5 * MINUTE_MS
const WITH_WEBHOOKS_MS = 60 * MINUTE_MS
/** Over a long weekend nothing may happen in a small Jira. */
const ARRIVALS_COUNT_MS = 4 * DAY_MS
/** When Jira was never asked before. */
const FIRST_WINDOW_MS = DAY_MS

/** What the last look at Jira found and cost. */
export interface JiraPoll {
  /** When it began, in ms since 1970: the next one asks for what changed since. */
  readonly at: number
  /** The last key looked at of the known issues; empty: begin at the first. */
  readonly cursor: string
  /** Searches made. */
  readonly requests: number
  /** Unknown issues that are there by now. */
  readonly appeared: number
  /** Known issues compared, and of them those with another key, and those not there any more. */
  readonly compared: number
  readonly moved: number
  readonly gone: number
}

/** null: none was made yet. */
export async function findLastPoll(db: Reader): Promise<JiraPoll | null> {
  const stored = await findSetting(db, 'jira.poll')
  return stored === null ? null : (JSON.parse(stored) as JiraPoll)
}

/** Time between two looks, in ms; null: Jira is not asked. */
export async function findPollInterval(app: AppContext): Promise<number | null> {
  const poll = app.jira?.events.poll ?? null
  if (poll !== 'auto') return poll
  const arrival = app.jira?.events.webhooks === 'off' ? null : await findArrival(app.db.read)
  const arrives = arrival !== null && app.clock.now().getTime() - arrival.at < ARRIVALS_COUNT_MS
  return arrives ? WITH_WEBHOOKS_MS : WITHOUT_WEBHOOKS_MS
}

/** Whether there is anything for `pollJira` to do, ever; with both switched off, the removal of what was installed before. */
export async function looksAfterJira({ jira, db }: Pick<AppContext, 'jira' | 'db'>): Promise<boolean> {
  if (jira === null) return false
  if (jira.events.poll !== null || jira.events.webhooks === 'auto') return true
  return jira.events.webhooks === 'off' && (await findInstallation(db.read)) !== null
}

/**
 * The net under Jira's webhooks: looks for issues that appeared, and at a part of the known ones, all of them within a day.
 * Keeps the connector's own webhook in Jira, and plans the next look.
 *
 * @throws ConnectorError of the Jira client, `jira-not-the-same`; then the next look asks for the same time again
 */
export async function pollJira(app: AppContext, signal: AbortSignal): Promise<void> {
  const { jira } = app
  if (jira === null || !(await looksAfterJira(app))) return
  await ensureSameJira(app, jira, signal)
  await renewJiraWebhook(app, jira, signal)
  const intervalMs = await findPollInterval(app)
  if (intervalMs !== null) await look(app, intervalMs, signal)
  const runAt = new Date(app.clock.now().getTime() + (intervalMs ?? DAY_MS))
  await app.db.write('interactive', (tx) => app.jobs.add(tx, { name: 'poll-jira', payload: {}, key: 'poll-jira', runAt }))
}

async function look(app: AppContext, intervalMs: number, signal: AbortSignal): Promise<void> {
  const startedAt = app.clock.now().getTime()
  const last = await findLastPoll(app.db.read)
  const since = last?.at ?? startedAt - FIRST_WINDOW_MS
  const { requests, appeared } = await requeueAppearedIssues(app, { since, now: startedAt }, signal)
  const share = Math.min(1, intervalMs / DAY_MS)
  const { requests: more, ...rechecked } = await recheckKnownIssues(app, { after: last?.cursor ?? '', share }, signal)
  const poll: JiraPoll = { at: startedAt, requests: requests + more, appeared, ...rechecked }
  const found = appeared + rechecked.moved + rechecked.gone
  await app.db.write('interactive', (tx) => saveSetting(tx, 'jira.poll', JSON.stringify(poll)))
  if (found > 0) app.log.info(poll, 'found what no webhook of jira told')
  else app.log.debug(poll, 'asked jira for what no webhook told')
}
