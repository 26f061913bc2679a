import { mayIn } from './access.ts'
import { type Answer, type Exchange, readJsonObject, Refusal, type Route, toJiraDate } from './exchange.ts'
import { visibleIssue } from './rest-issue.ts'
import { signedIn, toUser } from './rest-system.ts'
import type { SandboxComment, SandboxIssue, SandboxWorklog } from './types.ts'

/** Jira's limit of a text when no administrator changed it. */
const LONGEST_TEXT = 32_767

/** What people do to an issue: comments and work logs. */
export function issueWorkRoutes(): Route[] {
  const route = (method: string, rest: string, handle: Route['handle']): Route => ({
    method,
    pattern: new RegExp(String.raw`^/rest/api/2/issue/([^/]+)${rest}$`),
    handle,
  })
  return [
    route('GET', '/comment', listComments),
    route('POST', '/comment', addComment),
    route('GET', '/worklog', listWorklogs),
    route('POST', '/worklog', addWorklog),
  ]
}

/** Comments on an issue, of a call of its own or with a transition. */
export function commentOn(exchange: Exchange, issue: SandboxIssue, text: unknown): SandboxComment {
  const { world, now } = exchange
  const user = exchange.user
  if (!mayIn(world.projectOf(issue), user, 'ADD_COMMENTS')) {
    const who = user === null ? 'You' : `${user.displayName}, you`
    throw new Refusal(400, [`${who} do not have the permission to comment on this issue.`])
  }
  if (typeof text !== 'string' || text.trim() === '') throw new Refusal(400, [], { comment: 'Comment body can not be empty!' })
  refuseTooLong(text, 'comment')
  const comment: SandboxComment = { id: String(world.nextId()), author: signedIn(user).name, body: text, created: now }
  issue.comments.push(comment)
  issue.updated = now
  return comment
}

function listComments(exchange: Exchange, [issueKey = '']: string[]): Answer {
  const { comments } = visibleIssue(exchange, issueKey)
  const newestFirst = exchange.query.get('orderBy') === '-created'
  const startAt = Number(exchange.query.get('startAt') ?? 0)
  const maxResults = Number(exchange.query.get('maxResults') ?? 1_048_576)
  const shown = (newestFirst ? comments.toReversed() : comments).slice(startAt, startAt + maxResults)
  const body = { startAt, maxResults, total: comments.length, comments: shown.map((comment) => toComment(exchange, comment)) }
  return { status: 200, body }
}

function addComment(exchange: Exchange, [issueKey = '']: string[]): Answer {
  const comment = commentOn(exchange, visibleIssue(exchange, issueKey), readJsonObject(exchange.body)['body'])
  return { status: 201, body: toComment(exchange, comment) }
}

function listWorklogs(exchange: Exchange, [issueKey = '']: string[]): Answer {
  const { worklogs } = visibleIssue(exchange, issueKey)
  const total = worklogs.length
  return {
    status: 200,
    body: { startAt: 0, maxResults: total, total, worklogs: worklogs.map((one) => toWorklog(exchange, one)) },
  }
}

function addWorklog(exchange: Exchange, [issueKey = '']: string[]): Answer {
  const { world, now } = exchange
  const issue = visibleIssue(exchange, issueKey)
  if (!world.instance.timeTracking) throw new Refusal(400, ['Time Tracking is not enabled.'])
  if (!mayIn(world.projectOf(issue), exchange.user, 'WORK_ON_ISSUES'))
    throw new Refusal(exchange.user === null ? 401 : 403, [
      'You do not have the permission to associate a worklog to this issue.',
    ])
  const given = readJsonObject(exchange.body)
  const timeSpentSeconds =
    typeof given['timeSpentSeconds'] === 'number' ? given['timeSpentSeconds'] : parseDuration(given['timeSpent'])
  if (timeSpentSeconds === null || timeSpentSeconds <= 0)
    throw new Refusal(400, [], { timeLogged: 'Invalid time duration entered.' })
  const started = typeof given['started'] === 'string' ? given['started'] : toJiraDate(now)
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}[+-]\d{4}$/.test(started))
    throw new Refusal(400, ['Can not deserialize the date in field started.'])
  const comment = typeof given['comment'] === 'string' ? given['comment'] : ''
  refuseTooLong(comment, 'comment')
  const author = signedIn(exchange.user).name
  const worklog: SandboxWorklog = { id: String(world.nextId()), author, comment, started, timeSpentSeconds, created: now }
  issue.worklogs.push(worklog)
  issue.updated = now
  return { status: 201, body: toWorklog(exchange, worklog) }
}

function refuseTooLong(text: string, field: string): void {
  if (text.length <= LONGEST_TEXT) return
  throw new Refusal(400, [], {
    [field]: `The entered text is too long. It exceeds the allowed limit of ${LONGEST_TEXT} characters.`,
  })
}

/** Jira's durations with its usual settings: eight hours a day, five days a week. */
function parseDuration(text: unknown): number | null {
  if (typeof text !== 'string') return null
  const units: Readonly<Record<string, number>> = { m: 60, h: 3600, d: 8 * 3600, w: 5 * 8 * 3600 }
  const parts = text
    .trim()
    .split(/\s+/)
    .map((part) => /^(\d+(?:\.\d+)?)([mhdw])$/.exec(part))
  if (parts.includes(null)) return null
  return parts.reduce((sum, part) => sum + Number(part?.[1]) * (units[part?.[2] ?? 'm'] ?? 0), 0)
}

/** Seconds as Jira writes them: `1d 2h`. */
export function toDurationText(seconds: number): string {
  const parts: string[] = []
  let left = seconds
  for (const [unit, size] of [
    ['w', 144_000],
    ['d', 28_800],
    ['h', 3600],
    ['m', 60],
  ] as const) {
    const amount = Math.floor(left / size)
    left -= amount * size
    if (amount > 0) parts.push(`${amount}${unit}`)
  }
  return parts.join(' ') || '0m'
}

function toComment(exchange: Exchange, { id, author, body, created }: SandboxComment) {
  const user = exchange.world.findUser(author)
  return {
    self: `${exchange.base}/rest/api/2/comment/${id}`,
    id,
    author: user === null ? null : toUser(exchange, user),
    body,
    created: toJiraDate(created),
  }
}

function toWorklog(exchange: Exchange, { id, author, comment, started, timeSpentSeconds, created }: SandboxWorklog) {
  const user = exchange.world.findUser(author)
  return {
    id,
    author: user === null ? null : toUser(exchange, user),
    comment,
    created: toJiraDate(created),
    started,
    timeSpent: toDurationText(timeSpentSeconds),
    timeSpentSeconds,
  }
}
