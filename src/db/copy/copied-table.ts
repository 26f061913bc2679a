import type { RowValue } from '../packed-rows.ts'

/** Some rows of a table, each with its values in the order of `columns`. */
export interface CopiedRows {
  readonly table: string
  readonly columns: readonly string[]
  readonly rows: readonly (readonly RowValue[])[]
}

/**
 * What belongs into no copy: work under way is asked for again, and who was signed in, or about to be, does so again;
 * else a copy would bring back sessions that were ended since.
 */
export const NOT_COPIED: ReadonlySet<string> = new Set(['jobs', 'sessions', 'setup_codes', 'oauth_sign_ins'])
