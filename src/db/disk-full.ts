import { ConnectorError } from '../lib/connector-error.ts'

/** SQLite's and PostgreSQL's codes for a disk without room. */
const FULL = new Set(['SQLITE_FULL', '53100'])

/**
 * Runs a write; that there is no room for it becomes an expected failure, which leaves with the room.
 *
 * @throws ConnectorError `disk-full`; whatever else the work threw
 */
export async function namingDiskFull<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (cause) {
    if (!(cause instanceof Error && 'code' in cause && FULL.has(String(cause.code)))) throw cause
    throw new ConnectorError('disk-full', {
      userMessage: 'Could not write to the database: there is no space left on its disk.',
      remedy: 'Free space on the disk of the database, or give it more. What failed is tried again by itself.',
      retryable: true,
      cause,
    })
  }
}
