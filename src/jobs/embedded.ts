import type { Database } from '../db/database.ts'
import type { Clock } from '../lib/clock.ts'
import type { Logger } from '../lib/logger.ts'
import { addRows, deleteWaitingRow, pullRowsForward, readStats, readStatsByName, releaseAllRows } from './embedded-rows.ts'
import { startEmbeddedWorkers, type EmbeddedWorkers } from './embedded-workers.ts'
import { DEFAULT_TIMING, type JobTiming } from './job-outcome.ts'
import type { JobQueue } from './job-queue.ts'

export interface EmbeddedQueueOptions {
  /** Owned by this process alone: what is found running at the start was left by one that died. */
  readonly db: Database
  readonly clock: Clock
  readonly log: Logger
  readonly timing?: Partial<JobTiming>
}

/**
 * The queue of a single node, in the table `jobs` of the embedded database. Nothing polls: an addition, the end of a job
 * and a timer to the next due time start one write transaction that records ends and takes jobs together.
 */
export function createEmbeddedQueue({ timing, ...options }: EmbeddedQueueOptions): JobQueue {
  const { db, clock, log } = options
  const now = () => clock.now().getTime()
  let workers: EmbeddedWorkers | null = null
  const addAll: JobQueue['addAll'] = async (tx, requests) => {
    await addRows(tx, { requests, now: now() })
    // There is one writer: whoever takes jobs looks after this transaction has ended, whichever way.
    workers?.wake()
  }
  return {
    add: (tx, request) => addAll(tx, [request]),
    addAll,
    cancel: deleteWaitingRow,
    async pullForward(tx, byMs) {
      await pullRowsForward(tx, { now: now(), byMs })
      workers?.wake()
    },
    async start(handlers, work) {
      const abandoned = await db.write('interactive', (tx) => releaseAllRows(tx, now()))
      if (abandoned > 0) log.warn({ jobs: abandoned }, 'jobs of an ended process wait again')
      const started = startEmbeddedWorkers({ ...options, timing: { ...DEFAULT_TIMING, ...timing } }, handlers, work)
      workers = started
      started.wake()
      return {
        abort: (key) => started.abort(key),
        stop: () => {
          if (workers === started) workers = null
          return started.stop()
        },
      }
    },
    stats: (reader) => readStats(reader, now()),
    statsByName: (reader) => readStatsByName(reader, now()),
  }
}
