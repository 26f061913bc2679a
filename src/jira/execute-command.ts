import { findCommandProblem } from '../domain/command-problem.ts'
import { toProblem, type Problem } from '../domain/problem.ts'
import { toShownText } from '../domain/shown-text.ts'
import type { SmartCommand } from '../domain/smart-commit.ts'
import { matchTransition } from '../domain/transition-name.ts'
import { toJiraDuration } from '../domain/work-duration.ts'
import { isConnectorError } from '../lib/connector-error.ts'
import { toAttribution, withAttribution } from './attribution.ts'
import type { JiraClient } from './client.ts'
import {
  connectorPermissionMissing,
  fieldsRequired,
  issueMissing,
  noTransitions,
  permissionMissing,
  permissionUnknown,
  timeTrackingOff,
  transitionAmbiguous,
  transitionUnknown,
  type Actor,
} from './command-failure.ts'
import type { JiraIssueRef } from './find-issues.ts'
import type { JiraTransition } from './issue-actions.ts'
import type { IssuePermission } from './issue-permission.ts'

/** One command of a commit, for one issue and somebody. */
export interface CommandOnIssue {
  /** As it is today, whatever key the commit names it by. */
  readonly issue: JiraIssueRef
  readonly command: SmartCommand
  /** The Jira user it is done for. */
  readonly author: { readonly name: string; readonly displayName: string }
  /** The client carries the author's own token: Jira itself checks what they may, and shows it as theirs. */
  readonly own: boolean
  readonly commit: {
    readonly displayId: string
    readonly url: string
    readonly repository: string
    readonly authoredAt: Date
    /** East of UTC. */
    readonly offsetMinutes: number
  }
  /** Unique among all actions; letters, digits and hyphens. Part of the line that says whose a text is. */
  readonly mark: string
  /** When the first call began; default: `commit.authoredAt`. What is older in Jira is not taken for this action. */
  readonly attemptedAt?: Date
  /** That call was made with the author's own token; default: `own`. */
  readonly attemptedOwn?: boolean
  /** The status that the transition of that call leads to, as `beforeChange` told it; null: unknown. */
  readonly target?: string | null
  /**
   * Awaited before the call that changes something, so that a break after it is known of.
   * @param target the status that a transition leads to; null: it is none
   */
  readonly beforeChange?: (target: string | null) => Promise<void>
  /** Awaited before the comment of a transition that is done; rejects when somebody else goes on with it. */
  readonly beforeComment?: () => Promise<void>
}

export type CommandOutcome =
  | {
      readonly kind: 'done'
      /** `Comment added`, `Logged 2h 30m`, `Resolve Issue: now Done`. */
      readonly summary: string
      /** Of the comment or work log; null: a transition. */
      readonly jiraId: string | null
    }
  | { readonly kind: 'failed'; readonly problem: Problem }

/**
 * Does in Jira what a commit asks for, once: nothing is repeated here. When the connector's user acts for the author, the
 * author's own permissions are asked first, and comments and work logs end with a line that says whose they are.
 *
 * @returns `failed` for what is wrong with this command, so that trying again would not help
 * @throws ConnectorError what is wrong with Jira or the connection (unavailable, rate limit, credentials): later it may work,
 * after `findExecuted` has told that it did not
 */
export async function executeCommand(client: JiraClient, asked: CommandOnIssue, signal: AbortSignal): Promise<CommandOutcome> {
  const written = findCommandProblem(asked.command)
  if (written !== null) return failed(written)
  try {
    const forbidden = asked.own ? null : await findForbidden(client, asked, signal)
    if (forbidden !== null) return failed(forbidden)
    return await act(client, asked, signal)
  } catch (error) {
    if (!isOfCommand(error)) throw error
    return failed(await explain({ client, asked, signal, error }))
  }
}

/** A status as it is stored and compared: what no database keeps is left out. */
export function toStatusName(status: string): string {
  return toShownText(status, { max: 100 })
}

