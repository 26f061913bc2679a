import type { Database } from '../db/database.ts'
import type { Clock } from '../lib/clock.ts'
import type { Logger } from '../lib/logger.ts'
import { createEmbeddedQueue } from './embedded.ts'
import type { JobQueue } from './job-queue.ts'
import type { JobTiming } from './job-outcome.ts'

export interface JobQueueOptions {
  readonly db: Database
  /** The `postgres://…` that `db` was opened with; not read for SQLite. A secret. */
  readonly databaseUrl: string
  readonly clock: Clock
  readonly log: Logger
  readonly timing?: Partial<JobTiming>
}

/**
 * The queue that belongs to the database: embedded on SQLite, graphile-worker on PostgreSQL.
 *
 * @throws ConnectorError `job-queue-unavailable`
 */
export async function openJobQueue({ databaseUrl, ...options }: JobQueueOptions): Promise<JobQueue> {
  if (options.db.kind === 'sqlite') return createEmbeddedQueue(options)
  // Loaded only where it is used: its 100 modules cost every command 20 ms.
  const { openGraphileQueue } = await import('./graphile.ts')
  return openGraphileQueue({ ...options, url: databaseUrl })
}
