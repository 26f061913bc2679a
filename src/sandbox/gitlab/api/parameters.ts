import { badParameter } from '../answer.ts'
import type { ApiCall } from './router.ts'

/** A query parameter that must be one of these; the first is the default. */
export function choice<T extends string>(call: ApiCall, name: string, values: readonly [T, ...T[]]): T {
  const given = call.query.get(name)
  if (given === null) return values[0]
  const found = values.find((value) => value === given)
  if (found === undefined) throw badParameter(`${name} does not have a valid value`)
  return found
}

/** null when not given. */
export function flag(call: ApiCall, name: string): boolean | null {
  const given = call.query.get(name)
  if (given === null) return null
  if (['true', '1', 'yes'].includes(given)) return true
  if (['false', '0', 'no', ''].includes(given)) return false
  throw badParameter(`${name} is invalid`)
}

export function integer(call: ApiCall, name: string): number | null {
  const given = call.query.get(name)
  if (given === null || given === '') return null
  if (!/^-?\d+$/.test(given)) throw badParameter(`${name} is invalid`)
  return Number(given)
}

export function time(call: ApiCall, name: string): Date | null {
  const given = call.query.get(name)
  if (given === null || given === '') return null
  const date = new Date(given)
  if (Number.isNaN(date.getTime())) throw badParameter(`${name} is invalid`)
  return date
}

/** `iids[]=1&iids[]=2`; null when not given. */
export function list(call: ApiCall, name: string): string[] | null {
  const values = [...call.query.getAll(`${name}[]`), ...(call.query.get(name)?.split(',') ?? [])].filter((value) => value !== '')
  return values.length === 0 ? null : values
}

/** Keeps what lies at or after `name_after` and at or before `name_before`, as GitLab's filters do. */
export function withinTimes<T>(call: ApiCall, name: string, items: readonly T[], at: (item: T) => Date): T[] {
  const after = time(call, `${name}_after`)
  const before = time(call, `${name}_before`)
  return items.filter((item) => (after === null || at(item) >= after) && (before === null || at(item) <= before))
}

/** Sorts by a key with the id as tie-break, both in the direction of `sort`. */
export function sorted<T extends { readonly id: number }>(
  items: readonly T[],
  key: (item: T) => number | string,
  sort: 'asc' | 'desc',
): T[] {
  const sign = sort === 'asc' ? 1 : -1
  return items.toSorted((a, b) => sign * (compare(key(a), key(b)) || a.id - b.id))
}

function compare(a: number | string, b: number | string): number {
  if (a === b) return 0
  return a < b ? -1 : 1
}
