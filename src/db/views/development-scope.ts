import { sql, type RawBuilder } from 'kysely'
import type { IssueKey } from '../../domain/ids.ts'
import { projectKeyOf } from '../../domain/issue-keys.ts'
import { NO_NOISE, type Noise } from '../../domain/noise.ts'
import type { Reader } from '../database.ts'
import type { ManualLinks } from './manual-links.ts'

export interface DevelopmentQuery {
  /** All keys of the issue. */
  readonly keys: readonly IssueKey[]
  /** Entries of each kind. */
  readonly limit: number
  /** Default: nothing is noise. */
  readonly noise?: Noise
  /** Noise is in the lists too, marked; counts leave it out all the same. */
  readonly showHidden?: boolean
}

/** Where a page ended: time in ms, then what breaks ties. */
export type DevelopmentPosition = readonly (number | string)[]

/** A query with the accounts that serve the issue's project. */
export interface Scope extends DevelopmentQuery {
  readonly accounts: readonly string[]
  readonly manual: ManualLinks
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

export const noiseOf = ({ noise }: DevelopmentQuery): Noise => noise ?? NO_NOISE

/** A row of a list that may be noise. */
export interface MaybeHidden {
  readonly hidden: boolean
}

/** Without what is hidden, unless that is asked for. */
export function toShown<Row extends MaybeHidden>(rows: readonly Row[], { showHidden }: DevelopmentQuery): readonly Row[] {
  return showHidden === true ? rows : rows.filter(({ hidden }) => !hidden)
}

/** `isAfter` for rows that were read already: everything on the first page. */
export function isPast({ after }: Scope, position: DevelopmentPosition): boolean {
  if (after === undefined || after === null) return true
  for (const [index, value] of position.entries()) {
    const limit = after[index]
    if (limit === undefined || value === limit) continue
    return value < limit
  }
  return false
}

/** Accounts that serve the project of one of the keys. */
export async function listVisibleAccounts(db: Reader, keys: readonly IssueKey[]): Promise<string[]> {
  const projects = new Set(keys.map(projectKeyOf))
  const rows = await db.selectFrom('accounts').select(['id', 'jira_projects']).execute()
  return rows.filter((row) => servesProject(row.jira_projects, projects)).map((row) => row.id)
}

function servesProject(jiraProjects: string, projects: ReadonlySet<string>): boolean {
  if (jiraProjects === '[]') return true
  return (JSON.parse(jiraProjects) as string[]).some((project) => projects.has(project))
}
