import { findAccount } from '../../db/stores/accounts.ts'
import { listKeysOfProject } from '../../db/stores/projects.ts'
import { countMoves } from '../../db/stores/trigger-runs.ts'
import type { PendingEvent } from '../../db/stores/development-events.ts'
import type { IssueKey } from '../../domain/ids.ts'
import {
  findTransitions,
  isForEvent,
  isForIssue,
  sameName,
  TRIGGER_WINDOW_MS,
  type IssueFacts,
  type TriggerRule,
} from '../../domain/trigger.ts'
import type { JiraClient } from '../../jira/client.ts'
import type { JiraIssueRef } from '../../jira/find-issues.ts'
import type { JiraTransition } from '../../jira/issue-actions.ts'
import { isConnectorError, type ConnectorError } from '../../lib/connector-error.ts'
import type { AppContext } from '../app-context.ts'

/** A rule, or two that undo each other, would move an issue for ever. */
const MOST_MOVES_PER_HOUR = 10
const HOUR_MS = 60 * 60_000

/** An issue as it is today, whatever key an event names it by. */
export type JudgedIssue = IssueFacts & JiraIssueRef

/** What is to be done with one issue because of one event. */
export type Verdict =
  /** No rule is for it. `issueId` here and below null: the issue was not looked up, or not found. */
  | { readonly kind: 'none'; readonly issueId: string | null }
  | { readonly kind: 'skipped'; readonly rule: TriggerRule; readonly reason: string; readonly issueId: string | null }
  | {
      readonly kind: 'act'
      readonly rule: TriggerRule
      readonly issue: JudgedIssue
      /** null: it is only commented on. */
      readonly transition: JiraTransition | null
    }

export interface Judged {
  readonly event: Pick<PendingEvent, 'happened' | 'place'>
  readonly key: IssueKey
  /** In their order. */
  readonly rules: readonly TriggerRule[]
}

/** Finds the first rule that fits the event and the issue as it is now. Rejects with what Jira's calls reject with. */
export async function judgeEvent(
  app: Pick<AppContext, 'db' | 'clock'>,
  { client, judged }: { readonly client: JiraClient; readonly judged: Judged },
  signal: AbortSignal,
): Promise<Verdict> {
  const { event, key } = judged
  const fitting = judged.rules.filter((rule) => rule.enabled && isForEvent(rule, event))
  const [first] = fitting
  if (first === undefined) return { kind: 'none', issueId: null }
  const now = app.clock.now()
  if (event.happened.at.getTime() <= now.getTime() - TRIGGER_WINDOW_MS)
    return { kind: 'skipped', rule: first, reason: 'It happened more than two weeks ago.', issueId: null }
  const issue = await findIssue(app, { client, key }, signal)
  if (issue === null) {
    const reason = `Jira has no issue ${key}, or the connector's user may not see it.`
    return { kind: 'skipped', rule: first, reason, issueId: null }
  }
  const closed = await findClosed(app, { event, issue })
  const meant = fitting.find((rule) => isForIssue(rule.conditions, issue))
  if (closed !== null && meant !== undefined) return { kind: 'skipped', rule: meant, reason: closed, issueId: issue.id }
  const moves = await countMoves(app.db.read, issue.id, new Date(now.getTime() - HOUR_MS))
  return chooseRule({ client, issue, fitting, moves }, signal)
}

/** Why nothing that happens in the account is for the issue; null: it is. The project that it is in today counts, by whatever key. */
async function findClosed(
  app: Pick<AppContext, 'db'>,
  { event, issue }: Pick<Judged, 'event'> & { readonly issue: JudgedIssue },
): Promise<string | null> {
  const account = await findAccount(app.db.read, event.place.accountId)
  const only = account?.jiraProjects ?? []
  if (account === null || only.length === 0 || issue.projectKeys.some((key) => only.includes(key))) return null
  return `The account ${account.name} is not meant for the project ${issue.projectKeys[0] ?? ''}.`
}

