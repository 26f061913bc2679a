import { chmodSync } from 'node:fs'
import BetterSqlite3 from 'better-sqlite3'
import { Kysely, SqliteAdapter, SqliteDialect, type SqliteDatabase } from 'kysely'
import { ConnectorError } from '../lib/connector-error.ts'
import type { Database } from './database.ts'
import { migrate } from './migrate.ts'
import type { SchemaMigration } from './schema-migration.ts'
import type { Schema } from './schema.ts'
import { createWriteQueue } from './write-queue.ts'

/** SQLite rolls DDL back like anything else; Kysely believes otherwise and would leave a failed migration half-applied. */
class TransactionalDdlAdapter extends SqliteAdapter {
  override get supportsTransactionalDdl(): boolean {
    return true
  }
}

class TransactionalDdlDialect extends SqliteDialect {
  override createAdapter(): SqliteAdapter {
    return new TransactionalDdlAdapter()
  }
}

/** Page cache of the writer in KiB: the indexes that an import of 100,000 commits touches fit. */
const WRITER_CACHE_KIB = 64 * 1024
const READER_CACHE_KIB = 16 * 1024
/** Longer than any of our transactions; only the command line of an administrator can hold the lock besides us. */
const BUSY_TIMEOUT_MS = 10_000

/**
 * Opens the embedded database: one connection that writes, one that only reads and is never blocked (WAL).
 *
 * @param file path; created with mode 0600 when absent
 * @param options `migrations`: others than the program's own, for tests
 * @throws ConnectorError `database-unavailable`
 */
export function openSqlite(file: string, { migrations }: { migrations?: readonly SchemaMigration[] } = {}): Database {
  const writer = connect(file, false)
  const reader = connect(file, true)
  const write = new Kysely<Schema>({ dialect: new TransactionalDdlDialect({ database: withStatementCache(writer) }) })
  const read = new Kysely<Schema>({ dialect: new TransactionalDdlDialect({ database: withStatementCache(reader) }) })
  const queue = createWriteQueue()
  return {
    kind: 'sqlite',
    read,
    write: (priority, work) => queue.run(priority, () => write.transaction().execute(work)),
    migrate: () => queue.run('interactive', () => migrate(write, 'sqlite', migrations)),
    async close() {
      await queue.idle()
      await read.destroy()
      await write.destroy()
      reader.close()
      writer.close()
    },
  }
}

function connect(file: string, readonly: boolean): BetterSqlite3.Database {
  try {
    const connection = new BetterSqlite3(file, { readonly, timeout: BUSY_TIMEOUT_MS })
    if (readonly) {
      connection.pragma(`cache_size = -${READER_CACHE_KIB}`)
    } else {
      chmodSync(file, 0o600)
      connection.pragma('journal_mode = WAL')
      connection.pragma('synchronous = FULL')
      connection.pragma(`cache_size = -${WRITER_CACHE_KIB}`)
      connection.pragma('wal_autocheckpoint = 4000')
    }
    return connection
  } catch (cause) {
    throw new ConnectorError('database-unavailable', {
      userMessage: `The embedded database ${file} could not be opened: ${cause instanceof Error ? cause.message : String(cause)}.`,
      remedy: 'Check that the data folder exists, belongs to this user, and that the disk is not full.',
      cause,
    })
  }
}

/** Kysely prepares a statement at every execution; the cache spares that, for our bounded set of statements. */
function withStatementCache(connection: BetterSqlite3.Database): SqliteDatabase {
  const statements = new Map<string, BetterSqlite3.Statement>()
  return {
    close: () => connection.close(),
    prepare(sql) {
      const cached = statements.get(sql)
      if (cached !== undefined) return cached
      const statement = connection.prepare(sql)
      if (statements.size >= 500) statements.clear()
      statements.set(sql, statement)
      return statement
    },
  }
}
