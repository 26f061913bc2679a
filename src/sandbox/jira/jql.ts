import type { SandboxIssue } from './types.ts'
import type { World } from './world.ts'

/** A query that Jira would refuse; `messages` in Jira's words. */
export class JqlError extends Error {
  readonly messages: readonly string[]
  constructor(messages: readonly string[]) {
    super(messages.join(' '))
    this.name = 'JqlError'
    this.messages = messages
  }
}

export interface Jql {
  matches(issue: SandboxIssue): boolean
  compare(a: SandboxIssue, b: SandboxIssue): number
}

interface Context {
  readonly world: World
  readonly now: Date
  /** Unknown keys and projects are errors; otherwise they just match nothing. */
  readonly strict: boolean
}

type Condition = (issue: SandboxIssue) => boolean

/**
 * The small part of JQL that a connector asks: `key in (…)`, `key = …`, `project = …`, `project in (…)`,
 * `updated >= "…"` or `-5m`, joined by AND, with ORDER BY key, updated or created.
 */
export function parseJql(jql: string, context: Context): Jql {
  const [where = '', orderBy] = jql.split(/\border\s+by\b/i)
  const clauses = where.trim() === '' ? [] : where.split(/\band\b(?=(?:[^"]*"[^"]*")*[^"]*$)/i)
  const errors: string[] = []
  const conditions = clauses.map((clause) => parseClause(clause.trim(), context, errors))
  if (errors.length > 0) throw new JqlError(errors)
  return { matches: (issue) => conditions.every((condition) => condition(issue)), compare: parseOrder(orderBy?.trim() ?? '') }
}

function parseClause(clause: string, context: Context, errors: string[]): Condition {
  const parts = /^(\w+)\s*(in|>=|<=|=|>|<)\s*(.+)$/is.exec(clause)
  const [, field = '', operator = '', value = ''] = parts ?? []
  const values = operator.toLowerCase() === 'in' ? parseList(value) : [unquote(value)]
  switch (field.toLowerCase()) {
    case 'key':
    case 'issuekey':
    case 'issue':
    case 'id':
      return keyCondition(listTerms(operator, value), context, errors)
    case 'project':
      return projectCondition(values, context, errors)
    case 'updated':
      return updatedCondition(operator, values[0] ?? '', context, errors)
    default:
      errors.push(`Error in the JQL Query: Field '${field || clause}' does not exist or you do not have permission to view it.`)
      return () => false
  }
}

function listTerms(operator: string, value: string): string[] {
  return operator.toLowerCase() === 'in' ? splitList(value) : [value.trim()]
}

/** A number is an id; in quotes it is a key, which no issue has. */
function keyCondition(terms: string[], { world, strict }: Context, errors: string[]): Condition {
  const ids = new Set<string>()
  for (const term of terms) {
    const key = unquote(term)
    const issue = /^["']\d+["']$/.test(term) ? null : world.findIssue(key)
    if (issue !== null) ids.add(issue.id)
    else if (strict) errors.push(`An issue with key '${key}' does not exist for field 'key'.`)
  }
  return ({ id }) => ids.has(id)
}

function projectCondition(keys: string[], { world, strict }: Context, errors: string[]): Condition {
  const ids = new Set<string>()
  for (const key of keys) {
    const project = world.findProject(key) ?? world.projects.find(({ name }) => name === key) ?? null
    if (project !== null) ids.add(project.id)
    else if (strict) errors.push(`The value '${key}' does not exist for the field 'project'.`)
  }
  return ({ projectId }) => ids.has(projectId)
}

const UNITS_MS: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 }

function updatedCondition(operator: string, text: string, { now }: Context, errors: string[]): Condition {
  const relative = /^-(\d+)([mhdw])$/.exec(text)
  const absolute = relative === null ? parseDate(text) : agoOf(now, relative)
  if (Number.isNaN(absolute)) {
    errors.push(
      `Date value '${text}' for field 'updated' is invalid. Valid formats include: 'yyyy/MM/dd HH:mm', 'yyyy-MM-dd HH:mm', '-5d', '4w 2d'.`,
    )
  }
  const compare: Readonly<Record<string, (updated: number) => boolean>> = {
    '>=': (updated) => updated >= absolute,
    '>': (updated) => updated > absolute,
    '<=': (updated) => updated <= absolute,
    '<': (updated) => updated < absolute,
  }
  return ({ updated }) => compare[operator]?.(updated.getTime()) ?? false
}

/** `2026-11-22` or `2026/11/22 10:00`, in UTC. */
function parseDate(text: string): number {
  const [day = '', time = '00:00'] = text.replaceAll('/', '-').split(' ')
  return Date.parse(`${day}T${time}Z`)
}

function agoOf(now: Date, [, amount = '0', unit = 'm']: RegExpExecArray): number {
  return now.getTime() - Number(amount) * (UNITS_MS[unit] ?? 0)
}

function parseOrder(orderBy: string): Jql['compare'] {
  const [field = 'created', direction = orderBy === '' ? 'desc' : 'asc'] = orderBy.toLowerCase().split(/\s+/).filter(Boolean)
  const sign = direction === 'desc' ? -1 : 1
  if (field === 'key' || field === 'issuekey') return (a, b) => sign * compareKeys(a.key, b.key)
  if (field === 'updated') return (a, b) => sign * (a.updated.getTime() - b.updated.getTime() || Number(a.id) - Number(b.id))
  return (a, b) => sign * (Number(a.id) - Number(b.id))
}

function compareKeys(a: string, b: string): number {
  const [projectA = '', numberA = ''] = a.split(/-(?=\d+$)/)
  const [projectB = '', numberB = ''] = b.split(/-(?=\d+$)/)
  return projectA.localeCompare(projectB) || Number(numberA) - Number(numberB)
}

function parseList(text: string): string[] {
  return splitList(text).map(unquote).filter(Boolean)
}

function splitList(text: string): string[] {
  return text
    .replace(/^\s*\(|\)\s*$/g, '')
    .split(',')
    .map((term) => term.trim())
    .filter((term) => term !== '')
}

function unquote(text: string): string {
  return text.trim().replace(/^(["'])(.*)\1$/s, '$2')
}
