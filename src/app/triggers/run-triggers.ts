import { endEvent, listPendingEvents, type PendingEvent } from '../../db/stores/development-events.ts'
import { listTriggerRules } from '../../db/stores/trigger-rules.ts'
import {
  findRunOfSameIssue,
  findTriggerRuns,
  saveTriggerRun,
  type FoundTriggerRun,
  type TriggerRun,
} from '../../db/stores/trigger-runs.ts'
import type { IssueKey } from '../../domain/ids.ts'
import { toProblem } from '../../domain/problem.ts'
import type { TriggerRule } from '../../domain/trigger.ts'
import { jobOvertaken } from '../../jobs/job-overtaken.ts'
import { isConnectorError } from '../../lib/connector-error.ts'
import type { AppContext } from '../app-context.ts'
import { isOfOneIssue } from '../delivery/delivery-round.ts'
import type { JiraConnection } from '../delivery/jira-connection.ts'
import { ensureJiraWorks, ensureSameJira } from '../identity/ensure-same-jira.ts'
import { act, resume } from './act.ts'
import { findIssue, judgeEvent } from './judge-event.ts'
import { wakeTriggers } from './wake-triggers.ts'

const EVENTS_PER_PAGE = 100
/** Issues one after the other that Jira failed on: then it is asked whether it works at all. */
const MOST_FAILURES = 3
/** For issues that Jira fails on while it takes others: a tenth of the time since it happened, between a minute and an hour. */
const AGAIN_AFTER = { share: 0.1, leastMs: 60_000, mostMs: 60 * 60_000 }

interface Round {
  readonly jira: JiraConnection
  readonly rules: readonly TriggerRule[]
  /** Issues that Jira failed on: what happened to them later waits as well, so that the order stays. */
  readonly blocked: Set<IssueKey>
  /** When the newest of what waits so happened, in ms since 1970. */
  newestBlocked: number
  failures: number
}

/**
 * Judges what happened, in the order in which it was met, one issue at a time, and does what the rules say. Nothing is
 * dropped: what Jira cannot take now stays pending until it can, or until it is two weeks old.
 *
 * @throws ConnectorError those of the Jira client that concern Jira as a whole, and `jira-not-the-same`
 */
export async function runTriggers(app: AppContext, signal: AbortSignal): Promise<void> {
  const { jira } = app
  if (jira === null) return
  if ((await listPendingEvents(app.db.read, { after: 0, limit: 1 })).length === 0) return
  await ensureSameJira(app, jira, signal)
  const round: Round = { jira, rules: await listTriggerRules(app.db.read), blocked: new Set(), newestBlocked: 0, failures: 0 }
  let after = 0
  for (;;) {
    const events = await listPendingEvents(app.db.read, { after, limit: EVENTS_PER_PAGE })
    for (const event of events) await runEvent(app, { round, event }, signal)
    after = events.at(-1)?.id ?? after
    if (events.length < EVENTS_PER_PAGE) break
  }
  if (round.blocked.size === 0) return
  const now = app.clock.now().getTime()
  const { share, leastMs, mostMs } = AGAIN_AFTER
  const runAt = new Date(now + Math.min(mostMs, Math.max(leastMs, (now - round.newestBlocked) * share)))
  await app.db.write('background', (tx) => wakeTriggers(app, tx, runAt))
}

async function runEvent(
  app: AppContext,
  { round, event }: { readonly round: Round; readonly event: PendingEvent },
  signal: AbortSignal,
): Promise<void> {
  const runs = await findTriggerRuns(app.db.read, event.id)
  let complete = true
  for (const key of event.happened.keys) {
    signal.throwIfAborted()
    const found = runs.get(key)
    if (found !== undefined && found.state !== 'acting') continue
    if (!round.blocked.has(key) && (await tryIssue(app, { round, event, key, found }, signal))) continue
    round.blocked.add(key)
    round.newestBlocked = Math.max(round.newestBlocked, event.happened.at.getTime())
    complete = false
  }
  if (complete) await app.db.write('background', (tx) => endEvent(tx, event.id))
}

