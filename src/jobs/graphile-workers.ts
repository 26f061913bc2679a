import { run, type JobHelpers, type Runner } from 'graphile-worker'
import pg from 'pg'
import type { Database } from '../db/database.ts'
import type { Clock } from '../lib/clock.ts'
import type { Logger } from '../lib/logger.ts'
import { createGraphileLogger } from './graphile-logger.ts'
import { ownsRow, parseStored, settleRow, type TakenRow } from './graphile-rows.ts'
import { createGraphileShare, type GraphileShare } from './graphile-share.ts'
import type { JobTiming } from './job-outcome.ts'
import { JOB_NAMES, SHARED_NAMES, type JobHandlers, type JobName, type RunningJobs, type WorkOptions } from './job-queue.ts'
import { createJobRunner, type JobRunner } from './job-runner.ts'
import { startNodeLiveness, type NodeLiveness } from './node-liveness.ts'
import { within } from './within.ts'

/** Pause before workers that ended on their own are started again. */
const RESTART_MS = 5_000
/** Fetching and recording are short: this many connections serve the workers, besides one per name that listens. */
const WORKING_CONNECTIONS = 5
/** After the jobs have ended, workers and connections may take so long. */
const CLOSE_LIMIT_MS = 5_000

export interface GraphileWorkersOptions {
  /** `postgres://…` of the same database as `db`: a direct connection or a session pooler. A secret. */
  readonly url: string
  readonly db: Database
  readonly clock: Clock
  readonly log: Logger
  readonly timing: JobTiming
}

/** What the workers of all names share. */
interface Shared extends GraphileWorkersOptions {
  readonly runner: JobRunner
  readonly liveness: NodeLiveness
  readonly pool: pg.Pool
  readonly stopping: AbortSignal
}

/** Starts one pool of workers per name, so that the jobs of one name never wait for those of another. */
export async function startGraphileWorkers(
  options: GraphileWorkersOptions,
  handlers: JobHandlers,
  work: WorkOptions,
): Promise<RunningJobs> {
  const { url, clock, log, timing } = options
  const stopping = new AbortController()
  const runner = createJobRunner({ handlers, onGiveUp: work.onGiveUp, clock, log, timing })
  const liveness = startNodeLiveness({ url, clock, log, beatMs: timing.beatMs, onLost: () => runner.interrupt() })
  const lanes = JOB_NAMES.map((name) => ({ name, concurrency: work.concurrency[name] ?? 1 })).filter(
    ({ concurrency }) => concurrency > 0,
  )
  const pool = openPool(url, lanes.length + WORKING_CONNECTIONS, log)
  const shared: Shared = { ...options, runner, liveness, pool, stopping: stopping.signal }
  const running: Lane[] = []

  async function stop(): Promise<void> {
    stopping.abort(new Error('The queue was stopped'))
    const stopped = Promise.all(running.map((lane) => lane.stop()))
    if (!(await runner.finish())) log.error({}, 'jobs did not end when the connector stopped; other nodes take them over')
    // Without the database neither of these may come to an end.
    await within(clock, CLOSE_LIMIT_MS, stopped)
    await liveness.close()
    await within(clock, CLOSE_LIMIT_MS, pool.end())
  }

  try {
    for (const lane of lanes) running.push(await startLane(shared, lane))
  } catch (error) {
    await stop()
    throw error
  }
  return { stop, abort: (key) => runner.abort(key) }
}

function openPool(url: string, connections: number, log: Logger): pg.Pool {
  const pool = new pg.Pool({
    connectionString: url,
    max: connections,
    application_name: 'jira-dvcs jobs',
    connectionTimeoutMillis: 10_000,
    keepAlive: true,
  })
  const onError = (error: Error) => log.warn({ error: error.message }, 'connection of the job queue lost')
  // The library asks for both: a connection that breaks while it is in use must not end the process.
  pool.on('error', onError)
  pool.on('connect', (client) => client.on('error', onError))
  return pool
}

interface Lane {
  stop(): Promise<void>
}

/** Keeps workers for one name running until stopped, also when the library gives up on them. */
async function startLane(shared: Shared, { name, concurrency }: { name: JobName; concurrency: number }): Promise<Lane> {
  const { clock, log, stopping } = shared
  const start = () => startRunner(shared, { name, concurrency })
  let current = await start()
  const supervision = supervise()

  async function supervise(): Promise<void> {
    while (!stopping.aborted) {
      await current.promise.catch((error: unknown) => log.error({ job: name, error: String(error) }, 'workers ended'))
      if (stopping.aborted) return
      await clock.sleep(RESTART_MS, stopping).catch(() => undefined)
      if (stopping.aborted) return
      try {
        current = await start()
      } catch (error) {
        log.error({ job: name, error: String(error) }, 'workers could not be started')
      }
    }
  }

  return {
    async stop() {
      // It rejects when the workers have ended already.
      await current.stop().catch((error: unknown) => log.debug({ job: name, error: String(error) }, 'workers had ended'))
      await supervision
    },
  }
}

async function startRunner(shared: Shared, { name, concurrency }: { name: JobName; concurrency: number }): Promise<Runner> {
  const { pool, liveness, log } = shared
  const share = SHARED_NAMES.has(name) ? createGraphileShare({ ...shared, name, places: concurrency }) : null
  const owned = new Set<string>()
  const alive: GraphileConfig.Plugin = {
    name: 'jira-dvcs-liveness',
    version: '1.0.0',
    worker: {
      hooks: {
        // Awaited before a worker's first fetch: a job that is taken always belongs to a pool whose lock is held.
        async startWorker(_context, { worker }) {
          owned.add(worker.workerPool.id)
          await liveness.hold(worker.workerPool.id)
        },
      },
    },
  }
  const runner = await run({
    pgPool: pool,
    concurrency,
    noHandleSignals: true,
    parsedCronItems: [],
    logger: createGraphileLogger(log),
    taskList: { [name]: (payload, helpers) => work(shared, { name, share }, { payload, helpers }) },
    ...(share === null ? {} : { forbiddenFlags: () => share.listPassedOver() }),
    // Without a delay the library does not await these writes: a lost connection would end the process.
    preset: { plugins: [alive], worker: { completeJobBatchDelay: 0, failJobBatchDelay: 0 } },
  })
  const release = () => Promise.all([...owned].map((id) => liveness.release(id)))
  void runner.promise.then(release, release)
  return runner
}

/** One job: the row is recorded here, in a transaction with what was remembered; the library then finds nothing to complete. */
async function work(
  shared: Shared,
  { name, share }: { name: JobName; share: GraphileShare | null },
  { payload, helpers }: { payload: unknown; helpers: JobHelpers },
): Promise<void> {
  const { db, runner, liveness, stopping } = shared
  const { id, key, priority, locked_by: pool, attempts } = helpers.job
  if (key === null || pool === null) throw new Error(`The job ${id} has no key or belongs to nobody`)
  if (!liveness.isHeld()) {
    await liveness.held()
    if (!(await ownsRow(db.read, { id, pool }))) return
  }
  const stored = parseStored(payload)
  // The library counts how often the row was taken: once, and once more for each node that died with it.
  const failures = stored.failures + attempts - 1
  const row: TakenRow = { id, name, key, pool, priority, payload: stored.payload, failures, party: stored.party }
  share?.begin(stored.party)
  try {
    const outcome = stopping.aborted
      ? ({ kind: 'interrupted' } as const)
      : await runner.run({ name, key, payload: stored.payload, attempt: failures + 1 })
    await db.write('webhook', (tx) => settleRow(tx, row, outcome))
  } finally {
    share?.end(stored.party)
  }
}
