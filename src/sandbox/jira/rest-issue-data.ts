import { type Answer, type Exchange, readJson, readJsonObject, Refusal, type Route, toJiraDate } from './exchange.ts'
import { issueFor, visibleIssue } from './rest-issue.ts'
import { signedIn, toUser } from './rest-system.ts'
import { type SandboxComment, type SandboxWorklog, TRANSITIONS } from './types.ts'

const ISSUE = String.raw`/rest/api/2/issue/([^/]+)`
const LONGEST_PROPERTY_KEY = 255
const LONGEST_PROPERTY_VALUE = 32_768

/** What is attached to an issue: properties, remote links, comments, work logs, transitions. */
export function issueDataRoutes(): Route[] {
  const route = (method: string, rest: string, handle: Route['handle']): Route => ({
    method,
    pattern: new RegExp(`^${ISSUE}${rest}$`),
    handle,
  })
  return [
    route('GET', '/properties', listProperties),
    route('GET', '/properties/([^/]+)', readProperty),
    route('PUT', '/properties/([^/]+)', writeProperty),
    route('DELETE', '/properties/([^/]+)', deleteProperty),
    route('GET', '/remotelink', listRemoteLinks),
    route('POST', '/remotelink', writeRemoteLink),
    route('DELETE', '/remotelink', deleteRemoteLink),
    route('GET', '/comment', listComments),
    route('POST', '/comment', addComment),
    route('POST', '/worklog', addWorklog),
    route('GET', '/transitions', listTransitions),
    route('POST', '/transitions', doTransition),
  ]
}

function listProperties(exchange: Exchange, [issue = '']: string[]): Answer {
  const { id, properties } = visibleIssue(exchange, issue)
  const keys = [...properties.keys()].map((key) => ({ self: `${exchange.base}/rest/api/2/issue/${id}/properties/${key}`, key }))
  return { status: 200, body: { keys } }
}

function readProperty(exchange: Exchange, [issue = '', key = '']: string[]): Answer {
  const value = visibleIssue(exchange, issue).properties.get(key)
  if (value === undefined) throw new Refusal(404, [`The property ${key} does not exist.`])
  return { status: 200, body: { key, value } }
}

function writeProperty(exchange: Exchange, [issueKey = '', key = '']: string[]): Answer {
  const { properties } = issueFor(exchange, issueKey, 'EDIT_ISSUES')
  if (key.length > LONGEST_PROPERTY_KEY)
    throw new Refusal(400, [`The property key cannot be longer than ${LONGEST_PROPERTY_KEY} characters.`])
  if (exchange.body.toString('utf8').length > LONGEST_PROPERTY_VALUE) {
    throw new Refusal(413, [`The property value cannot be longer than ${LONGEST_PROPERTY_VALUE} characters.`])
  }
  const known = properties.has(key)
  properties.set(key, readJson(exchange.body))
  return { status: known ? 200 : 201 }
}

function deleteProperty(exchange: Exchange, [issueKey = '', key = '']: string[]): Answer {
  if (!issueFor(exchange, issueKey, 'EDIT_ISSUES').properties.delete(key))
    throw new Refusal(404, [`The property ${key} does not exist.`])
  return { status: 204 }
}

function listRemoteLinks(exchange: Exchange, [issueKey = '']: string[]): Answer {
  const { remoteLinks } = visibleIssue(exchange, issueKey)
  const globalId = exchange.query.get('globalId')
  if (globalId === null) return { status: 200, body: remoteLinks.map(({ id, value }) => ({ id, ...value })) }
  const link = remoteLinks.find((one) => one.globalId === globalId)
  if (link === undefined) throw new Refusal(404, [`No remote issue link with global id '${globalId}' was found.`])
  return { status: 200, body: { id: link.id, ...link.value } }
}

function writeRemoteLink(exchange: Exchange, [issueKey = '']: string[]): Answer {
  const issue = issueFor(exchange, issueKey, 'LINK_ISSUES')
  const value = readJsonObject(exchange.body)
  const object = value['object'] as { url?: unknown; title?: unknown } | undefined
  const missing = (['url', 'title'] as const).filter((field) => typeof object?.[field] !== 'string' || object[field] === '')
  if (missing.length > 0)
    throw new Refusal(400, [], Object.fromEntries(missing.map((field) => [field, `'${field}' is required.`])))
  const globalId = typeof value['globalId'] === 'string' ? value['globalId'] : null
  if (globalId !== null && globalId.length > 255)
    throw new Refusal(400, [], { globalId: 'The global id cannot be longer than 255 characters.' })
  const known = globalId === null ? undefined : issue.remoteLinks.find((link) => link.globalId === globalId)
  if (known !== undefined) known.value = value
  const link = known ?? { id: exchange.world.nextId(), globalId, value }
  if (known === undefined) issue.remoteLinks.push(link)
  const self = `${exchange.base}/rest/api/2/issue/${issue.key}/remotelink/${link.id}`
  return { status: known === undefined ? 201 : 200, body: { id: link.id, self } }
}

