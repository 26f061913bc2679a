import type { DevelopmentInformation } from '../../domain/development-information.ts'
import type { IssueKey } from '../../domain/ids.ts'
import { projectKeyOf } from '../../domain/issue-keys.ts'
import { toProblem } from '../../domain/problem.ts'
import {
  findNextDue,
  listDueIssues,
  listKeysOfJiraIssue,
  recordDelivery,
  saveDeliveredContent,
  saveIssueIdentity,
  setAsideUnknownProjects,
  type DeliveryOutcome,
  type DueIssue,
} from '../../db/stores/issues.ts'
import { ISSUE_PROPERTY_NAME, toIssueProperty } from '../../jira/issue-property.ts'
import { toRemoteLink, toRemoteLinkGlobalId } from '../../jira/remote-link.ts'
import { isConnectorError } from '../../lib/connector-error.ts'
import { mapConcurrently } from '../../lib/map-concurrently.ts'
import type { AppContext } from '../app-context.ts'
import { ensureSameJira } from '../identity/ensure-same-jira.ts'
import { readDevelopmentInformation } from './development-information.ts'
import type { JiraConnection } from './jira-connection.ts'

/** Issues per round: one look-up of a hundred keys is one request, and one transaction records a round. */
const ISSUES_PER_ROUND = 100
/** Requests offered to the pace at once; the pace lets through what Jira carries. */
const OFFERED_AT_ONCE = 16

/** An issue of Jira, or a key that names none, with the keys under which it is due: one write serves them all. */
interface Target {
  /** null: not resolved to a Jira issue. */
  readonly jiraId: string | null
  /** Its key today. */
  readonly key: IssueKey
  readonly contentHash: string | null
  readonly due: readonly DueIssue[]
}

interface Delivered {
  readonly target: Target
  readonly outcome: DeliveryOutcome
}

/**
 * Sends what is due, newest activity first, until nothing is. A failure of Jira itself rejects: the queue tries again
 * later and nothing is lost; a refusal of one issue is recorded with its reason and the others go on.
 */
export async function deliverIssues(app: AppContext, signal: AbortSignal): Promise<number> {
  const { jira } = app
  if (jira === null) return 0
  await ensureSameJira(app, jira, signal)
  let delivered = 0
  for (;;) {
    signal.throwIfAborted()
    await app.db.write('interactive', (tx) => setAsideUnknownProjects(tx))
    const due = await listDueIssues(app.db.read, { now: app.clock.now().getTime(), limit: ISSUES_PER_ROUND })
    if (due.length === 0) break
    delivered += await deliverRound(app, { jira, due }, signal)
  }
  const nextDue = await findNextDue(app.db.read)
  if (nextDue !== null) {
    await app.db.write('interactive', (tx) => app.jobs.add(tx, { name: 'deliver', payload: {}, key: 'deliver', runAt: new Date(nextDue) }))
  }
  return delivered
}

async function deliverRound(app: AppContext, { jira, due }: { jira: JiraConnection; due: readonly DueIssue[] }, signal: AbortSignal): Promise<number> {
  const targets = await resolveIssues(app, { jira, due }, signal)
  const finished: Delivered[] = []
  try {
    await mapConcurrently(targets, OFFERED_AT_ONCE, async (target) => {
      finished.push({ target, outcome: await deliverOne(app, { jira, target }, signal) })
    })
  } finally {
    // Also after a failure in the middle: what Jira took is not sent again.
    await record(app, finished)
  }
  return finished.length
}

async function resolveIssues(app: AppContext, { jira, due }: { jira: JiraConnection; due: readonly DueIssue[] }, signal: AbortSignal): Promise<Target[]> {
  const unresolved = due.filter(({ jiraId }) => jiraId === null).map(({ key }) => key)
  const found = unresolved.length === 0 ? new Map<string, { id: string; key: string }>() : await jira.client.findIssues(unresolved, signal)
  if (found.size > 0) {
    await app.db.write('interactive', async (tx) => {
      for (const [key, issue] of found) await saveIssueIdentity(tx, key as IssueKey, { jiraId: issue.id, currentKey: issue.key })
    })
  }
  const groups = Map.groupBy(due, (issue) => issue.jiraId ?? found.get(issue.key)?.id ?? issue.key)
  return [...groups.values()].flatMap((same) => same.slice(0, 1).map((first) => toTarget(first, same, found)))
}

