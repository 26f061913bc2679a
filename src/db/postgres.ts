import { Kysely, PostgresDialect } from 'kysely'
import pg from 'pg'
import type { Logger } from '../lib/logger.ts'
import type { Database, Tx } from './database.ts'
import { namingDiskFull } from './disk-full.ts'
import { migrate } from './migrate.ts'
import type { SchemaMigration } from './schema-migration.ts'
import type { Schema } from './schema.ts'

/** PostgreSQL's type id of int8: our ids and milliseconds, all below 2^53. */
const INT8 = 20

export interface PostgresOptions {
  readonly log: Logger
  /** Most connections at once; default 10. */
  readonly connections?: number
  /** Others than the program's own, for tests. */
  readonly migrations?: readonly SchemaMigration[]
}

/** deadlock_detected, serialization_failure: PostgreSQL undid the whole transaction and expects it again. */
const UNDONE = new Set(['40P01', '40001'])
const ATTEMPTS = 10

/**
 * Opens a pool on PostgreSQL. Transactions run beside each other; the database orders them, so the priority is not used.
 *
 * @param url `postgres://…` with credentials, never logged
 */
export function openPostgres(url: string, { log, connections = 10, migrations }: PostgresOptions): Database {
  const pool = new pg.Pool({
    connectionString: url,
    max: connections,
    application_name: 'jira-dvcs',
    connectionTimeoutMillis: 10_000,
    types: {
      getTypeParser: (id, format) => (id === INT8 ? Number : (pg.types.getTypeParser(id, format) as (text: string) => unknown)),
    },
  })
  const onError = (error: Error) => log.warn({ error: error.message }, 'database connection lost')
  pool.on('error', onError)
  // One that breaks inside a transaction, between two statements, tells only itself; unheard it would end the process.
  pool.on('connect', (client) => client.on('error', onError))
  const db = new Kysely<Schema>({ dialect: new PostgresDialect({ pool }) })
  return {
    kind: 'postgres',
    read: db,
    write: (_priority, work) => namingDiskFull(() => writeWithRetry(db, work)),
    isContended: () => false,
    takeAnswers: () => undefined,
    migrate: () => migrate(db, 'postgres', migrations),
    close: () => db.destroy(),
  }
}

/** Imports of several repositories mark the same issues in different orders: whom PostgreSQL picks as the victim tries again. */
async function writeWithRetry<T>(db: Kysely<Schema>, work: (tx: Tx) => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await db.transaction().execute(work)
    } catch (error) {
      if (!(error instanceof pg.DatabaseError) || !UNDONE.has(error.code ?? '') || attempt === ATTEMPTS) throw error
    }
  }
}
