import { sql, type RawBuilder } from 'kysely'
import { z } from 'zod'
import type { Reader, Tx } from '../db/database.ts'
import { jsonRows } from '../db/json-rows.ts'
import type { WaitingParty } from './fair-share.ts'
import { toPriorityNumber, type JobName, type JobRequest, type QueueStats } from './job-queue.ts'
import type { JobOutcome } from './job-outcome.ts'

/**
 * graphile-worker's rows under the rules of our port. A row waits (`locked_at` null) or runs; at most one has a key,
 * because a request for a running key is remembered as `next` in that row's payload and becomes a row when the run ends.
 * Its named queues would keep jobs of one key apart as well, but every fetch locks all rows of the queue table, and there
 * would be one per key. `_private_jobs` is not a public interface: the library's version is pinned, and the tests of
 * this folder run against it.
 */
const storedSchema = z.object({
  payload: z.unknown(),
  failures: z.number().int().default(0),
  party: z.string().nullable().default(null),
})
const rememberedSchema = z.object({
  name: z.string(),
  payload: z.unknown(),
  runAt: z.number(),
  priority: z.number(),
  party: z.string().nullable().default(null),
})

/** Higher than any number of tries: giving up is decided by the runner. */
const NEVER_GIVES_UP = 32_767
/** Keeps our advisory locks apart from others in the same database. */
export const LOCK_SEED = 20_210_814

const NOW = sql<Date>`now()`

export interface TakenRow {
  readonly id: string
  readonly name: JobName
  readonly key: string
  /** The pool of workers that has it. */
  readonly pool: string
  readonly priority: number
  readonly payload: unknown
  /** Tries that failed before this one. */
  readonly failures: number
  readonly party: string | null
}

/** Reads what `addRows` stored. */
export function parseStored(payload: unknown): Pick<TakenRow, 'payload' | 'failures' | 'party'> {
  const { payload: inner, failures, party } = storedSchema.parse(payload)
  return { payload: inner, failures, party }
}

/** Adds waiting jobs of different keys, makes one of each and the job that waits, or remembers it on the job that runs. */
export async function addRows<N extends JobName>(tx: Tx, requests: readonly JobRequest<N>[]): Promise<void> {
  if (requests.length === 0) return
  const asked = jsonRows(
    tx,
    { name: 'text', key: 'text', stored: 'text', run_at: 'bigint', level: 'bigint', party: 'text' },
    requests.map(({ name, key, payload, runAt, party = null, ...request }) => ({
      name,
      key,
      stored: JSON.stringify({ payload, party }),
      run_at: runAt?.getTime() ?? null,
      level: toPriorityNumber(request),
      party,
    })),
  )
  await lockKeys(
    tx,
    requests.map(({ key }) => key),
  )
  // A row lock makes the fetching workers skip the row until our commit; they are told to look again by then.
  await sql`
    with asked as (
      select r.*, coalesce(to_timestamp(r.run_at::float8 / 1000), ${NOW}) as at from ${asked} as r
    ), present as materialized (
      select id, key, run_at, priority, locked_at from graphile_worker._private_jobs
      where key in (select key from asked) for update
    ), remembered as (
      update graphile_worker._private_jobs as jobs
      set payload = jsonb_set(jobs.payload::jsonb, '{next}', jsonb_build_object(
        'name', asked.name,
        'payload', asked.stored::jsonb -> 'payload',
        'runAt', least((jobs.payload -> 'next' ->> 'runAt')::float8, extract(epoch from asked.at)::float8 * 1000),
        'priority', least((jobs.payload -> 'next' ->> 'priority')::int, asked.level::int),
        'party', asked.party
      ))::json
      from present join asked on asked.key = present.key where jobs.id = present.id and present.locked_at is not null
    )
    select count(*) from ${addJobs(
      {
        name: sql`asked.name`,
        stored: sql`asked.stored::json`,
        key: sql`asked.key`,
        runAt: sql`least(present.run_at, asked.at)`,
        priority: sql`least(present.priority, asked.level::int)`,
        party: sql`asked.party`,
      },
      sql`asked left join present on present.key = asked.key where present.locked_at is null`,
    )}
  `.execute(tx)
}

