import { findVisibleIssue, mayIn, type Permission } from './access.ts'
import { type Answer, type Exchange, readJsonObject, Refusal, type Route, toJiraDate } from './exchange.ts'
import { JqlError, parseJql } from './jql.ts'
import { STATUS_CATEGORIES, type SandboxIssue } from './types.ts'

/** Jira caps a page silently. */
const MOST_RESULTS = 1000

/** Reading one issue, and searching. */
export function issueRoutes(): Route[] {
  return [
    { method: 'GET', pattern: /^\/rest\/api\/2\/issue\/([^/]+)$/, handle: readIssue },
    {
      method: 'GET',
      pattern: /^\/rest\/api\/2\/search$/,
      handle: (exchange) => search(exchange, Object.fromEntries(exchange.query)),
    },
    {
      method: 'POST',
      pattern: /^\/rest\/api\/2\/search$/,
      handle: (exchange) => search(exchange, readJsonObject(exchange.body)),
    },
  ]
}

/** The issue, or Jira's answer that does not tell hidden from absent. */
export function visibleIssue({ world, user }: Exchange, idOrKey: string): SandboxIssue {
  const issue = findVisibleIssue(world, idOrKey, user)
  if (issue === null) throw new Refusal(404, ['Issue Does Not Exist'])
  return issue
}

/** The issue, if the user may do this to it: 401 for nobody, 403 for somebody. */
export function issueFor(exchange: Exchange, idOrKey: string, permission: Permission): SandboxIssue {
  const issue = visibleIssue(exchange, idOrKey)
  if (mayIn(exchange.world.projectOf(issue), exchange.user, permission)) return issue
  const message = `You do not have permission to edit issue ${issue.key} (${permission}).`
  throw new Refusal(exchange.user === null ? 401 : 403, [message])
}

function readIssue(exchange: Exchange, [idOrKey = '']: string[]): Answer {
  const fields = (exchange.query.get('fields') ?? '*all').split(',')
  const issue = visibleIssue(exchange, idOrKey)
  const expand = (exchange.query.get('expand') ?? '').split(',')
  const body = toIssue(exchange, issue, fields)
  return { status: 200, body: expand.includes('changelog') ? { ...body, changelog: toChangelog(exchange, issue) } : body }
}

function toChangelog({ world }: Exchange, { history }: SandboxIssue) {
  const histories = history.map(({ id, author, created, items }) => ({
    id,
    author: toPerson(world.findUser(author ?? '')),
    created: toJiraDate(created),
    items: items.map(({ field, from, to }) => ({
      field,
      fieldtype: 'jira',
      from: null,
      fromString: from,
      to: null,
      toString: to,
    })),
  }))
  return { startAt: 0, maxResults: histories.length, total: histories.length, histories }
}

function search(exchange: Exchange, given: Record<string, unknown>): Answer {
  const { world, user, now } = exchange
  const strict = ![false, 'false', 'none', 'warn'].some((lax) => lax === given['validateQuery'])
  const jql = typeof given['jql'] === 'string' ? given['jql'] : ''
  try {
    const { matches, compare } = parseJql(jql, { world, now, strict })
    const found = world.issues().filter((issue) => matches(issue) && mayIn(world.projectOf(issue), user, 'BROWSE_PROJECTS'))
    const startAt = Math.max(0, Number(given['startAt'] ?? 0))
    const maxResults = Math.min(MOST_RESULTS, Math.max(0, Number(given['maxResults'] ?? 50)))
    const fields = parseFields(given['fields'])
    const issues = found
      .sort(compare)
      .slice(startAt, startAt + maxResults)
      .map((issue) => toIssue(exchange, issue, fields))
    return { status: 200, body: { expand: 'schema,names', startAt, maxResults, total: found.length, issues } }
  } catch (error) {
    if (error instanceof JqlError) throw new Refusal(400, error.messages)
    throw error
  }
}

function parseFields(fields: unknown): string[] {
  if (Array.isArray(fields)) return fields.map(String)
  return typeof fields === 'string' ? fields.split(',') : ['*navigable']
}

/** An issue as REST and webhooks give it. */
export function toIssue({ world, base }: Pick<Exchange, 'world' | 'base'>, issue: SandboxIssue, fields: readonly string[]) {
  const { id, key, name } = world.projectOf(issue)
  const statusCategory = { key: STATUS_CATEGORIES[issue.status] }
  const all: Record<string, unknown> = {
    summary: issue.summary,
    description: issue.description,
    issuetype: { name: issue.type },
    priority: { name: issue.priority },
    status: { name: issue.status, statusCategory },
    project: { id, key, name },
    assignee: toPerson(world.findUser(issue.assignee ?? '')),
    reporter: toPerson(world.findUser(issue.reporter ?? '')),
    created: toJiraDate(issue.created),
    updated: toJiraDate(issue.updated),
  }
  const everything = fields.some((field) => field === '*all' || field === '*navigable')
  const shown = Object.entries(all).filter(([field]) => everything || fields.includes(field))
  const self = `${base}/rest/api/2/issue/${issue.id}`
  return { expand: 'renderedFields,names,schema', id: issue.id, self, key: issue.key, fields: Object.fromEntries(shown) }
}

function toPerson(user: { name: string; displayName: string } | null) {
  return user === null ? null : { name: user.name, key: user.name, displayName: user.displayName }
}
