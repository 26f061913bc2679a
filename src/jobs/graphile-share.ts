import type { Database } from '../db/database.ts'
import type { Clock } from '../lib/clock.ts'
import type { Logger } from '../lib/logger.ts'
import { createFairShare } from './fair-share.ts'
import { listWaitingParties } from './graphile-rows.ts'
import type { JobName } from './job-queue.ts'

/** `FairShare` for a library that takes jobs itself and can only be told whose to pass over. */
export interface GraphileShare {
  /** Asked by a worker before it takes a job: the parties whose turn it is not. */
  listPassedOver(): Promise<string[]>
  /** A job for this party, or for nobody, was taken. */
  begin(party: string | null): void
  end(party: string | null): void
}

export interface GraphileShareOptions {
  readonly db: Database
  readonly clock: Clock
  readonly log: Logger
  readonly name: JobName
  readonly places: number
}

/** A worker that was told whose turn it is takes a job of theirs within this time, or found none. */
const TAKING_MS = 250

export function createGraphileShare({ db, clock, log, name, places }: GraphileShareOptions): GraphileShare {
  const share = createFairShare(places)
  /** Workers wake at once: those that were told and have not taken yet count as if they had. */
  let taking: { readonly party: string; readonly untilMs: number }[] = []
  return {
    async listPassedOver() {
      try {
        const waiting = await listWaitingParties(db.read, name)
        const nowMs = clock.monotonicMs()
        taking = taking.filter(({ untilMs }) => untilMs > nowMs)
        const plan = share.copy()
        for (const { party } of taking) plan.begin(party)
        const chosen = plan.choose(waiting)
        if (chosen !== null) taking.push({ party: chosen, untilMs: nowMs + TAKING_MS })
        return waiting.map(({ party }) => party).filter((party) => party !== chosen)
      } catch (error) {
        // Without an answer the oldest job is taken, which is better than none.
        log.warn({ job: name, error: String(error) }, 'could not look whose turn it is')
        return []
      }
    },
    begin(party) {
      if (party === null) return
      const told = taking.findIndex((one) => one.party === party)
      if (told >= 0) taking.splice(told, 1)
      share.begin(party)
    },
    end(party) {
      if (party !== null) share.end(party)
    },
  }
}
