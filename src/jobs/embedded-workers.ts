import { atOnce } from '../db/at-once.ts'
import type { Database, Tx } from '../db/database.ts'
import type { Clock } from '../lib/clock.ts'
import type { Logger } from '../lib/logger.ts'
import { claimRows, claimSharedRows, findNextRunAt, listDueNames, settleRow, type JobRow } from './embedded-rows.ts'
import type { JobOutcome, JobTiming } from './job-outcome.ts'
import { createFairShare, type FairShare } from './fair-share.ts'
import { JOB_NAMES, SHARED_NAMES, type JobHandlers, type JobName, type RunningJobs, type WorkOptions } from './job-queue.ts'
import { createJobRunner } from './job-runner.ts'
import { createWakeLoop } from './wake-loop.ts'

export interface EmbeddedWorkers extends RunningJobs {
  /** Looks for work soon. */
  wake(): void
}

export interface EmbeddedWorkersOptions {
  readonly db: Database
  readonly clock: Clock
  readonly log: Logger
  readonly timing: JobTiming
}

interface Ended {
  readonly row: JobRow
  readonly outcome: JobOutcome
}

type FreePlaces = ReadonlyMap<JobName, number>

/** Pause after the database refused to record or hand out jobs. */
const TROUBLE_PAUSE_MS = 1_000

/** Starts taking jobs; the first `wake` begins. */
export function startEmbeddedWorkers(options: EmbeddedWorkersOptions, handlers: JobHandlers, work: WorkOptions): EmbeddedWorkers {
  const { db, clock, log, timing } = options
  const runner = createJobRunner({ handlers, onGiveUp: work.onGiveUp, clock, log, timing })
  const free = new Map<JobName, number>(JOB_NAMES.map((name) => [name, work.concurrency[name] ?? 1]))
  const shares = new Map(
    [...free].filter(([name]) => SHARED_NAMES.has(name)).map(([name, places]) => [name, createFairShare(places)]),
  )
  const running = new Set<Promise<void>>()
  const loop = createWakeLoop(clock, turn)
  let ended: Ended[] = []
  let stopping = false

  async function turn(): Promise<void> {
    const places = new Map(stopping ? [] : [...free].filter(([, count]) => count > 0))
    const recording = ended
    if (recording.length === 0 && places.size === 0) return
    ended = []
    const now = clock.now().getTime()
    try {
      const names = [...places.keys()]
      const idle = recording.length === 0 ? await lookIfIdle(db, names, now) : null
      const { claimed, nextRunAt } =
        idle ?? (await db.write('interactive', (tx) => exchange(tx, { ended: recording, places, shares, now })))
      for (const row of claimed) begin(row)
      if (nextRunAt !== null) loop.wakeIn(nextRunAt - now)
    } catch (error) {
      ended = [...recording, ...ended]
      log.error({ error: error instanceof Error ? error.message : String(error) }, 'the job queue could not be written')
      if (!stopping) loop.wakeIn(TROUBLE_PAUSE_MS)
    }
  }

  function begin(row: JobRow): void {
    const run = runRow(row)
    running.add(run)
    void run.then(() => running.delete(run))
  }

  async function runRow(row: JobRow): Promise<void> {
    const name = row.name as JobName
    free.set(name, (free.get(name) ?? 0) - 1)
    shares.get(name)?.begin(row.party ?? '')
    const job = { name, key: row.key ?? '', payload: JSON.parse(row.payload) as unknown, attempt: row.attempts + 1 }
    // Taken while `stop` was called: put back untouched.
    const outcome: JobOutcome = stopping ? { kind: 'interrupted' } : await runner.run(job)
    free.set(name, (free.get(name) ?? 0) + 1)
    shares.get(name)?.end(row.party ?? '')
    ended.push({ row, outcome })
    loop.wake()
  }

  return {
    wake: () => loop.wake(),
    abort: (key) => runner.abort(key),
    async stop() {
      stopping = true
      await loop.quiet()
      if (await runner.finish()) await Promise.all(running)
      else log.error({ jobs: running.size }, 'jobs did not end when the connector stopped; they run again at the next start')
      loop.wake()
      await loop.quiet()
      loop.end()
    },
  }
}

interface Exchanged {
  readonly claimed: readonly JobRow[]
  readonly nextRunAt: number | null
}

/** With nothing to record and nothing due, which each webhook's job asks for, no way to the writer's thread is needed; null: something is due. */
async function lookIfIdle(db: Database, names: readonly JobName[], now: number): Promise<Exchanged | null> {
  // What woke us is committed when our turn comes; a transaction without a statement is none.
  await db.write('interactive', () => Promise.resolve())
  if ((await listDueNames(db.read, names, now)).length > 0) return null
  return { claimed: [], nextRunAt: await findNextRunAt(db.read, names, now) }
}

interface Exchange {
  readonly ended: readonly Ended[]
  readonly places: FreePlaces
  readonly shares: ReadonlyMap<JobName, FairShare>
  readonly now: number
}

/** One transaction, so one wait for the disk: records what ended and takes what is due. */
async function exchange(tx: Tx, { ended, places, shares, now }: Exchange): Promise<Exchanged> {
  const names = [...places.keys()]
  await atOnce(
    tx,
    ended.map(
      ({ row, outcome }) =>
        () =>
          settleRow(tx, { row, outcome, now }),
    ),
  )
  const [due, nextRunAt] = await atOnce(tx, [() => listDueNames(tx, names, now), () => findNextRunAt(tx, names, now)] as const)
  const claimed = await atOnce(
    tx,
    due.map((name) => () => {
      const claim = { name, limit: places.get(name) ?? 0, now }
      const share = shares.get(name)
      return share === undefined ? claimRows(tx, claim) : claimSharedRows(tx, claim, share)
    }),
  )
  return { claimed: claimed.flat(), nextRunAt }
}
