import { hasMark } from './attribution.ts'
import type { JiraClient } from './client.ts'
import {
  addCommentAfter,
  type CommandOnIssue,
  type CommandOutcome,
  toJiraText,
  toStatusName,
  toTransitionSummary,
} from './execute-command.ts'
import { isConnectorError } from '../lib/connector-error.ts'
import { matchTransition } from '../domain/transition-name.ts'
import { toJiraDuration } from '../domain/work-duration.ts'
import type { JiraComment } from './issue-actions.ts'

/** Clocks of the connector and of Jira may differ by this much. */
const CLOCKS_MS = 120_000

/**
 * Looks in Jira for an action whose call may or may not have reached it, after a restart or a connection that broke.
 * Comments and work logs are found by their mark, those of the author's own token by author, text and time. A transition is
 * found by the comment that goes with it; else by a newest change of status by the same user that leads where it was to lead,
 * and then the missing comment is added. Should that change be another command's, the issue is where this one wanted it,
 * too. A comment by the author's own token that they changed meanwhile is not known again, and is written once more.
 *
 * @returns null: it is not there, so it has not been done
 * @throws ConnectorError when Jira as a whole cannot be asked
 */
export async function findExecuted(
  client: JiraClient,
  asked: CommandOnIssue,
  signal: AbortSignal,
): Promise<CommandOutcome | null> {
  try {
    switch (asked.command.name) {
      case 'comment':
        return await findComment(client, asked, signal)
      case 'time':
        return await findWorklog(client, asked, { time: toJiraDuration(asked.command.time ?? ''), signal })
      case 'transition':
        return await findTransition(client, asked, signal)
    }
  } catch (error) {
    // Nothing can have been done to it; doing it says what is the matter.
    if (isConnectorError(error, 'jira-issue-not-found')) return null
    throw error
  }
}

async function findComment(client: JiraClient, asked: CommandOnIssue, signal: AbortSignal): Promise<CommandOutcome | null> {
  for await (const comment of client.actions.listComments(asked.issue, signal)) {
    if (isOurs(comment, asked)) return { kind: 'done', summary: 'Comment added', jiraId: comment.id }
  }
  return null
}

async function findWorklog(
  client: JiraClient,
  asked: CommandOnIssue,
  { time, signal }: { readonly time: string; readonly signal: AbortSignal },
): Promise<CommandOutcome | null> {
  const worklogs = await client.actions.listWorklogs(asked.issue, signal)
  const found = worklogs.find((worklog) => isOurs(worklog, asked))
  return found === undefined ? null : { kind: 'done', summary: `Logged ${time}`, jiraId: found.id }
}

async function findTransition(client: JiraClient, asked: CommandOnIssue, signal: AbortSignal): Promise<CommandOutcome | null> {
  const actor = wasOwn(asked) ? asked.author.name : (await client.getUser(signal)).name
  const change = (await client.actions.listStatusChanges(asked.issue, signal)).at(-1)
  const status = change === undefined ? await client.actions.getStatus(asked.issue, signal) : change.to
  const hasText = toJiraText({ ...asked, own: wasOwn(asked) }) !== ''
  if (hasText && (await findComment(client, asked, signal)) !== null) return done(status)
  if (change === undefined || change.author !== actor || !isRecent(change.created, asked)) return null
  if (!(await leadsTo(client, asked, { status: change.to, signal }))) return null
  const rest = hasText ? await addCommentAfter(client, asked, signal) : ''
  return done(status, rest)
}

/**
 * Whether a change of status may be the one that was asked for. Where its target was not kept, what is still offered has not
 * been done, unless it leads to where the issue is.
 */
async function leadsTo(
  client: JiraClient,
  { issue, command, target = null }: CommandOnIssue,
  { status, signal }: { readonly status: string; readonly signal: AbortSignal },
): Promise<boolean> {
  if (command.name !== 'transition') return false
  if (target !== null) return toStatusName(status) === target
  const match = matchTransition(command.transition, await client.actions.listTransitions(issue, signal))
  if (match.kind === 'none') return true
  const offered = match.kind === 'found' ? [match.transition] : match.among
  return offered.some((transition) => transition.status === status)
}

function done(status: string, rest = ''): CommandOutcome {
  return { kind: 'done', summary: toTransitionSummary({ name: null, status }) + rest, jiraId: null }
}

function isOurs(written: JiraComment, asked: CommandOnIssue): boolean {
  if (!wasOwn(asked)) return hasMark(written.text, asked.mark)
  const text = toJiraText({ ...asked, own: true })
  return written.author === asked.author.name && written.text.trim() === text && isRecent(written.created, asked)
}

function wasOwn({ attemptedOwn, own }: CommandOnIssue): boolean {
  return attemptedOwn ?? own
}

function isRecent(date: Date, { attemptedAt, commit }: CommandOnIssue): boolean {
  return date.getTime() >= (attemptedAt ?? commit.authoredAt).getTime() - CLOCKS_MS
}