/** null: there is none, or the connector's user does not see it. */
export async function findIssue(
  app: Pick<AppContext, 'db'>,
  { client, key }: { readonly client: JiraClient; readonly key: IssueKey },
  signal: AbortSignal,
): Promise<JudgedIssue | null> {
  const found = await client.questions.findFacts(key, signal)
  if (found === null) return null
  const { project, ...issue } = found
  return { ...issue, projectKeys: [project.key, ...(await listKeysOfProject(app.db.read, project.id))] }
}

interface Choice {
  readonly client: JiraClient
  readonly issue: JudgedIssue
  readonly fitting: readonly TriggerRule[]
  /** How often rules moved the issue within the last hour. */
  readonly moves: number
}

/** A rule whose transition the workflow does not offer now leaves the issue to the next one, as Jira's own triggers do. */
async function chooseRule({ client, issue, fitting, moves }: Choice, signal: AbortSignal): Promise<Verdict> {
  let skipped: Verdict = { kind: 'none', issueId: issue.id }
  let offered: readonly JiraTransition[] | string | null = null
  for (const rule of fitting) {
    if (!isForIssue(rule.conditions, issue)) continue
    const { jql } = rule.conditions
    if (jql !== null && !(await isFoundBy(client, { jql, id: issue.id }, signal))) continue
    if (rule.transition === null) return { kind: 'act', rule, issue, transition: null }
    offered ??= await listTransitions(client, issue, signal)
    const found = typeof offered === 'string' ? offered : chooseTransition(rule.transition, { issue, offered })
    if (typeof found !== 'string') {
      if (moves < MOST_MOVES_PER_HOUR) return { kind: 'act', rule, issue, transition: found }
      const reason = `Rules moved the issue ${moves} times within an hour: they may undo each other.`
      return { kind: 'skipped', rule, reason, issueId: issue.id }
    }
    if (skipped.kind === 'none') skipped = { kind: 'skipped', rule, reason: found, issueId: issue.id }
  }
  return skipped
}

/** Those that Jira offers, or why it tells none. */
async function listTransitions(
  client: JiraClient,
  issue: JiraIssueRef,
  signal: AbortSignal,
): Promise<readonly JiraTransition[] | string> {
  try {
    return await client.actions.listTransitions(issue, signal)
  } catch (error) {
    if (isOfIssue(error)) return error.userMessage
    throw error
  }
}

/** What Jira says of this issue alone. */
export function isOfIssue(error: unknown): error is ConnectorError {
  if (!isConnectorError(error)) return false
  const { code, retryable } = error
  return code === 'jira-issue-not-found' || code === 'jira-permission-missing' || (code === 'jira-refused' && !retryable)
}

/** A query that Jira does not understand any more, by a field that is gone, fits nothing. */
async function isFoundBy(
  client: JiraClient,
  { jql, id }: { readonly jql: string; readonly id: string },
  signal: AbortSignal,
): Promise<boolean> {
  try {
    return await client.questions.isFoundBy(jql, id, signal)
  } catch (error) {
    if (isConnectorError(error, 'jira-refused') && !error.retryable) return false
    throw error
  }
}

/** The transition, or why there is none. */
function chooseTransition(
  wanted: string,
  { issue, offered }: { readonly issue: IssueFacts; readonly offered: readonly JiraTransition[] },
): JiraTransition | string {
  const found = findTransitions(wanted, offered)
  const [only] = found
  if (only !== undefined && sameName(only.status, issue.status)) return `The issue is "${issue.status}" already.`
  if (only === undefined && sameName(wanted, issue.status)) return `The issue is "${issue.status}" already.`
  if (only === undefined) {
    const names = offered.map(({ name }) => `"${name}"`).join(', ')
    return `From "${issue.status}" the workflow offers the connector's user no transition "${wanted}", but ${names === '' ? 'none at all' : names}.`
  }
  if (found.length > 1)
    return `More than one transition leads to "${wanted}": ${found.map(({ name }) => `"${name}"`).join(', ')}. Name one of them in the rule.`
  if (only.requiredFields.length > 0)
    return `The transition "${only.name}" asks for ${only.requiredFields.map((field) => `"${field}"`).join(', ')}, which a rule cannot fill.`
  return only
}
