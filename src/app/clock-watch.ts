import { findSetting, saveSetting } from '../db/stores/settings.ts'
import { pullTimesBack } from '../db/stores/times-ahead.ts'
import type { AppContext } from './app-context.ts'

type Watched = Pick<AppContext, 'clock' | 'db' | 'jobs' | 'log'>

export interface ClockWatch {
  /** Ends with what it is doing. */
  stop(): Promise<void>
}

const LOOK_MS = 60_000
/** Less is what time servers correct, and a minute more or less of waiting nobody notices. */
const NOTICED_MS = 60_000
/** How much of a set-back while nothing runs may go unseen. */
const REMEMBER_MS = 10 * 60_000

/**
 * Looks whether somebody set the clock back, while the connector runs or while it did not. Everything that waits, waits for a
 * time by this clock: without this it would stand still until the old time comes round again.
 */
export async function startClockWatch(app: Watched): Promise<ClockWatch> {
  const { clock, log } = app
  const ended = new AbortController()
  const now = () => clock.now().getTime()
  const ahead = () => now() - clock.monotonicMs()
  let expected = ahead()
  let rememberedAt = await lookAtStart(app)

  async function look(): Promise<void> {
    const setBackMs = expected - ahead()
    if (setBackMs >= NOTICED_MS) await heal(app, setBackMs)
    expected = ahead()
    if (setBackMs < NOTICED_MS && clock.monotonicMs() - rememberedAt < REMEMBER_MS) return
    await app.db.write('background', (tx) => saveSetting(tx, 'clock.seen', String(now())))
    rememberedAt = clock.monotonicMs()
  }

  async function watch(): Promise<void> {
    for (;;) {
      await clock.sleep(LOOK_MS, ended.signal)
      await look().catch((error: unknown) => log.error({ error: String(error) }, 'could not look whether the clock was set back'))
    }
  }

  const watching = watch().catch((error: unknown) => {
    if (!ended.signal.aborted) throw error
  })
  return {
    stop() {
      ended.abort()
      return watching
    },
  }
}

/** Compares with what the clock showed in the last run; resolves to when that was remembered, by the clock that never goes back. */
async function lookAtStart(app: Watched): Promise<number> {
  const now = app.clock.now().getTime()
  const seen = Number((await findSetting(app.db.read, 'clock.seen')) ?? 0)
  if (seen - now >= NOTICED_MS) await heal(app, seen - now)
  await app.db.write('background', (tx) => saveSetting(tx, 'clock.seen', String(now)))
  return app.clock.monotonicMs()
}

async function heal({ clock, db, jobs, log }: Watched, byMs: number): Promise<void> {
  log.warn({ byMs }, 'the clock was set back: what waits for a later time waits for one that much earlier')
  const now = clock.now().getTime()
  await db.write('background', async (tx) => {
    await pullTimesBack(tx, { now, byMs })
    await jobs.pullForward(tx, byMs)
  })
}
