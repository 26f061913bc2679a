import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { ConnectorError, isConnectorError } from '../lib/connector-error.ts'
import type { Logger } from '../lib/logger.ts'
import type { Database } from './database.ts'
import { openSqlite } from './sqlite.ts'

/** Name of the embedded database in the data folder. */
export const SQLITE_FILE = 'connector.sqlite'

export interface DatabaseOptions {
  /** `sqlite` = a file in the data folder; else a `postgres://` address. A secret. */
  readonly database: string
  readonly dataDir: string
  readonly log: Logger
  /** Leaves the schema alone: it is that of the process which works with the database. */
  readonly asItIs?: boolean
}

/**
 * Opens the database and, unless it is to stay as it is, brings its schema up to date.
 *
 * @throws ConnectorError `database-unavailable`, `database-too-new`, `migration-failed`
 */
export async function openDatabase({ database, dataDir, log, asItIs = false }: DatabaseOptions): Promise<Database> {
  const opened = database === 'sqlite' ? openEmbedded(dataDir) : await openServer(database, log)
  try {
    if (!asItIs) await opened.migrate()
    return opened
  } catch (error) {
    await opened.close()
    throw toDatabaseError(error)
  }
}

async function openServer(url: string, log: Logger): Promise<Database> {
  // The driver is loaded only where it is used.
  const { openPostgres } = await import('./postgres.ts')
  return openPostgres(url, { log })
}

function openEmbedded(dataDir: string): Database {
  mkdirSync(dataDir, { recursive: true, mode: 0o700 })
  return openSqlite(join(dataDir, SQLITE_FILE))
}

/** What a driver throws, as a failure of ours. */
export function toDatabaseError(error: unknown): unknown {
  if (isConnectorError(error)) return error
  return new ConnectorError('database-unavailable', {
    userMessage: `The database could not be opened: ${error instanceof Error ? error.message : String(error)}.`,
    remedy: 'Check its address, that it runs, and the rights of its user.',
    retryable: true,
    cause: error,
  })
}
