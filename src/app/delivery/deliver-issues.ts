import { toProblem } from '../../domain/problem.ts'
import { projectKeyOf } from '../../domain/issue-keys.ts'
import {
  findNextDue,
  listDueIssues,
  listKeysOfJiraIssue,
  recordDelivery,
  saveDeliveredContent,
  setAsideUnknownProjects,
  type DeliveryOutcome,
  type DueIssue,
} from '../../db/stores/issues.ts'
import { saveJiraWrites } from '../../db/stores/jira-writes.ts'
import { forgetIssueIdentities, retryRefusedProjects } from '../../db/stores/issue-rechecks.ts'
import { backOffMs } from '../../lib/back-off.ts'
import { isConnectorError } from '../../lib/connector-error.ts'
import { mapConcurrently } from '../../lib/map-concurrently.ts'
import type { AppContext } from '../app-context.ts'
import { ensureJiraWorks, ensureSameJira } from '../identity/ensure-same-jira.ts'
import { findDeliveryHold, holdDelivery, releaseDelivery, wakeDelivery } from './delivery-hold.ts'
import { createDeliveryRound, type DeliveryRound } from './delivery-round.ts'
import { readDevelopmentInformation } from './development-information.ts'
import { findTargets, OFFERED_AT_ONCE, type Target } from './find-targets.ts'
import type { JiraConnection } from './jira-connection.ts'
import { checkAt } from './recheck-times.ts'
import { sendIssue } from './send-issue.ts'
import { traceDeliveries } from './trace-delivery.ts'
import { createWriteLog, type WriteLog } from './write-log.ts'

/** Issues per round: one look-up of a hundred keys is one request, and one transaction records a round. */
const ISSUES_PER_ROUND = 100
/** Of one issue that Jira does not take although it works. */
const ISSUE_BACK_OFF = { baseMs: 5_000, maxMs: 15 * 60_000, random: () => 1 }

interface Delivered {
  readonly target: Target
  readonly outcome: DeliveryOutcome
}

/**
 * Sends what is due, newest activity first, until nothing is. A refusal, or a failure of one issue, is recorded with its
 * reason and the others go on. A failure of Jira itself rejects and holds delivery for a while: nothing is lost.
 */
export async function deliverIssues(app: AppContext, signal: AbortSignal): Promise<number> {
  const { jira } = app
  if (jira === null) return 0
  const hold = await findDeliveryHold(app.db.read)
  if (hold !== null && app.clock.now().getTime() < hold.until) {
    await app.db.write('interactive', (tx) => wakeDelivery(app, tx, hold.until))
    return 0
  }
  try {
    await ensureSameJira(app, jira, signal)
    return await deliverAll(app, { jira, held: hold !== null }, signal)
  } catch (error) {
    if (!signal.aborted) {
      // The next try begins with the question whether Jira works.
      jira.identityCheck.trustedUntilMs = Number.NEGATIVE_INFINITY
      await holdDelivery(app, error)
    }
    throw error
  }
}

async function deliverAll(
  app: AppContext,
  { jira, held }: { jira: JiraConnection; held: boolean },
  signal: AbortSignal,
): Promise<number> {
  await app.db.write('interactive', (tx) => setAsideUnknownProjects(tx))
  let delivered = 0
  let onHold = held
  for (;;) {
    signal.throwIfAborted()
    const listed = await listDueIssues(app.db.read, { now: app.clock.now().getTime(), limit: ISSUES_PER_ROUND })
    if (listed.length === 0) break
    const due = listed.filter(({ known }) => known)
    // Came in the meantime.
    const unknown = listed.filter(({ known }) => !known).map(({ key }) => key)
    if (unknown.length > 0) await app.db.write('interactive', (tx) => setAsideUnknownProjects(tx, unknown))
    delivered += await deliverRound(app, { jira, due }, signal)
    if (onHold) await app.db.write('interactive', (tx) => releaseDelivery(tx))
    onHold = false
  }
  if (onHold) await app.db.write('interactive', (tx) => releaseDelivery(tx))
  const nextDue = await findNextDue(app.db.read)
  if (nextDue !== null) await app.db.write('interactive', (tx) => wakeDelivery(app, tx, nextDue))
  return delivered
}

async function deliverRound(
  app: AppContext,
  { jira, due }: { jira: JiraConnection; due: readonly DueIssue[] },
  signal: AbortSignal,
): Promise<number> {
  if (due.length === 0) return 0
  const round = createDeliveryRound(signal)
  const finished: Delivered[] = []
  const log = createWriteLog(app)
  const targets = await findTargets(app, { jira, due, round }, signal)
  // Never rejects: every request under way ends before anything is recorded.
  await mapConcurrently(targets, OFFERED_AT_ONCE, async (target) => {
    if (round.isOver()) return
    try {
      finished.push({ target, outcome: await deliverOne(app, { jira, target, round, log }, signal) })
    } catch (error) {
      round.noteFailure(target.due, error)
    }
  })
  // Also after a failure in the middle: what Jira took is not sent again.
  await record(app, finished, log)
  signal.throwIfAborted()
  await recordFailures(app, { jira, round }, signal)
  const reason = round.reason()
  if (reason !== null) throw reason.error
  return finished.length
}