/** Removes the waiting or remembered job of a key; false if there was none. */
export async function deleteWaitingRow(tx: Tx, key: string): Promise<boolean> {
  await lockKeys(tx, [key])
  const { rows } = await sql`
    with waiting as (
      delete from graphile_worker._private_jobs where key = ${key} and locked_at is null returning id
    ), remembered as (
      update graphile_worker._private_jobs set payload = (payload::jsonb - 'next')::json
      where key = ${key} and locked_at is not null and payload -> 'next' is not null returning id
    )
    select id from waiting union all select id from remembered
  `.execute(tx)
  return rows.length > 0
}

/** The times are the database's, whose clock may be another one: at worst something is done early, once. */
export async function pullRowsForward(tx: Tx, byMs: number): Promise<void> {
  await sql`
    update graphile_worker._private_jobs set run_at = run_at - ${byMs}::float8 * interval '1 millisecond'
    where locked_at is null and run_at > now()
  `.execute(tx)
}

/** Records how a running job ended; does nothing when another node has taken it over. */
export async function settleRow(tx: Tx, row: TakenRow, outcome: JobOutcome): Promise<void> {
  if (outcome.kind === 'ended' && (await forgetRow(tx, row))) return
  await lockKeys(tx, [row.key])
  const { rows } = await sql<{ next: unknown }>`
    delete from graphile_worker._private_jobs where id = ${row.id} and locked_by = ${row.pool} returning payload -> 'next' as next
  `.execute(tx)
  const [deleted] = rows
  if (deleted === undefined) return
  const next = deleted.next === null ? null : rememberedSchema.parse(deleted.next)
  const again = againAt(outcome)
  if (next !== null) {
    // It takes the place of the repetition: it is newer.
    const asked = sql<Date>`to_timestamp(${next.runAt}::float8 / 1000)`
    const runAt = again === null ? asked : sql<Date>`least(${asked}, ${again})`
    const stored = { payload: next.payload, party: next.party }
    await readd(tx, row.key, { name: next.name, stored, runAt, priority: next.priority })
  } else if (again !== null) {
    const failures = row.failures + (outcome.kind === 'failed' ? 1 : 0)
    const stored = { payload: row.payload, failures, party: row.party }
    await readd(tx, row.key, { name: row.name, stored, runAt: again, priority: row.priority })
  }
}

/** The usual end in one statement. False when a request was remembered, or when the row is no longer ours. */
async function forgetRow(tx: Tx, row: TakenRow): Promise<boolean> {
  const { rows } = await sql`
    delete from graphile_worker._private_jobs
    where id = ${row.id} and locked_by = ${row.pool} and payload -> 'next' is null returning id
  `.execute(tx)
  return rows.length > 0
}

function againAt(outcome: JobOutcome): RawBuilder<Date> | null {
  switch (outcome.kind) {
    case 'ended':
      return null
    case 'interrupted':
      return NOW
    case 'failed':
      // The server's clock decides what is due.
      return sql<Date>`now() + ${outcome.delayMs}::float8 * interval '1 millisecond'`
  }
}

/** Whether the pool still has the job. */
export async function ownsRow(db: Reader, { id, pool }: { id: string; pool: string }): Promise<boolean> {
  const { rows } = await sql`select id from graphile_worker.jobs where id = ${id} and locked_by = ${pool}`.execute(db)
  return rows.length > 0
}

export async function readStats(db: Reader): Promise<QueueStats> {
  const { rows } = await sql<StatsRow>`select ${STATS} from graphile_worker._private_jobs as j`.execute(db)
  return toStats(rows[0] ?? { waiting: 0, running: 0, oldest: null })
}

/** The same by name of job. */
export async function readStatsByName(db: Reader): Promise<Map<string, QueueStats>> {
  const { rows } = await sql<StatsRow & { name: string }>`
    select t.identifier as name, ${STATS}
    from graphile_worker._private_jobs as j join graphile_worker._private_tasks as t on t.id = j.task_id
    group by t.identifier
  `.execute(db)
  return new Map(rows.map((row) => [row.name, toStats(row)]))
}

interface StatsRow {
  readonly waiting: number
  readonly running: number
  readonly oldest: number | null
}

