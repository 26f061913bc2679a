import { chmodSync } from 'node:fs'
import BetterSqlite3 from 'better-sqlite3'
import type { SqliteDatabase, SqliteStatement } from 'kysely'

/** Page cache of the writer in KiB: the indexes that an import touches, 10 MiB at 100,000 commits; twice as much is no quicker. */
const WRITER_CACHE_KIB = 32 * 1024
const READER_CACHE_KIB = 16 * 1024
/** Of a new file. Messages of 1,000 characters fit it better than 4,096: writing takes a fifth less. */
const PAGE_BYTES = 8_192
/** Longer than any of our transactions; only the command line of an administrator can hold the lock besides us. */
const BUSY_TIMEOUT_MS = 10_000
/** 16 MiB of log: with a quarter of it writing takes 30 % longer, with four times as much a transaction up to 65 ms. */
const CHECKPOINT_PAGES = 2_000
const MAX_STATEMENTS = 500

/** Opens the connection that writes; the file is created with mode 0600 when absent. */
export function connectWriter(file: string): BetterSqlite3.Database {
  const connection = new BetterSqlite3(file, { timeout: BUSY_TIMEOUT_MS })
  chmodSync(file, 0o600)
  connection.pragma(`page_size = ${PAGE_BYTES}`)
  connection.pragma('journal_mode = WAL')
  connection.pragma('synchronous = FULL')
  connection.pragma(`cache_size = -${WRITER_CACHE_KIB}`)
  connection.pragma(`wal_autocheckpoint = ${CHECKPOINT_PAGES}`)
  return connection
}

/** Opens a connection that only reads and is never blocked. */
export function connectReader(file: string): BetterSqlite3.Database {
  const connection = new BetterSqlite3(file, { readonly: true, timeout: BUSY_TIMEOUT_MS })
  connection.pragma(`cache_size = -${READER_CACHE_KIB}`)
  return connection
}

/** Kysely prepares a statement at every execution; the cache spares that, for our bounded set of statements. */
export function withStatementCache(connection: BetterSqlite3.Database): SqliteDatabase {
  const statements = new Map<string, SqliteStatement>()
  return {
    close: () => connection.close(),
    prepare(sql) {
      const cached = statements.get(sql)
      if (cached !== undefined) return cached
      const statement = connection.prepare(sql)
      if (statements.size >= MAX_STATEMENTS) statements.clear()
      statements.set(sql, statement)
      return statement
    },
  }
}
