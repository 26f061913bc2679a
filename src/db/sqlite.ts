import type BetterSqlite3 from 'better-sqlite3'
import { Kysely, SqliteDialect } from 'kysely'
import { ConnectorError } from '../lib/connector-error.ts'
import type { Database } from './database.ts'
import { namingDiskFull } from './disk-full.ts'
import { migrate } from './migrate.ts'
import type { SchemaMigration } from './schema-migration.ts'
import type { Schema } from './schema.ts'
import { connectReader, connectWriter, withStatementCache } from './sqlite-connection.ts'
import { WriterDialect } from './sqlite-writer.ts'
import { createWriteQueue } from './write-queue.ts'

/**
 * Opens the embedded database: one connection that writes, in a thread of its own, and one that only reads and is never
 * blocked (WAL).
 *
 * @param file path; created with mode 0600 when absent
 * @param options `migrations`: others than the program's own, for tests
 * @throws ConnectorError `database-unavailable`
 */
export function openSqlite(file: string, { migrations }: { migrations?: readonly SchemaMigration[] } = {}): Database {
  const reader = open(file)
  const writer = new WriterDialect(file)
  const write = new Kysely<Schema>({ dialect: writer })
  const read = new Kysely<Schema>({ dialect: new SqliteDialect({ database: withStatementCache(reader) }) })
  const queue = createWriteQueue()
  return {
    kind: 'sqlite',
    read,
    write: (priority, work) => queue.run(priority, () => namingDiskFull(() => write.transaction().execute(work))),
    isContended: () => queue.isContended(),
    takeAnswers: () => writer.takeAnswers(),
    migrate: () => queue.run('interactive', () => migrate(write, 'sqlite', migrations)),
    async close() {
      await queue.idle()
      await read.destroy()
      reader.close()
      // Last, so that it empties the log and leaves a single file.
      await write.destroy()
    },
  }
}

/** Creates the file as the writer will want it, so that what is wrong shows here, and opens it for reading. */
function open(file: string): BetterSqlite3.Database {
  try {
    const writer = connectWriter(file)
    try {
      return connectReader(file)
    } finally {
      writer.close()
    }
  } catch (cause) {
    throw new ConnectorError('database-unavailable', {
      userMessage: `The embedded database ${file} could not be opened: ${cause instanceof Error ? cause.message : String(cause)}.`,
      remedy: 'Check that the data folder exists, belongs to this user, and that the disk is not full.',
      cause,
    })
  }
}
