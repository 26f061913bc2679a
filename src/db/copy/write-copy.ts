import { existsSync, mkdirSync } from 'node:fs'
import { rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { sql } from 'kysely'
import { ConnectorError } from '../../lib/connector-error.ts'
import { listAppliedMigrations } from '../applied-migrations.ts'
import type { Database, Tx } from '../database.ts'
import { insertRows } from '../insert-rows.ts'
import { MIGRATIONS } from '../migrate.ts'
import { SQLITE_FILE, toDatabaseError, type DatabaseOptions } from '../open-database.ts'
import type { SchemaMigration } from '../schema-migration.ts'
import { openSqlite } from '../sqlite.ts'
import type { CopiedRows } from './copied-table.ts'
import { isCopied, listOwnTables, type OwnTable } from './own-tables.ts'

export interface CopyToWrite {
  /** Steps of the schema that the copy was made with; all of them are known here. */
  readonly migrations: readonly string[]
  /** The same rows each time it is called: PostgreSQL may undo a transaction and have it run again. */
  rows(): AsyncIterable<CopiedRows>
  /** Changes what was copied, as a part of it, in the tables that its schema has. */
  finish(tx: Tx, tables: ReadonlySet<string>): Promise<void>
}

/**
 * Fills a new database with a copy, all or nothing, and brings it up to date. Rows that do not fit into the tables are refused.
 *
 * @throws ConnectorError `restore-not-empty`, `backup-damaged`, `backup-too-new`, `database-unavailable`
 */
export async function writeCopy(options: DatabaseOptions, copy: CopyToWrite): Promise<void> {
  const migrations = checkMigrations(copy.migrations)
  try {
    if (options.database === 'sqlite') await writeFile(options.dataDir, { migrations, copy })
    else await writeServer(options, { migrations, copy })
  } catch (error) {
    throw toDatabaseError(error)
  }
}

interface Work {
  readonly migrations: readonly SchemaMigration[]
  readonly copy: CopyToWrite
}

/** The steps of a copy, which a database of ours has from the first one on. */
export function checkMigrations(names: readonly string[]): readonly SchemaMigration[] {
  const known = new Set(MIGRATIONS.map(({ name }) => name))
  const unknown = names.filter((name) => !known.has(name))
  if (unknown.length > 0) {
    throw new ConnectorError('backup-too-new', {
      userMessage: `The backup was made with a newer version of the connector (${unknown
        .filter((name) => /^[\w-]{1,60}$/.test(name))
        .slice(0, 5)
        .join(', ')}), which this one cannot read.`,
      remedy: 'Install that newer version and restore with it.',
    })
  }
  const steps = MIGRATIONS.slice(0, names.length)
  if (names.length === 0 || steps.some(({ name }, index) => name !== names[index]))
    throw damaged('its schema is none of this connector')
  return steps
}

/** Beside the place, then moved there: whoever comes before the end finds nothing. */
async function writeFile(dataDir: string, { migrations, copy }: Work): Promise<void> {
  const file = join(dataDir, SQLITE_FILE)
  if (existsSync(file)) throw notEmpty(`In ${dataDir} there is a database.`)
  mkdirSync(dataDir, { recursive: true, mode: 0o700 })
  const draft = `${file}.restoring`
  const remove = () => Promise.all(['', '-wal', '-shm'].map((end) => rm(`${draft}${end}`, { force: true })))
  await remove()
  try {
    await using(openSqlite(draft, { migrations }), (db) => fill(db, { migrations, copy }))
    await using(openSqlite(draft), (db) => db.migrate())
    await rename(draft, file)
  } finally {
    await remove()
  }
}

async function writeServer({ database, log }: DatabaseOptions, work: Work): Promise<void> {
  const { openPostgres } = await import('../postgres.ts')
  await using(openPostgres(database, { log, connections: 2, migrations: work.migrations }), (db) => fill(db, work))
  await using(openPostgres(database, { log, connections: 2 }), (db) => db.migrate())
}

async function using(db: Database, work: (db: Database) => Promise<void>): Promise<void> {
  try {
    await work(db)
  } finally {
    await db.close()
  }
}

async function fill(db: Database, { migrations, copy }: Work): Promise<void> {
  // Before anything is changed: what is in use may be of another version.
  await checkEmpty(db, migrations)
  await db.migrate()
  const tables = new Map((await listOwnTables(db.read, db.kind)).map((table) => [table.name, table]))
  await db.write('background', async (tx) => {
    // The steps of the schema have left a note there, which is in the copy too.
    await tx.deleteFrom('settings').execute()
    for await (const some of copy.rows()) await insert(tx, some, tables.get(some.table))
    if (db.kind === 'postgres') for (const table of tables.values()) await countOn(tx, table)
    await copy.finish(tx, new Set(tables.keys()))
  })
}

/** Empty tables of the same steps are what a restoration leaves that was broken off. */
async function checkEmpty(db: Database, migrations: readonly SchemaMigration[]): Promise<void> {
  const applied = await listAppliedMigrations(db.read)
  const names = new Set(migrations.map(({ name }) => name))
  if (applied.some((name) => !names.has(name))) throw notEmpty('In this database there are the tables of a newer version.')
  for (const { name } of await listOwnTables(db.read, db.kind)) {
    const noted = name === 'settings' ? sql`where key <> 'schema.breaking'` : sql``
    const { rows } = await sql`select 1 from ${sql.table(name)} ${noted} limit 1`.execute(db.read)
    if (rows.length > 0) throw notEmpty(`In this database the table "${name}" has rows.`)
  }
}

async function insert(tx: Tx, { columns, rows }: Omit<CopiedRows, 'table'>, own: OwnTable | undefined): Promise<void> {
  if (own === undefined || !isCopied(own)) throw damaged('it has a table that there is not here')
  const types = columns.map((column) => {
    const type = Object.hasOwn(own.columns, column) ? own.columns[column] : undefined
    if (type === undefined) throw damaged(`it has a column of the table "${own.name}" that there is not here`)
    return type
  })
  for (const row of rows) {
    const fits = row.every((value, index) => value === null || typeof value === (types[index] === 'text' ? 'string' : 'number'))
    if (row.length !== types.length || !fits) throw damaged(`a row does not fit into the table "${own.name}"`)
  }
  const named = Object.fromEntries(columns.map((column, index) => [column, types[index] ?? 'text']))
  try {
    await insertRows(tx, { table: own.name, columns: named, values: rows.flat(), onConflict: '' })
  } catch (cause) {
    if (!isConstraint(cause)) throw cause
    throw damaged(`rows do not fit into the table "${own.name}"`, cause)
  }
}

/** Of SQLite, or PostgreSQL's classes of wrong data and broken constraints: the rows are to blame, not the database. */
function isConstraint(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  return /^(SQLITE_CONSTRAINT|2[23][0-9A-Z]{3}$)/.test(code)
}

/** The next id is one that no row has. */
async function countOn(tx: Tx, { name, columns }: OwnTable): Promise<void> {
  if (columns['id'] !== 'bigint') return
  await sql`select setval(pg_get_serial_sequence(${name}, 'id'), coalesce((select max(id) from ${sql.table(name)}), 0) + 1, false)`.execute(
    tx,
  )
}

function notEmpty(what: string): ConnectorError {
  return new ConnectorError('restore-not-empty', {
    userMessage: `${what} A backup is restored into an empty data folder and an empty database alone; nothing was changed.`,
    remedy: 'Name another dataDir, or another database, in the configuration; or move what is there away yourself.',
  })
}

/** What a backup holds is not what a backup of ours would. */
export function damaged(what: string, cause?: unknown): ConnectorError {
  return new ConnectorError('backup-damaged', {
    userMessage: `The backup cannot be used: ${what}. Nothing was restored.`,
    remedy: 'Take another copy of it, or an older backup.',
    cause,
  })
}