/** What is said of a transition that was done. */
export function toTransitionSummary({ name, status }: { readonly name: string | null; readonly status: string }): string {
  const now = `now ${toStatusName(status)}`
  return name === null ? `Status changed: ${now}` : `${toShownText(name, { max: 100 })}: ${now}`
}

/** What is written as a comment, or with a work log: the author's text, and whose it is where Jira would not show it. */
export function toJiraText({ command, own, author, commit, mark }: CommandOnIssue): string {
  // A colon or comma that stood between the command or the time and the text is no text.
  const written = command.name === 'time' ? command.text.replace(/^[,;:.]+(?=\s|$)/, '') : command.text
  // What no database keeps, some not even as an error of its own.
  const text = written
    .toWellFormed()
    .replaceAll(/(?!\t)\p{Cc}/gu, '')
    .trim()
  return own ? text : withAttribution(text, toAttribution({ person: author.displayName, commit, mark }))
}

function act(client: JiraClient, asked: CommandOnIssue, signal: AbortSignal): Promise<CommandOutcome> {
  const { command } = asked
  switch (command.name) {
    case 'comment':
      return addComment(client, asked, signal)
    case 'time':
      return addWorklog(client, asked, { time: toJiraDuration(command.time ?? ''), signal })
    case 'transition':
      return doTransition(client, asked, { name: command.transition, signal })
  }
}

async function addComment(client: JiraClient, asked: CommandOnIssue, signal: AbortSignal): Promise<CommandOutcome> {
  await asked.beforeChange?.(null)
  const { id: jiraId } = await client.actions.addComment(asked.issue, toJiraText(asked), signal)
  return { kind: 'done', summary: 'Comment added', jiraId }
}

async function addWorklog(
  client: JiraClient,
  asked: CommandOnIssue,
  { time, signal }: { readonly time: string; readonly signal: AbortSignal },
): Promise<CommandOutcome> {
  const { authoredAt: started, offsetMinutes } = asked.commit
  const worklog = { timeSpent: time, started, offsetMinutes, comment: toJiraText(asked) }
  await asked.beforeChange?.(null)
  const { id: jiraId } = await client.actions.addWorklog(asked.issue, worklog, signal)
  return { kind: 'done', summary: `Logged ${time}`, jiraId }
}

async function doTransition(
  client: JiraClient,
  asked: CommandOnIssue,
  { name, signal }: { readonly name: string; readonly signal: AbortSignal },
): Promise<CommandOutcome> {
  const found = await findTransition(client, asked, { name, signal })
  if ('code' in found) return failed(found)
  const text = toJiraText(asked)
  const within = text !== '' && found.takesComment
  await asked.beforeChange?.(toStatusName(found.status))
  await client.actions.doTransition(asked.issue, { id: found.id, comment: within ? text : null }, signal)
  const summary = toTransitionSummary(found)
  if (text === '' || within) return { kind: 'done', summary, jiraId: null }
  return { kind: 'done', summary: summary + (await addCommentAfter(client, asked, signal)), jiraId: null }
}

/** The transition is done by then: that its comment is refused does not make it a failure, but it is said. */
export async function addCommentAfter(client: JiraClient, asked: CommandOnIssue, signal: AbortSignal): Promise<string> {
  await asked.beforeComment?.()
  try {
    await client.actions.addComment(asked.issue, toJiraText(asked), signal)
    return ''
  } catch (error) {
    if (!isOfCommand(error)) throw error
    const forComment = { ...asked, command: { name: 'comment' as const, text: asked.command.text } }
    const problem = await explain({ client, asked: forComment, signal, error })
    return `; its comment was not added: ${problem.message}`
  }
}

