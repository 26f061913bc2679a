import { runMigrations } from 'graphile-worker'
import pg from 'pg'
import { ConnectorError } from '../lib/connector-error.ts'
import { createGraphileLogger } from './graphile-logger.ts'
import {
  addRows,
  deleteWaitingRow,
  LOCK_SEED,
  PARTY_INDEX,
  pullRowsForward,
  readStats,
  readStatsByName,
} from './graphile-rows.ts'
import { startGraphileWorkers, type GraphileWorkersOptions } from './graphile-workers.ts'
import type { JobQueue } from './job-queue.ts'
import { DEFAULT_TIMING, type JobTiming } from './job-outcome.ts'

export type GraphileQueueOptions = Omit<GraphileWorkersOptions, 'timing'> & { readonly timing?: Partial<JobTiming> }

/**
 * The queue of many nodes, by graphile-worker in the schema `graphile_worker`. Its migrations run here, so that a node
 * that only adds jobs needs no worker to have run before.
 *
 * @throws ConnectorError `job-queue-unavailable`
 */
export async function openGraphileQueue(options: GraphileQueueOptions): Promise<JobQueue> {
  await install(options)
  return {
    add: (tx, request) => addRows(tx, [request]),
    addAll: addRows,
    cancel: deleteWaitingRow,
    pullForward: pullRowsForward,
    start: (handlers, work) =>
      startGraphileWorkers({ ...options, timing: { ...DEFAULT_TIMING, ...options.timing } }, handlers, work),
    stats: readStats,
    statsByName: readStatsByName,
  }
}

/** One node after the other: the library's migrations survive a race, but only by failing and waiting. */
async function install({ url, log }: GraphileQueueOptions): Promise<void> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 10_000 })
  client.on('error', (error) => log.warn({ error: error.message }, 'connection of the job queue set-up lost'))
  try {
    await client.connect()
    await client.query('select pg_advisory_lock(hashtextextended($1, $2))', ['install', LOCK_SEED])
    await runMigrations({ connectionString: url, logger: createGraphileLogger(log) })
    // Asked first: the statement waits for everybody who writes, also where there is nothing to do.
    const { rows } = await client.query<{ found: string | null }>(
      `select to_regclass('graphile_worker.jira_dvcs_waiting_party') as found`,
    )
    if (rows[0]?.found === null) await client.query(PARTY_INDEX)
  } catch (cause) {
    throw new ConnectorError('job-queue-unavailable', {
      userMessage: `The job queue could not be set up in PostgreSQL: ${cause instanceof Error ? cause.message : String(cause)}.`,
      remedy: 'Check that the database runs and that its user may create a schema, then start again.',
      retryable: true,
      cause,
    })
  } finally {
    await client.end().catch((error: unknown) => log.debug({ error: String(error) }, 'closing a lost connection failed'))
  }
}