const STATS = sql`
  count(*) filter (where j.locked_at is null) + count(*) filter (where j.locked_at is not null and j.payload -> 'next' is not null) as waiting,
  count(j.locked_at) as running,
  extract(epoch from now() - min(j.run_at) filter (where j.locked_at is null))::float8 * 1000 as oldest
`

function toStats({ waiting, running, oldest }: StatsRow): QueueStats {
  return { waiting, running, oldestWaitingMs: Math.max(0, Math.round(oldest ?? 0)) }
}

/**
 * Lets `listWaitingParties` step from party to party: 3 ms on two busy cores with 30,000 jobs waiting, where looking at each
 * of them, which every job that is taken asks for, took 150 ms.
 */
export const PARTY_INDEX = `
  create index if not exists jira_dvcs_waiting_party
  on graphile_worker._private_jobs (task_id, flags, priority, run_at) where is_available = true and flags is not null
`

/** Whose jobs of a name are due. Jobs for nobody are left out: they are never passed over. */
export async function listWaitingParties(db: Reader, name: JobName): Promise<WaitingParty[]> {
  const waiting = sql`
    graphile_worker._private_jobs as jobs
    where jobs.is_available = true and jobs.flags is not null
      and jobs.task_id = (select id from graphile_worker._private_tasks where identifier = ${name})
  `
  const { rows } = await sql<WaitingParty>`
    with recursive met as (
      (select jobs.flags from ${waiting} order by jobs.flags limit 1)
      union all
      select (select jobs.flags from ${waiting} and jobs.flags > met.flags order by jobs.flags limit 1)
      from met where met.flags is not null
    )
    select party, due.priority::int as priority
    from met
    cross join lateral (
      select jobs.priority from ${waiting} and jobs.flags = met.flags and jobs.run_at <= now() order by jobs.priority limit 1
    ) as due
    cross join lateral jsonb_object_keys(met.flags) as party
  `.execute(db)
  return rows
}

/** Additions and ends of one key happen one after the other, each seeing what the one before committed. */
async function lockKeys(tx: Tx, keys: readonly string[]): Promise<void> {
  const rows = jsonRows(
    tx,
    { key: 'text' },
    keys.map((key) => ({ key })),
  )
  // In the order of the keys: two transactions with some of the same lock them in the same order.
  await sql`
    select pg_advisory_xact_lock(hashtextextended('job ' || k.key, ${LOCK_SEED}))
    from (select r.key from ${rows} as r order by r.key) as k
  `.execute(tx)
}

interface Again {
  readonly name: string
  readonly stored: { readonly payload: unknown; readonly failures?: number; readonly party: string | null }
  readonly runAt: RawBuilder<unknown>
  readonly priority: number
}

async function readd(tx: Tx, key: string, { name, stored, runAt, priority }: Again): Promise<void> {
  const job = addJobs(
    {
      name: sql`${name}::text`,
      stored: sql`${JSON.stringify(stored)}::json`,
      key: sql`${key}::text`,
      runAt,
      priority: sql`${priority}::int`,
      party: sql`${stored.party}::text`,
    },
    sql`(select 1) as one`,
  )
  await sql`select count(*) from ${job}`.execute(tx)
}

type Addition = Readonly<Record<'name' | 'stored' | 'key' | 'runAt' | 'priority' | 'party', RawBuilder<unknown>>>

/**
 * All of them at once: each call of the library's function tells every pool of workers to look, and each looks with a query. With a call
 * for each of twenty repositories a third of all queries in a flood of webhooks were such looks.
 */
function addJobs({ name, stored, key, runAt, priority, party }: Addition, from: RawBuilder<unknown>): RawBuilder<unknown> {
  // A flag is what the library can be asked to pass over.
  const flags = sql`case when ${party} is null then null else array[${party}] end`
  const spec = sql`row(${name}, ${stored}, null, ${runAt}, ${NEVER_GIVES_UP}::int, ${key}, ${priority}, ${flags})`
  // Of none the function would tell as well.
  return sql`
    (select array_agg(${spec}::graphile_worker.job_spec) as specs from ${from} having count(*) > 0) as asking
    cross join lateral graphile_worker.add_jobs(asking.specs)
  `
}
