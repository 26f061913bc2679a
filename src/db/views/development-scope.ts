import { sql, type RawBuilder } from 'kysely'
import type { IssueKey } from '../../domain/ids.ts'
import type { Reader } from '../database.ts'

export interface DevelopmentQuery {
  /** All keys of the issue. */
  readonly keys: readonly IssueKey[]
  /** Entries of each kind. */
  readonly limit: number
}

/** Where a page ended: time in ms, then what breaks ties. */
export type DevelopmentPosition = readonly (number | string)[]

/** A query with the accounts that serve the issue's project. */
export interface Scope extends DevelopmentQuery {
  readonly accounts: readonly string[]
  readonly after?: DevelopmentPosition | null
}

/** Everything on the first page, else what comes after the position; all columns are sorted downwards. */
export function isAfter({ after }: Scope, columns: readonly string[]): RawBuilder<boolean> {
  if (after === undefined || after === null) return sql<boolean>`1 = 1`
  return sql<boolean>`(${sql.join(columns.map((column) => sql.ref(column)))}) < (${sql.join([...after])})`
}

/** A subquery: an installation may have ten thousand repositories, an issue is in a handful. */
export function visible(db: Reader, { accounts }: Scope) {
  return db.selectFrom('repositories').select('id').where('linked', '=', 1).where('account_id', 'in', accounts)
}
