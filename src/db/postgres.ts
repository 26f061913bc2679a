import { Kysely, PostgresDialect } from 'kysely'
import pg from 'pg'
import type { Logger } from '../lib/logger.ts'
import type { Database } from './database.ts'
import { migrate } from './migrate.ts'
import type { Schema } from './schema.ts'

/** PostgreSQL's type id of int8: our ids and milliseconds, all below 2^53. */
const INT8 = 20

/**
 * Opens a pool on PostgreSQL. Transactions run beside each other; the database orders them, so the priority is not used.
 *
 * @param url `postgres://…` with credentials, never logged
 */
export function openPostgres(url: string, { log, connections = 10 }: { log: Logger; connections?: number }): Database {
  const pool = new pg.Pool({
    connectionString: url,
    max: connections,
    application_name: 'jira-dvcs',
    connectionTimeoutMillis: 10_000,
    types: { getTypeParser: (id, format) => (id === INT8 ? Number : (pg.types.getTypeParser(id, format) as (text: string) => unknown)) },
  })
  pool.on('error', (error) => log.warn({ error: error.message }, 'idle database connection lost'))
  const db = new Kysely<Schema>({ dialect: new PostgresDialect({ pool }) })
  return {
    kind: 'postgres',
    read: db,
    write: (_priority, work) => db.transaction().execute(work),
    migrate: () => migrate(db, 'postgres'),
    close: () => db.destroy(),
  }
}
