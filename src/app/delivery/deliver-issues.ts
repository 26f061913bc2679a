import type { DevelopmentInformation } from '../../domain/development-information.ts'
import type { IssueKey } from '../../domain/ids.ts'
import { projectKeyOf } from '../../domain/issue-keys.ts'
import { toProblem } from '../../domain/problem.ts'
import {
  findNextDue,
  listDueIssues,
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

interface Delivered {
  readonly issue: DueIssue
  readonly outcome: DeliveryOutcome
  /** null: not resolved to a Jira issue. */
  readonly jiraId: string | null
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
  const resolved = await resolveIssues(app, { jira, due }, signal)
  const finished: Delivered[] = []
  try {
    await mapConcurrently(resolved, OFFERED_AT_ONCE, async ({ issue, jiraId }) => {
      finished.push(await deliverOne(app, { jira, issue, jiraId }, signal))
    })
  } finally {
    // Also after a failure in the middle: what Jira took is not sent again.
    await record(app, finished)
  }
  return finished.length
}

interface ResolvedIssue {
  readonly issue: DueIssue
  readonly jiraId: string | null
}

async function resolveIssues(app: AppContext, { jira, due }: { jira: JiraConnection; due: readonly DueIssue[] }, signal: AbortSignal): Promise<ResolvedIssue[]> {
  const unresolved = due.filter(({ jiraId }) => jiraId === null).map(({ key }) => key)
  const found = unresolved.length === 0 ? new Map<string, { id: string; key: string }>() : await jira.client.findIssues(unresolved, signal)
  if (found.size > 0) {
    await app.db.write('interactive', async (tx) => {
      for (const [key, issue] of found) await saveIssueIdentity(tx, key as IssueKey, { jiraId: issue.id, currentKey: issue.key })
    })
  }
  return due.map((issue) => ({ issue, jiraId: issue.jiraId ?? found.get(issue.key)?.id ?? null }))
}

async function deliverOne(app: AppContext, { jira, issue, jiraId }: ResolvedIssue & { jira: JiraConnection }, signal: AbortSignal): Promise<Delivered> {
  if (jiraId === null) {
    const reason = { code: 'issue-unknown', message: `Jira has no issue ${issue.key}, or the connector's user may not see it.`, remedy: null }
    return { issue, jiraId, outcome: { state: 'unknown', reason } }
  }
  try {
    const info = await readDevelopmentInformation(app, issue.key)
    const contentHash = await send(jira, { info, issue, jiraId }, signal)
    return { issue, jiraId, outcome: { state: 'clean', contentHash } }
  } catch (error) {
    const outcome = toOutcome(error)
    if (outcome === null) throw error
    return { issue, jiraId, outcome }
  }
}

interface Sending {
  readonly info: DevelopmentInformation
  readonly issue: DueIssue
  readonly jiraId: string
}

/** Writes what changed; returns the hash of what Jira holds now, null for nothing. */
async function send(jira: JiraConnection, { info, issue, jiraId }: Sending, signal: AbortSignal): Promise<string | null> {
  const { branches, commits, pullRequests } = info.summary
  const empty = branches + commits + pullRequests.open + pullRequests.merged + pullRequests.declined === 0
  if (empty) {
    if (issue.contentHash === null) return null
    await jira.client.deleteIssueProperty(jiraId, ISSUE_PROPERTY_NAME, signal)
    if (jira.delivery.includes('link')) {
      await jira.client.deleteRemoteLink(jiraId, toRemoteLinkGlobalId({ installationId: jira.installationId, issueId: jiraId }), signal)
    }
    return null
  }
  const property = toIssueProperty(info, { level: jira.propertyLevel(projectKeyOf(issue.key)) })
  if (property.contentHash === issue.contentHash) return issue.contentHash
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
    for (const { issue, outcome, jiraId } of finished.toSorted((a, b) => (a.issue.key < b.issue.key ? -1 : 1))) {
      await recordDelivery(tx, issue, outcome, now)
      if (outcome.state === 'clean' && jiraId !== null) await saveDeliveredContent(tx, jiraId, outcome.contentHash)
    }
  })
}
