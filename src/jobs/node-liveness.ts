import type { Clock } from '../lib/clock.ts'
import type { Logger } from '../lib/logger.ts'
import { LOCK_SEED } from './graphile-rows.ts'
import { openSession, type PgSession } from './pg-session.ts'

/**
 * Says that this node is alive: an advisory lock per pool of workers on a connection of its own, which the server
 * releases when the process dies. The same connection looks for pools whose lock is free, and lets their jobs wait again.
 */
export interface NodeLiveness {
  /** Takes the lock of a pool and keeps it; resolves when it is held. Rejects only after `close`. */
  hold(pool: string): Promise<void>
  /** Gives the lock of a pool that ended back, so that what it left behind runs again. */
  release(pool: string): Promise<void>
  /** False while the connection is lost: another node may then take over what runs here. */
  isHeld(): boolean
  /** Resolves when the locks are held. Rejects only after `close`. */
  held(): Promise<void>
  close(): Promise<void>
}

export interface NodeLivenessOptions {
  /** See `openSession`. */
  readonly url: string
  readonly clock: Clock
  readonly log: Logger
  /** Between two looks for ended nodes, in ms. */
  readonly beatMs: number
  /** Called when the locks were held and are no more. */
  readonly onLost: () => void
}

const RECONNECT_MS = 1_000
/** While the connection is being made again. */
const HELD_POLL_MS = 100

/** graphile-worker takes a lock of four hours for a dead one (`resetLockedAt`): a first import may take longer. */
const REFRESH = `update graphile_worker._private_jobs set locked_at = now()
  where locked_by = any($1::text[]) and locked_at < now() - interval '1 hour'`

/** Own pools are left out: a session's own locks are free to it. */
const RELEASE_DEAD = `
  with dead as materialized (
    select locked_by from (
      select distinct locked_by from graphile_worker.jobs where locked_by is not null and locked_by <> all($1::text[])
    ) as pools
    where pg_try_advisory_xact_lock(hashtextextended(locked_by, $2))
  )
  select graphile_worker.force_unlock_workers(array_agg(locked_by)), pg_notify('jobs:insert', '{"count":100}'), count(*)::int as pools
  from dead having count(*) > 0`

export function startNodeLiveness({ url, clock, log, beatMs, onLost }: NodeLivenessOptions): NodeLiveness {
  const pools = new Set<string>()
  const closing = new AbortController()
  let current: PgSession | null = null

  async function live(): Promise<void> {
    while (!closing.signal.aborted) {
      try {
        await liveOn(await openSession(url, log))
      } catch (error) {
        if (!closing.signal.aborted) log.warn({ error: String(error) }, 'connection that proves this node alive lost')
      }
      await clock.sleep(RECONNECT_MS, closing.signal).catch(() => undefined)
    }
  }

  async function liveOn(session: PgSession): Promise<never> {
    try {
      for (const pool of pools) await lock(session, pool)
      current = session
      return await beat(session, AbortSignal.any([closing.signal, session.lost]))
    } finally {
      if (current !== null && !closing.signal.aborted) onLost()
      current = null
      await session.close()
    }
  }

  async function beat(session: PgSession, signal: AbortSignal): Promise<never> {
    for (;;) {
      signal.throwIfAborted()
      const released = await releaseDead(session, [...pools])
      if (released > 0) log.warn({ pools: released }, 'jobs of an ended node wait again')
      await clock.sleep(beatMs, signal)
    }
  }

  async function held(): Promise<PgSession> {
    while (current === null) await clock.sleep(HELD_POLL_MS, closing.signal)
    return current
  }

  const life = live()
  return {
    async hold(pool) {
      // Known from now on, so that every new connection locks it.
      pools.add(pool)
      while (!(await tryToLock(await held(), pool)));
    },
    async release(pool) {
      pools.delete(pool)
      // A failure means that the connection, and the lock with it, is gone.
      if (current !== null)
        await unlock(current, pool).catch((error: unknown) => log.debug({ error: String(error) }, 'unlocking failed'))
    },
    isHeld: () => current !== null,
    async held() {
      await held()
    },
    async close() {
      closing.abort(new Error('The queue was stopped'))
      await life
    },
  }
}

/** Returns the number of pools whose jobs wait again. */
async function releaseDead(session: PgSession, own: readonly string[]): Promise<number> {
  await session.query(REFRESH, [own])
  const [released] = await session.query<{ pools: number }>(RELEASE_DEAD, [own, LOCK_SEED])
  return released?.pools ?? 0
}

async function lock(session: PgSession, pool: string): Promise<void> {
  await session.query('select pg_advisory_lock(hashtextextended($1, $2))', [pool, LOCK_SEED])
}

/** False when the connection was lost. */
function tryToLock(session: PgSession, pool: string): Promise<boolean> {
  return lock(session, pool).then(
    () => true,
    () => false,
  )
}

/** Locks count: one was taken by `hold`, perhaps one more by a new connection. */
async function unlock(session: PgSession, pool: string): Promise<void> {
  const [row] = await session.query<{ unlocked: boolean }>('select pg_advisory_unlock(hashtextextended($1, $2)) as unlocked', [
    pool,
    LOCK_SEED,
  ])
  if (row?.unlocked === true) await unlock(session, pool)
}
