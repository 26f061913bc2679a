import type { Clock } from '../lib/clock.ts'

const SIGNALS = ['SIGTERM', 'SIGINT', 'SIGHUP'] as const

/**
 * One wish to stop arrives several times: a terminal and a service manager signal the whole process group, and npm and the
 * launcher hand on what they got besides. All of that comes within milliseconds, on a busy machine within a second.
 */
const ONE_WISH_MS = 2_000

/**
 * Aborted when this process is asked to stop, by a signal or by the death of the launcher. What repeats it at once changes
 * nothing. A signal that comes later is from somebody who has waited long enough: it ends the process then and there, as it
 * would have without us.
 */
export function createStopSignal(clock: Pick<Clock, 'monotonicMs'>): AbortSignal {
  const stop = new AbortController()
  let askedAt: number | null = null
  const onSignal = (signal: NodeJS.Signals) => {
    const now = clock.monotonicMs()
    askedAt ??= now
    if (now - askedAt <= ONE_WISH_MS) {
      stop.abort(new Error(`received ${signal}`))
      return
    }
    for (const name of SIGNALS) process.removeAllListeners(name)
    process.kill(process.pid, signal)
  }
  for (const signal of SIGNALS) process.on(signal, onSignal)
  // The launcher holds this channel: when it is killed, nobody could stop this process any more.
  process.once('disconnect', () => stop.abort(new Error('the launcher ended')))
  process.channel?.unref()
  return stop.signal
}