interface Delivery {
  readonly jira: JiraConnection
  readonly target: Target
  readonly round: DeliveryRound
  readonly log: WriteLog
}

async function deliverOne(
  app: AppContext,
  { jira, target, round, log }: Delivery,
  signal: AbortSignal,
): Promise<DeliveryOutcome> {
  const { jiraId, key, contentHash, due } = target
  const now = app.clock.now().getTime()
  if (jiraId === null) {
    const reason = {
      code: 'issue-unknown',
      message: `Jira has no issue ${key}, or the connector's user may not see it.`,
      remedy: null,
    }
    return { state: 'unknown', reason, checkAt: checkAt(now, attemptsOf(due)) }
  }
  try {
    const info = await readDevelopmentInformation(app, key, { ownKeys: await listKeysOfJiraIssue(app.db.read, jiraId) })
    const isNew = due.every((issue) => issue.jiraId === null)
    const issue = { key, jiraId, syncId: causeOf(due) }
    const hash = await sendIssue(app, { jira, info, issue, contentHash, isNew, log }, signal)
    if (hash !== contentHash) round.noteAnswer()
    return { state: 'clean', contentHash: hash }
  } catch (error) {
    const state = toLastingState(error)
    if (state === null) throw error
    round.noteAnswer()
    return { state, reason: toProblem(error), checkAt: checkAt(now, attemptsOf(due)) }
  }
}

/** What concerns this issue alone and lasts; null: anything else. */
function toLastingState(error: unknown): 'refused' | 'unknown' | null {
  if (isConnectorError(error, 'jira-issue-not-found')) return 'unknown'
  if (isConnectorError(error, 'jira-permission-missing')) return 'refused'
  return isConnectorError(error, 'jira-refused') && !error.retryable ? 'refused' : null
}

/** The newest synchronisation that changed it; null: none did since the last delivery. */
function causeOf(due: readonly DueIssue[]): number | null {
  const syncs = due.flatMap(({ changedBySync }) => (changedBySync === null ? [] : [changedBySync]))
  return syncs.length === 0 ? null : Math.max(...syncs)
}

const attemptsOf = (due: readonly DueIssue[]) => Math.max(0, ...due.map(({ attempts }) => attempts))

/** In one transaction: what became of the issues, and what was written for it, failures too. */
async function record(app: AppContext, finished: readonly Delivered[], log: WriteLog): Promise<void> {
  const writes = log.writes()
  if (finished.length === 0 && writes.length === 0) return
  const now = app.clock.now().getTime()
  const gone = finished.flatMap(({ target, outcome }) =>
    outcome.state === 'unknown' ? target.due.filter(({ jiraId }) => jiraId !== null) : [],
  )
  await app.db.write('interactive', async (tx) => {
    // In the order in which imports mark issues, so that both do not wait for each other on PostgreSQL.
    const issues = finished.flatMap(({ target, outcome }) =>
      target.due.map((issue) => ({ issue, outcome, jiraId: target.jiraId })),
    )
    for (const { issue, outcome, jiraId } of issues.toSorted((a, b) => (a.issue.key < b.issue.key ? -1 : 1))) {
      await recordDelivery(tx, issue, outcome, now)
      if (outcome.state === 'clean' && jiraId !== null) await saveDeliveredContent(tx, jiraId, outcome.contentHash)
    }
    await forgetIssueIdentities(
      tx,
      gone.map(({ key }) => key),
    )
    await saveJiraWrites(tx, writes)
  })
  const taken = finished.filter(({ outcome }) => outcome.state === 'clean')
  await traceDeliveries(
    app,
    taken.map(({ target }) => ({ key: target.key, syncId: causeOf(target.due) })),
  )
  const permitted = finished.filter(
    ({ target, outcome }) =>
      outcome.state === 'clean' && target.due.some(({ reason }) => reason?.code === 'jira-permission-missing'),
  )
  if (permitted.length === 0) return
  const projects = [...new Set(permitted.map(({ target }) => projectKeyOf(target.key)))]
  await app.db.write('interactive', (tx) => retryRefusedProjects(tx, projects, now))
}

/** Postpones issues that Jira did not take. When nothing at all was answered, Jira is asked first whether it works: then they are as due as before. */
async function recordFailures(
  app: AppContext,
  { jira, round }: { jira: JiraConnection; round: DeliveryRound },
  signal: AbortSignal,
): Promise<void> {
  const failed = round.failed()
  if (failed.length === 0) return
  if (!round.answered()) {
    await ensureJiraWorks(app, jira, signal)
  }
  const now = app.clock.now().getTime()
  await app.db.write('interactive', async (tx) => {
    const issues = failed.flatMap(({ due, error }) => due.map((issue) => ({ issue, reason: toProblem(error) })))
    for (const { issue, reason } of issues.toSorted((a, b) => (a.issue.key < b.issue.key ? -1 : 1))) {
      await recordDelivery(tx, issue, { state: 'retrying', at: now + backOffMs(issue.attempts, ISSUE_BACK_OFF), reason }, now)
    }
  })
}