function toTarget(first: DueIssue, due: readonly DueIssue[], found: ReadonlyMap<string, { id: string; key: string }>): Target {
  // A key that was looked up just now says what the issue is called today; what is stored may be older than a move.
  const fresh = due.map((issue) => found.get(issue.key)).find((issue) => issue !== undefined)
  const key = (fresh?.key as IssueKey | undefined) ?? first.currentKey ?? first.key
  // Another key of the issue may have been delivered before this one was looked up.
  const contentHash = due.find((issue) => issue.contentHash !== null)?.contentHash ?? null
  return { jiraId: first.jiraId ?? fresh?.id ?? null, key, contentHash, due }
}

async function deliverOne(app: AppContext, { jira, target }: { jira: JiraConnection; target: Target }, signal: AbortSignal): Promise<DeliveryOutcome> {
  const { jiraId, key } = target
  if (jiraId === null) {
    const reason = { code: 'issue-unknown', message: `Jira has no issue ${key}, or the connector's user may not see it.`, remedy: null }
    return { state: 'unknown', reason }
  }
  try {
    const info = await readDevelopmentInformation(app, key, await listKeysOfJiraIssue(app.db.read, jiraId))
    return { state: 'clean', contentHash: await send(jira, { info, target, jiraId }, signal) }
  } catch (error) {
    const outcome = toOutcome(error)
    if (outcome === null) throw error
    return outcome
  }
}

interface Sending {
  readonly info: DevelopmentInformation
  readonly target: Target
  readonly jiraId: string
}

/** Writes what changed; returns the hash of what Jira holds now, null for nothing. */
async function send(jira: JiraConnection, { info, target, jiraId }: Sending, signal: AbortSignal): Promise<string | null> {
  const { branches, commits, pullRequests } = info.summary
  const empty = branches + commits + pullRequests.open + pullRequests.merged + pullRequests.declined === 0
  if (empty) {
    if (target.contentHash === null) return null
    await jira.client.deleteIssueProperty(jiraId, ISSUE_PROPERTY_NAME, signal)
    if (jira.delivery.includes('link')) {
      await jira.client.deleteRemoteLink(jiraId, toRemoteLinkGlobalId({ installationId: jira.installationId, issueId: jiraId }), signal)
    }
    return null
  }
  const property = toIssueProperty(info, { level: jira.propertyLevel(projectKeyOf(target.key)) })
  if (property.contentHash === target.contentHash) return target.contentHash
  if (jira.delivery.includes('property')) await jira.client.putIssueProperty(jiraId, { name: ISSUE_PROPERTY_NAME, json: property.json }, signal)
  if (jira.delivery.includes('link')) {
    await jira.client.putRemoteLink(jiraId, toRemoteLink(info, { installationId: jira.installationId, issueId: jiraId }), signal)
  }
  return property.contentHash
}

/** What concerns this issue alone; null: Jira as a whole failed. */
function toOutcome(error: unknown): DeliveryOutcome | null {
  if (isConnectorError(error, 'jira-issue-not-found')) return { state: 'unknown', reason: toProblem(error) }
  if (isConnectorError(error, 'jira-refused') || isConnectorError(error, 'jira-permission-missing')) {
    return { state: 'refused', reason: toProblem(error) }
  }
  return null
}

async function record(app: AppContext, finished: readonly Delivered[]): Promise<void> {
  if (finished.length === 0) return
  const now = app.clock.now().getTime()
  await app.db.write('interactive', async (tx) => {
    // In the order in which imports mark issues, so that both do not wait for each other on PostgreSQL.
    const issues = finished.flatMap(({ target, outcome }) => target.due.map((issue) => ({ issue, outcome, jiraId: target.jiraId })))
    for (const { issue, outcome, jiraId } of issues.toSorted((a, b) => (a.issue.key < b.issue.key ? -1 : 1))) {
      await recordDelivery(tx, issue, outcome, now)
      if (outcome.state === 'clean' && jiraId !== null) await saveDeliveredContent(tx, jiraId, outcome.contentHash)
    }
  })
}
