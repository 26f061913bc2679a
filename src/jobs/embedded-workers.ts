import { atOnce } from '../db/at-once.ts'
import type { Database, Reader, Tx } from '../db/database.ts'
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
      const { due, nextRunAt } = await settleAndLook(db, { ended: recording, names: [...places.keys()], now })
      if (due.length > 0) {
        const claimed = await db.write('interactive', (tx) => claim(tx, { due, places, shares, now }))
        for (const row of claimed) begin(row)
      }
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

interface Look {
  readonly ended: readonly Ended[]
  readonly names: readonly JobName[]
  readonly now: number
}

/** Records what ended and looks what is due, in one transaction; with nothing to record, without a way to the writer's thread. */
async function settleAndLook(db: Database, { ended, names, now }: Look): Promise<{ due: JobName[]; nextRunAt: number | null }> {
  const look = (reader: Reader) =>
    Promise.all([listDueNames(reader, names, now), findNextRunAt(reader, names, now)]).then(([due, nextRunAt]) => ({
      due,
      nextRunAt,
    }))
  if (ended.length > 0) {
    return db.write('interactive', async (tx) => {
      await atOnce(
        tx,
        ended.map(
          ({ row, outcome }) =>
            () =>
              settleRow(tx, { row, outcome, now }),
        ),
      )
      return look(tx)
    })
  }
  // What woke us is committed when our turn comes; a transaction without a statement is none.
  await db.write('interactive', () => Promise.resolve())
  return look(db.read)
}

interface Claim {
  readonly due: readonly JobName[]
  readonly places: FreePlaces
  readonly shares: ReadonlyMap<JobName, FairShare>
  readonly now: number
}

/** Takes what is due, for as many places as are free. */
async function claim(tx: Tx, { due, places, shares, now }: Claim): Promise<JobRow[]> {
  const claimed = await atOnce(
    tx,
    due.map((name) => () => {
      const request = { name, limit: places.get(name) ?? 0, now }
      const share = shares.get(name)
      return share === undefined ? claimRows(tx, request) : claimSharedRows(tx, request, share)
    }),
  )
  return claimed.flat()
}
