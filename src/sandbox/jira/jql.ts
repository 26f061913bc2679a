import { compareIndexed, findIndexedValue, propertyCondition } from './jql-property.ts'
import { invalidDate, isEnclosed, parseJqlDate, parseList, splitAt, splitList, unquote } from './jql-text.ts'
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
 * `updated >= "…"` or `-5m`, `status = …`, `issuetype in (…)`, joined by AND, OR and brackets, with ORDER BY key, updated or created; and what the app has Jira index, by alias or
 * by `issue.property[…]`.
 */
export function parseJql(jql: string, context: Context): Jql {
  const [where = '', orderBy] = jql.split(/\border\s+by\b/i)
  const errors: string[] = []
  const matches = where.trim() === '' ? () => true : parseWhere(where.trim(), context, errors)
  if (errors.length > 0) throw new JqlError(errors)
  return { matches, compare: parseOrder(orderBy?.trim() ?? '', context) }
}

function parseWhere(where: string, context: Context, errors: string[]): Condition {
  for (const [word, holds] of [
    ['or', (parts: boolean[]) => parts.some(Boolean)],
    ['and', (parts: boolean[]) => parts.every(Boolean)],
  ] as const) {
    const parts = splitAt(word, where)
    if (parts.length === 1) continue
    const conditions = parts.map((part) => parseWhere(part, context, errors))
    return (issue) => holds(conditions.map((condition) => condition(issue)))
  }
  return isEnclosed(where) ? parseWhere(where.slice(1, -1).trim(), context, errors) : parseClause(where, context, errors)
}

const CLAUSE = /^(\w+|issue\.property\[[^\]]+\]\.[\w.]+)\s*(not\s+in\b|in\b|is\s+not\b|is\b|>=|<=|!=|=|>|<)\s*(.+)$/is
/** Of Jira's own fields. */
const OPERATORS: readonly string[] = ['in', '>=', '<=', '=', '>', '<']

function parseClause(clause: string, context: Context, errors: string[]): Condition {
  const [, field = '', written = '', value = ''] = CLAUSE.exec(clause) ?? []
  const operator = written.toLowerCase().replaceAll(/\s+/g, ' ')
  const indexed = findIndexedValue(field, context.world.app?.indexed ?? [])
  if (indexed !== null) {
    return propertyCondition(indexed, { field, operator, value }, { now: context.now, errors }) ?? (() => false)
  }
  const values = operator === 'in' ? parseList(value) : [unquote(value)]
  switch (OPERATORS.includes(operator) ? field.toLowerCase() : '') {
    case 'key':
    case 'issuekey':
    case 'issue':
    case 'id':
      return keyCondition(listTerms(operator, value), context, errors)
    case 'project':
      return projectCondition(values, context, errors)
    case 'status':
      return nameCondition(values, ({ status }) => status)
    case 'issuetype':
    case 'type':
      return nameCondition(values, ({ type }) => type)
    case 'updated':
      return updatedCondition(operator, values[0] ?? '', context, errors)
    default:
      errors.push(`Error in the JQL Query: Field '${field || clause}' does not exist or you do not have permission to view it.`)
      return () => false
  }
}

function listTerms(operator: string, value: string): string[] {
  return operator === 'in' ? splitList(value) : [value.trim()]
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

function nameCondition(names: readonly string[], nameOf: (issue: SandboxIssue) => string): Condition {
  const wanted = names.map((name) => name.toLowerCase())
  return (issue) => wanted.includes(nameOf(issue).toLowerCase())
}

function updatedCondition(operator: string, text: string, { now }: Context, errors: string[]): Condition {
  const absolute = parseJqlDate(text, now)
  if (Number.isNaN(absolute)) errors.push(invalidDate(text, 'updated'))
  const compare: Readonly<Record<string, (updated: number) => boolean>> = {
    '>=': (updated) => updated >= absolute,
    '>': (updated) => updated > absolute,
    '<=': (updated) => updated <= absolute,
    '<': (updated) => updated < absolute,
  }
  return ({ updated }) => compare[operator]?.(updated.getTime()) ?? false
}

function parseOrder(orderBy: string, { world }: Context): Jql['compare'] {
  const [field = 'created', direction = orderBy === '' ? 'desc' : 'asc'] = orderBy.split(/\s+/).filter(Boolean)
  const sign = direction.toLowerCase() === 'desc' ? -1 : 1
  const indexed = findIndexedValue(field, world.app?.indexed ?? [])
  if (indexed !== null) return compareIndexed(indexed, sign < 0)
  if (/^(issue)?key$/i.test(field)) return (a, b) => sign * compareKeys(a.key, b.key)
  if (/^updated$/i.test(field)) return (a, b) => sign * (a.updated.getTime() - b.updated.getTime() || Number(a.id) - Number(b.id))
  return (a, b) => sign * (Number(a.id) - Number(b.id))
}

function compareKeys(a: string, b: string): number {
  const [projectA = '', numberA = ''] = a.split(/-(?=\d+$)/)
  const [projectB = '', numberB = ''] = b.split(/-(?=\d+$)/)
  return projectA.localeCompare(projectB) || Number(numberA) - Number(numberB)
}
