import { PostgresAdapter, sql, type RawBuilder } from 'kysely'
import type { Reader, Tx } from './database.ts'

type ColumnType = 'text' | 'bigint'

/**
 * Rows as one parameter: `from ${jsonRows(tx, { sha: 'text' }, rows)} as r`. The statement's text stays the same
 * whatever the number of rows, so it is prepared once, and no limit on parameters applies.
 *
 * @param columns name and type of each column of `rows`
 */
export function jsonRows(
  db: Reader | Tx,
  columns: Readonly<Record<string, ColumnType>>,
  rows: readonly object[],
): RawBuilder<unknown> {
  const json = JSON.stringify(rows)
  const names = Object.entries(columns)
  if (isPostgres(db)) {
    const definition = names.map(([name, type]) => `${name} ${type}`).join(', ')
    return sql`(select * from jsonb_to_recordset(${json}::jsonb) as j(${sql.raw(definition)}))`
  }
  const selection = names.map(([name]) => `value ->> '$.${name}' as ${name}`).join(', ')
  return sql`(select ${sql.raw(selection)} from json_each(${json}))`
}

/** Whether the handle speaks PostgreSQL's dialect. */
export function isPostgres(db: Reader | Tx): boolean {
  return db.getExecutor().adapter instanceof PostgresAdapter
}
