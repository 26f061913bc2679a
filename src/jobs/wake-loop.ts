import type { Clock } from '../lib/clock.ts'

/** Runs one turn at a time; whoever wakes it during a turn gets another one after it. */
export interface WakeLoop {
  wake(): void
  /** Wakes after so many ms; replaces what was set before. */
  wakeIn(ms: number): void
  /** Resolves when no turn runs or is asked for. */
  quiet(): Promise<void>
  /** No turn starts after this. */
  end(): void
}

/** Timers reach 24.8 days, and a wall clock may be set: look again at least this often. */
const LONGEST_SLEEP_MS = 3_600_000

/** @param turn must not reject */
export function createWakeLoop(clock: Clock, turn: () => Promise<void>): WakeLoop {
  let timer = new AbortController()
  let turning: Promise<void> | null = null
  let again = false
  let ended = false

  async function turnUntilQuiet(): Promise<void> {
    while (again) {
      again = false
      await turn()
    }
    turning = null
  }

  function wake(): void {
    if (ended) return
    again = true
    turning ??= turnUntilQuiet()
  }

  return {
    wake,
    wakeIn(ms) {
      timer.abort()
      if (ended) return
      timer = new AbortController()
      void clock.sleep(Math.min(ms, LONGEST_SLEEP_MS), timer.signal).then(wake, () => undefined)
    },
    async quiet() {
      while (turning !== null) await turning
    },
    end() {
      ended = true
      timer.abort()
    },
  }
}
