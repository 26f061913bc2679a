import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import BetterSqlite3 from 'better-sqlite3'
import { ConnectorError } from '../lib/connector-error.ts'

/** Held by the one process that works on a data folder. */
export interface DataFolderLock {
  release(): void
}

/**
 * Takes the data folder for this process. The lock is SQLite's on a file of its own, so the operating system releases it
 * however the process ends.
 *
 * @throws ConnectorError `data-folder-locked` when another process has it
 */
export function lockDataFolder(dataDir: string): DataFolderLock {
  mkdirSync(dataDir, { recursive: true, mode: 0o700 })
  const connection = new BetterSqlite3(join(dataDir, 'lock.sqlite'), { timeout: 0 })
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
