import type { Clock } from '../lib/clock.ts'
import type { Logger } from '../lib/logger.ts'
import { createFloodCounter } from './flood-counter.ts'

/**
 * Tells in a few lines that something fails which is tried very often: the first failure at once, then how many more there
 * were, and that it works again.
 */
export interface OutageLog {
  /** @param fields of the line, where it is time for one */
  failed(fields: Readonly<Record<string, unknown>>): void
  /** It worked; costs nothing where nothing failed before. */
  worked(): void
}

export interface OutageLogOptions {
  readonly log: Logger
  readonly clock: Clock
  readonly messages: { readonly failed: string; readonly again: string }
}

const LINE_MS = 10_000
/** Where some fail and some do not, such as those of one account, it does not work again with each that does. */
const CALM_MS = 1_000

interface Outage {
  readonly since: Date
  readonly countFlood: () => number
  failures: number
  lastAtMs: number
}

export function createOutageLog({ log, clock, messages }: OutageLogOptions): OutageLog {
  let outage: Outage | null = null
  return {
    failed(fields) {
      outage ??= { since: clock.now(), countFlood: createFloodCounter(clock, LINE_MS), failures: 0, lastAtMs: 0 }
      outage.failures += 1
      outage.lastAtMs = clock.monotonicMs()
      const count = outage.countFlood()
      if (count === 0) return
      const sum = outage.failures === 1 ? {} : { count, since: outage.since.toISOString() }
      log.error({ ...fields, ...sum }, messages.failed)
    },
    worked() {
      if (outage === null || clock.monotonicMs() - outage.lastAtMs < CALM_MS) return
      log.info({ count: outage.failures, since: outage.since.toISOString() }, messages.again)
      outage = null
    },
  }
}
