import { existsSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import BetterSqlite3 from 'better-sqlite3'
import { ConnectorError, isConnectorError } from '../lib/connector-error.ts'

/** Held by the one process that works on a data folder. */
export interface DataFolderLock {
  release(): void
}

const LOCK_FILE = 'lock.sqlite'

/** Whether a process works on the data folder; asking takes the lock for a moment. False where no lock can be taken at all. */
export function isDataFolderLocked(dataDir: string): boolean {
  if (!existsSync(join(dataDir, LOCK_FILE))) return false
  try {
    lockDataFolder(dataDir).release()
    return false
  } catch (error) {
    return isConnectorError(error, 'data-folder-locked')
  }
}

/**
 * Takes the data folder for this process. The lock is SQLite's on a file of its own, so the operating system releases it
 * however the process ends.
 *
 * @throws ConnectorError `data-folder-locked` when another process has it, `data-folder-unusable`
 */
export function lockDataFolder(dataDir: string): DataFolderLock {
  const connection = openLockFile(dataDir)
  try {
    connection.pragma('journal_mode = DELETE')
    connection.exec('begin exclusive')
  } catch (cause) {
    connection.close()
    throw new ConnectorError('data-folder-locked', {
      userMessage: `The data folder ${dataDir} belongs to another running connector.`,
      remedy: 'Stop that one first, or give this one a data folder of its own (dataDir).',
      cause,
    })
  }
  return { release: () => connection.close() }
}

function openLockFile(dataDir: string): BetterSqlite3.Database {
  try {
    mkdirSync(dataDir, { recursive: true, mode: 0o700 })
    return new BetterSqlite3(join(dataDir, LOCK_FILE), { timeout: 0 })
  } catch (cause) {
    throw dataFolderUnusable(dataDir, cause)
  }
}

/** The failure of whoever cannot make the data folder, or write there. */
export function dataFolderUnusable(dataDir: string, cause: unknown): ConnectorError {
  return new ConnectorError('data-folder-unusable', {
    userMessage: `The data folder ${dataDir} cannot be made or written: ${cause instanceof Error ? cause.message : String(cause)}.`,
    remedy: 'Name another one with dataDir, or give the user that runs the connector write access to it.',
    cause,
  })
}
