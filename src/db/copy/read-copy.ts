import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { Kysely, sql, SqliteDialect } from 'kysely'
import { ConnectorError } from '../../lib/connector-error.ts'
import { listAppliedMigrations } from '../applied-migrations.ts'
import type { Database, Reader } from '../database.ts'
import { SQLITE_FILE, toDatabaseError, type DatabaseOptions } from '../open-database.ts'
import type { RowValue } from '../packed-rows.ts'
import type { Schema } from '../schema.ts'
import { connectReader } from '../sqlite-connection.ts'
import type { CopiedRows } from './copied-table.ts'
import { isCopied, listOwnTables, type OwnTable } from './own-tables.ts'

/** Rows that are in memory at once; a webhook's payload may have 25 MiB. */
const PAGE = 200

/** A database as it was at one moment. */
export interface DatabaseCopy {
  readonly kind: Database['kind']
  readonly migrations: readonly string[]
  /** Every table, one after the other, a table without rows once. */
  rows(): AsyncGenerator<CopiedRows>
}

/**
 * Gives `work` a consistent copy of the database, whoever changes it meanwhile: everything is read in one transaction, which
 * keeps nobody from writing. The schema stays as it is, so that the new version can copy before it upgrades.
 *
 * @throws ConnectorError `database-unavailable`
 */
export function readCopy<T>(options: DatabaseOptions, work: (copy: DatabaseCopy) => Promise<T>): Promise<T> {
  const copying = options.database === 'sqlite' ? readFile(options.dataDir, work) : readServer(options, work)
  return copying.catch((error: unknown) => {
    throw toDatabaseError(error)
  })
}

async function readFile<T>(dataDir: string, work: (copy: DatabaseCopy) => Promise<T>): Promise<T> {
  const file = join(dataDir, SQLITE_FILE)
  if (!existsSync(file)) {
    throw new ConnectorError('database-unavailable', {
      userMessage: `There is no database in ${dataDir}.`,
      remedy: 'Name the configuration file that the connector runs with (--config).',
    })
  }
  const connection = connectReader(file)
  const db = new Kysely<Schema>({ dialect: new SqliteDialect({ database: connection }) })
  try {
    // Ends with the connection; what it reads first is its moment.
    connection.exec('begin')
    const read = (table: OwnTable) => pagesOf(connection.prepare(selectAll(db, table).compile().sql).iterate() as Iterable<Row>)
    return await work(await describe(db, { kind: 'sqlite', read }))
  } finally {
    await db.destroy()
  }
}

async function readServer<T>({ database, log }: DatabaseOptions, work: (copy: DatabaseCopy) => Promise<T>): Promise<T> {
  const { openPostgres } = await import('../postgres.ts')
  const db = openPostgres(database, { log, connections: 1 })
  try {
    const begin = db.read.transaction().setIsolationLevel('repeatable read').setAccessMode('read only')
    return await begin.execute(async (tx) => {
      return work(await describe(tx, { kind: 'postgres', read: (table) => fetchPages(tx, table) }))
    })
  } finally {
    await db.close()
  }
}

type Row = Readonly<Record<string, RowValue>>

interface Source {
  readonly kind: Database['kind']
  read(table: OwnTable): AsyncIterable<readonly Row[]> | Iterable<readonly Row[]>
}

async function describe(db: Reader, { kind, read }: Source): Promise<DatabaseCopy> {
  const migrations = await listAppliedMigrations(db)
  const tables = (await listOwnTables(db, kind)).filter(isCopied)
  return {
    kind,
    migrations,
    async *rows() {
      for (const table of tables) {
        const columns = Object.keys(table.columns)
        yield { table: table.name, columns, rows: [] }
        for await (const page of read(table)) {
          yield { table: table.name, columns, rows: page.map((row) => columns.map((column) => row[column] ?? null)) }
        }
      }
    },
  }
}

const selectAll = (db: Reader, { name, columns }: OwnTable) =>
  (db as unknown as Kysely<Record<string, Row>>).selectFrom(name).select(Object.keys(columns))

/** A cursor in SQL: the driver's own is another package. */
async function* fetchPages(db: Reader, table: OwnTable): AsyncGenerator<readonly Row[]> {
  await sql`declare copied no scroll cursor for ${selectAll(db, table)}`.execute(db)
  for (;;) {
    const { rows } = await sql<Row>`fetch ${sql.lit(PAGE)} from copied`.execute(db)
    if (rows.length === 0) break
    yield rows
  }
  await sql`close copied`.execute(db)
}

function* pagesOf(rows: Iterable<Row>): Generator<readonly Row[]> {
  let page: Row[] = []
  for (const row of rows) {
    if (page.push(row) < PAGE) continue
    yield page
    page = []
  }
  if (page.length > 0) yield page
}