function deleteRemoteLink(exchange: Exchange, [issueKey = '']: string[]): Answer {
  const { remoteLinks } = issueFor(exchange, issueKey, 'LINK_ISSUES')
  const globalId = exchange.query.get('globalId')
  const index = remoteLinks.findIndex((link) => globalId !== null && link.globalId === globalId)
  if (index < 0) throw new Refusal(404, [`No remote issue link with global id '${globalId}' was found.`])
  remoteLinks.splice(index, 1)
  return { status: 204 }
}

function listComments(exchange: Exchange, [issueKey = '']: string[]): Answer {
  const { comments } = visibleIssue(exchange, issueKey)
  const body = {
    startAt: 0,
    maxResults: 1_048_576,
    total: comments.length,
    comments: comments.map((comment) => toComment(exchange, comment)),
  }
  return { status: 200, body }
}

function addComment(exchange: Exchange, [issueKey = '']: string[]): Answer {
  const issue = issueFor(exchange, issueKey, 'ADD_COMMENTS')
  const text = readJsonObject(exchange.body)['body']
  if (typeof text !== 'string' || text.trim() === '') throw new Refusal(400, [], { comment: 'Comment body can not be empty!' })
  const author = signedIn(exchange.user).name
  const comment: SandboxComment = { id: String(exchange.world.nextId()), author, body: text, created: exchange.now }
  issue.comments.push(comment)
  issue.updated = exchange.now
  return { status: 201, body: toComment(exchange, comment) }
}

function addWorklog(exchange: Exchange, [issueKey = '']: string[]): Answer {
  const issue = issueFor(exchange, issueKey, 'WORK_ON_ISSUES')
  const given = readJsonObject(exchange.body)
  const timeSpentSeconds =
    typeof given['timeSpentSeconds'] === 'number' ? given['timeSpentSeconds'] : parseDuration(given['timeSpent'])
  if (timeSpentSeconds === null || timeSpentSeconds <= 0)
    throw new Refusal(400, [], { timeLogged: 'Invalid time duration entered.' })
  const started = typeof given['started'] === 'string' ? given['started'] : toJiraDate(exchange.now)
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}[+-]\d{4}$/.test(started))
    throw new Refusal(400, ['Can not deserialize the date in field started.'])
  const comment = typeof given['comment'] === 'string' ? given['comment'] : ''
  const author = signedIn(exchange.user)
  const worklog: SandboxWorklog = { id: String(exchange.world.nextId()), author: author.name, comment, started, timeSpentSeconds }
  issue.worklogs.push(worklog)
  issue.updated = exchange.now
  return { status: 201, body: { ...worklog, author: toUser(author) } }
}

function listTransitions(exchange: Exchange, [issueKey = '']: string[]): Answer {
  const { status } = visibleIssue(exchange, issueKey)
  const valid = TRANSITIONS.filter(({ to }) => to !== status)
  return {
    status: 200,
    body: { expand: 'transitions', transitions: valid.map(({ id, name, to }) => ({ id, name, to: { name: to }, fields: {} })) },
  }
}

function doTransition(exchange: Exchange, [issueKey = '']: string[]): Answer {
  const issue = issueFor(exchange, issueKey, 'TRANSITION_ISSUES')
  const wanted = readJsonObject(exchange.body)['transition'] as { id?: unknown } | undefined
  const transition = TRANSITIONS.find(({ id, to }) => id === String(wanted?.id) && to !== issue.status)
  if (transition === undefined) {
    throw new Refusal(400, [
      `It seems that you have tried to perform a workflow operation that is not valid for the current state of this issue.`,
    ])
  }
  const change = { field: 'status', from: issue.status, to: transition.to }
  issue.status = transition.to
  exchange.world.noteChange(issue, [change])
  return { status: 204 }
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

function toComment({ world, base }: Exchange, { id, author, body, created }: SandboxComment) {
  const user = world.findUser(author)
  return {
    self: `${base}/rest/api/2/comment/${id}`,
    id,
    author: user === null ? null : toUser(user),
    body,
    created: toJiraDate(created),
  }
}