async function findTransition(
  client: JiraClient,
  asked: CommandOnIssue,
  { name, signal }: { readonly name: string; readonly signal: AbortSignal },
): Promise<JiraTransition | Problem> {
  const { issue } = asked
  const transitions = await client.actions.listTransitions(issue, signal)
  const match = matchTransition(name, transitions)
  if (match.kind === 'found') {
    return match.transition.requiredFields.length > 0 ? fieldsRequired(issue.key, match.transition) : match.transition
  }
  if (match.kind === 'ambiguous')
    return transitionAmbiguous({ issue: issue.key, command: name, valid: transitions, among: match.among })
  const status = await client.actions.getStatus(issue, signal)
  if (transitions.length > 0) return transitionUnknown({ issue: issue.key, command: name, status, valid: transitions })
  // Jira gives an empty list to whoever may not change the status.
  if (await client.actions.hasOwnPermission(issue, 'TRANSITION_ISSUES', signal))
    return noTransitions({ issue: issue.key, status }, toActor(asked))
  return actorMayNot(asked, 'TRANSITION_ISSUES')
}

function neededFor({ command }: CommandOnIssue): readonly [IssuePermission, ...IssuePermission[]] {
  switch (command.name) {
    case 'comment':
      return ['ADD_COMMENTS']
    case 'time':
      return ['WORK_ON_ISSUES']
    case 'transition':
      return command.text === '' ? ['TRANSITION_ISSUES'] : ['TRANSITION_ISSUES', 'ADD_COMMENTS']
  }
}

/** What the author may not do; null: all of it is theirs to do. */
async function findForbidden(client: JiraClient, asked: CommandOnIssue, signal: AbortSignal): Promise<Problem | null> {
  const { issue, author } = asked
  const permissions: readonly IssuePermission[] = ['BROWSE_PROJECTS', ...neededFor(asked)]
  const mayAll = (wanted: readonly IssuePermission[]) =>
    client.actions.hasPermissions(author.name, { issue, permissions: wanted }, signal)
  try {
    if (await mayAll(permissions)) return null
    for (const permission of permissions.slice(0, -1)) {
      if (!(await mayAll([permission]))) return permissionMissing(issue.key, permission, toActor(asked))
    }
    return permissionMissing(issue.key, permissions.at(-1) ?? 'BROWSE_PROJECTS', toActor(asked))
  } catch (error) {
    if (isConnectorError(error, 'jira-permission-missing')) return permissionUnknown(issue.key, toActor(asked))
    throw error
  }
}

/** Whether Jira refused this command, and is well otherwise. */
export function isOfCommand(error: unknown): boolean {
  return (
    isConnectorError(error, 'jira-issue-not-found') ||
    isConnectorError(error, 'jira-permission-missing') ||
    (isConnectorError(error, 'jira-refused') && !error.retryable)
  )
}

/** Jira's own words differ by version and language; what it says about settings and permissions does not. */
async function explain(refusal: {
  readonly client: JiraClient
  readonly asked: CommandOnIssue
  readonly signal: AbortSignal
  readonly error: unknown
}): Promise<Problem> {
  const { client, asked, signal, error } = refusal
  if (isConnectorError(error, 'jira-issue-not-found')) return issueMissing(asked.issue.key, toActor(asked))
  if (asked.command.name === 'time' && !(await client.actions.hasTimeTracking(signal))) return timeTrackingOff()
  for (const permission of neededFor(asked)) {
    if (!(await client.actions.hasOwnPermission(asked.issue, permission, signal))) return actorMayNot(asked, permission)
  }
  return toProblem(error)
}

/** Whoever the client signs in as may not. */
function actorMayNot(asked: CommandOnIssue, permission: IssuePermission): Problem {
  return asked.own
    ? permissionMissing(asked.issue.key, permission, toActor(asked))
    : connectorPermissionMissing(asked.issue.key, permission)
}

function toActor({ author, own }: CommandOnIssue): Actor {
  return { person: author.displayName || author.name, own }
}

function failed(problem: Problem): CommandOutcome {
  return { kind: 'failed', problem }
}
