import type { IndexedValue } from './app/installed-app.ts'
import { invalidDate, parseJqlDate, parseList, unquote } from './jql-text.ts'
import type { SandboxIssue } from './types.ts'

type Comparable = number | string

/** A field that an app's index gives: its alias, or `issue.property[<property>].<path>`. null: there is none. */
export function findIndexedValue(field: string, indexed: readonly IndexedValue[]): IndexedValue | null {
  const [, property, path] = /^issue\.property\[([^\]]+)\]\.([\w.]+)$/.exec(field) ?? []
  const found = indexed.find((value) =>
    property === undefined
      ? value.alias.toLowerCase() === field.toLowerCase()
      : value.property === property && value.path === path,
  )
  return found ?? null
}

interface Clause {
  readonly field: string
  /** In lower case, words one space apart. */
  readonly operator: string
  /** As written. */
  readonly value: string
}

/** `null` says that Jira refuses the clause, and `errors` why. */
export function propertyCondition(
  indexed: IndexedValue,
  { field, operator, value }: Clause,
  { now, errors }: { readonly now: Date; readonly errors: string[] },
): ((issue: SandboxIssue) => boolean) | null {
  const valuesOf = (issue: SandboxIssue) => readIndexed(issue, indexed)
  if (operator === 'is' || operator === 'is not') {
    if (/^(empty|null)$/i.test(value.trim())) return (issue) => (valuesOf(issue).length === 0) === (operator === 'is')
    errors.push(`The operator '${operator}' of the field '${field}' takes EMPTY or NULL.`)
    return null
  }
  const wanted = (operator.endsWith('in') ? parseList(value) : [unquote(value)]).map((text) =>
    toComparable(text, indexed, { now, errors, field }),
  )
  if (wanted.some((one) => one === null)) return null
  const compare = COMPARISONS[operator]
  const ordered = /^[<>]/.test(operator)
  if (compare === undefined || (ordered && indexed.type === 'string') || (!ordered && indexed.type === 'date')) {
    errors.push(`The operator '${operator}' is not supported by the '${field}' field.`)
    return null
  }
  const matches = (own: Comparable) => wanted.some((one) => one !== null && compare(own, one))
  const negated = operator === '!=' || operator === 'not in'
  return (issue) => {
    const own = valuesOf(issue)
    return own.length > 0 && own.some(matches) !== negated
  }
}

/** Those that negate compare like their opposites. */
const COMPARISONS: Readonly<Record<string, (own: Comparable, wanted: Comparable) => boolean>> = {
  '=': (own, wanted) => own === wanted,
  '!=': (own, wanted) => own === wanted,
  in: (own, wanted) => own === wanted,
  'not in': (own, wanted) => own === wanted,
  '>': (own, wanted) => own > wanted,
  '>=': (own, wanted) => own >= wanted,
  '<': (own, wanted) => own < wanted,
  '<=': (own, wanted) => own <= wanted,
}

function toComparable(
  text: string,
  { type }: IndexedValue,
  { now, errors, field }: { readonly now: Date; readonly errors: string[]; readonly field: string },
): Comparable | null {
  if (type === 'string') return text
  const number = type === 'number' ? Number(text.trim() === '' ? Number.NaN : text) : parseJqlDate(text, now)
  if (!Number.isNaN(number)) return number
  errors.push(type === 'date' ? invalidDate(text, field) : `The value '${text}' for field '${field}' is not a number.`)
  return null
}

/** What the index would hold for an issue: nothing where the type does not fit, of a list each element. */
function readIndexed({ properties }: SandboxIssue, { property, path, type }: IndexedValue): Comparable[] {
  const found = path.split('.').reduce<unknown>((value, name) => memberOf(value, name), properties.get(property))
  return (Array.isArray(found) ? (found as unknown[]) : [found]).flatMap((value): Comparable[] => {
    if (type === 'number') return typeof value === 'number' ? [value] : []
    if (typeof value !== 'string') return []
    if (type === 'string') return [value]
    const time = Date.parse(value)
    return Number.isNaN(time) ? [] : [time]
  })
}

function memberOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, name)
    ? (value as Readonly<Record<string, unknown>>)[name]
    : undefined
}

/** Issues without the value come last, whatever the direction. */
export function compareIndexed(indexed: IndexedValue, descending: boolean): (a: SandboxIssue, b: SandboxIssue) => number {
  return (a, b) => {
    const [x = null] = readIndexed(a, indexed)
    const [y = null] = readIndexed(b, indexed)
    if (x === null || y === null) return Number(x === null) - Number(y === null)
    return (x < y ? -1 : x > y ? 1 : 0) * (descending ? -1 : 1)
  }
}