interface IssueOfEvent {
  readonly round: Round
  readonly event: PendingEvent
  readonly key: IssueKey
  readonly found: FoundTriggerRun | undefined
}

/** False: Jira failed on it, now or under another key, and it is to be tried again. */
async function tryIssue(app: AppContext, issue: IssueOfEvent, signal: AbortSignal): Promise<boolean> {
  try {
    const ended = await runIssue(app, issue, signal)
    issue.round.failures = 0
    return ended
  } catch (error) {
    if (signal.aborted) throw error
    const { round } = issue
    // Its rate limit, or that it takes no changes now: the queue waits, with growing pauses.
    if (isConnectorError(error) && error.retryable && !isOfOneIssue(error)) throw error
    round.failures += 1
    const lasts = isConnectorError(error) && !error.retryable
    if (lasts || round.failures >= MOST_FAILURES) await ensureJiraWorks(app, round.jira, signal)
    round.failures %= MOST_FAILURES
    app.log.warn({ issue: issue.key, problem: toProblem(error), cause: error }, 'a rule is judged again later')
    return false
  }
}

/** False: the same issue is under way under another key, and how that ends is not known yet. */
async function runIssue(app: AppContext, { round, event, key, found }: IssueOfEvent, signal: AbortSignal): Promise<boolean> {
  const { client } = round.jira
  if (found !== undefined && (await resumeIssue(app, { round, event, key, found }, signal))) return true
  const over = found?.attempt ?? null
  const verdict = await judgeEvent(app, { client, judged: { event, key, rules: round.rules } }, signal)
  if (verdict.kind === 'none') return true
  const issueId = verdict.kind === 'act' ? verdict.issue.id : verdict.issueId
  const same = issueId === null ? null : await findSame(app, { event, key, issueId })
  if (same?.state === 'acting') return false
  const skip = (reason: string) => saveSkipped(app, { event, issueKey: key, issueId, rule: verdict.rule, reason, over })
  if (same !== null) await skip(`It is the same issue as ${same.issueKey}.`)
  else if (verdict.kind === 'act') await act(app, { client, event, verdict, issueKey: key, over }, signal)
  else await skip(verdict.reason)
  return true
}

async function saveSkipped(
  app: AppContext,
  { event, rule, reason, over, ...issue }: Pick<TriggerRun, 'issueKey' | 'issueId'> & SkippedRule,
): Promise<void> {
  const skipped = { state: 'skipped', summary: reason, problem: null, moved: false, targetStatus: null } as const
  const run = { ...issue, eventId: event.id, rule: { id: rule.id, name: rule.name }, at: app.clock.now(), ...skipped }
  if ((await app.db.write('background', (tx) => saveTriggerRun(tx, run, over))) === null) throw jobOvertaken()
}

interface SkippedRule {
  readonly event: PendingEvent
  readonly rule: TriggerRule
  readonly reason: string
  /** The attempt that is stored as acting; null: nothing is. */
  readonly over: number | null
}

/** An event may name one issue by several keys: that of today, and those of the past. It is judged under the first alone. */
async function findSame(
  app: AppContext,
  { event, key, issueId }: Pick<IssueOfEvent, 'event' | 'key'> & { readonly issueId: string },
) {
  if (event.happened.keys.length < 2) return null
  return findRunOfSameIssue(app.db.read, { eventId: event.id, key, issueId })
}

/** True: it was done before, all but its record and its comment. */
async function resumeIssue(
  app: AppContext,
  { round, event, key, found }: IssueOfEvent & { readonly found: FoundTriggerRun },
  signal: AbortSignal,
): Promise<boolean> {
  const { client } = round.jira
  const rule = round.rules.find(({ id }) => id === found.rule.id)
  const issue = await findIssue(app, { client, key }, signal)
  if (rule === undefined || issue === null) return false
  const verdict = { kind: 'act', rule, issue, transition: null } as const
  return resume(app, { client, event, verdict, issueKey: key, over: found.attempt, found }, signal)
}
