import { sql } from 'kysely'
import type { Database, Reader } from '../database.ts'
import { NOT_COPIED } from './copied-table.ts'

export interface OwnTable {
  readonly name: string
  /** Name and type of each column; there are no other types. */
  readonly columns: Readonly<Record<string, 'text' | 'bigint'>>
}

/** The tables of the connector as they are in this database, with those that are not copied. */
export async function listOwnTables(db: Reader, kind: Database['kind']): Promise<OwnTable[]> {
  const schema = kind === 'postgres' ? await currentSchema(db) : undefined
  const tables = await db.introspection.getTables()
  return tables
    .filter((table) => !table.isView && table.schema === schema)
    .map(({ name, columns }) => ({
      name,
      columns: Object.fromEntries(
        columns.map((column) => [column.name, column.dataType.toLowerCase() === 'text' ? 'text' : 'bigint']),
      ),
    }))
}

export const isCopied = ({ name }: Pick<OwnTable, 'name'>) => !NOT_COPIED.has(name)

/** Other schemas of the same database, such as the queue's, are none of ours. */
async function currentSchema(db: Reader): Promise<string> {
  const { rows } = await sql<{ name: string }>`select current_schema() as name`.execute(db)
  return rows[0]?.name ?? 'public'
}
