import { sql } from 'kysely'
import type { Reader, Tx } from '../db/database.ts'
import { jsonRows } from '../db/json-rows.ts'
import type { FairShare } from './fair-share.ts'
import { toPriorityNumber, type JobName, type JobRequest, type QueueStats } from './job-queue.ts'
import type { JobOutcome } from './job-outcome.ts'

/**
 * A data folder belongs to one process, and the next one puts back what it finds taken: the lock needs no end.
 * States of a row: waiting (`locked_until` null) and running. The unique indexes allow one of each per key.
 */
const UNTIL_RESTART = Number.MAX_SAFE_INTEGER

export interface JobRow {
  readonly id: number
  readonly name: string
  readonly key: string | null
  readonly payload: string
  /** Tries that failed so far. */
  readonly attempts: number
  readonly party: string | null
}

const ROW = ['j.id', 'j.name', 'j.key', 'j.payload', 'j.attempts', 'j.party'] as const

/** Adds waiting jobs of different keys, or makes one of each and the job that waits. */
export async function addRows<N extends JobName>(
  tx: Tx,
  { requests, now }: { readonly requests: readonly JobRequest<N>[]; readonly now: number },
): Promise<void> {
  if (requests.length === 0) return
  const rows = jsonRows(
    tx,
    { name: 'text', key: 'text', payload: 'text', priority: 'bigint', run_at: 'bigint', party: 'text' },
    requests.map((request) => ({
      name: request.name,
      key: request.key,
      payload: JSON.stringify(request.payload),
      priority: toPriorityNumber(request),
      run_at: request.runAt?.getTime() ?? now,
      party: request.party ?? null,
    })),
  )
  // "where true": otherwise SQLite takes "on conflict" for the condition of a join.
  await sql`
    insert into jobs (name, key, payload, priority, run_at, attempts, party)
    select name, key, payload, priority, run_at, 0, party from ${rows} where true
    on conflict (key) where locked_until is null do update set
      name = excluded.name,
      payload = excluded.payload,
      priority = min(excluded.priority, jobs.priority),
      run_at = min(excluded.run_at, jobs.run_at),
      attempts = 0,
      last_error = null
  `.execute(tx)
}

/** Removes the waiting job of a key; false if none waited. */
export async function deleteWaitingRow(tx: Tx, key: string): Promise<boolean> {
  const { numDeletedRows } = await tx
    .deleteFrom('jobs')
    .where('key', '=', key)
    .where('locked_until', 'is', null)
    .executeTakeFirstOrThrow()
  return numDeletedRows > 0n
}

export async function pullRowsForward(tx: Tx, { now, byMs }: { now: number; byMs: number }): Promise<void> {
  await tx
    .updateTable('jobs')
    .set({ run_at: (e) => e('run_at', '-', byMs) })
    .where('locked_until', 'is', null)
    .where('run_at', '>', now)
    .execute()
}

/** Those of the names of which a job is due, in their order; it may be one whose key is running. */
export async function listDueNames(db: Reader, names: readonly JobName[], now: number): Promise<JobName[]> {
  // A question for each name, not one over all rows: each ends at the first row that it finds.
  const { rows } = await sql<{ name: JobName }>`
    select n.value as name from json_each(${JSON.stringify(names)}) as n
    where exists (select 1 from jobs as j where j.name = n.value and j.locked_until is null and j.run_at <= ${now})
    order by n.key
  `.execute(db)
  return rows.map(({ name }) => name)
}

interface Claim {
  readonly name: JobName
  readonly limit: number
  readonly now: number
}

/** Takes up to `limit` due jobs of a name whose keys are not running, most urgent first. */
export async function claimRows(tx: Tx, claim: Claim, party?: string): Promise<JobRow[]> {
  const rows = await tx
    .updateTable('jobs')
    .set({ locked_until: UNTIL_RESTART, locked_by: 'this process' })
    .where('id', 'in', selectDue(tx, claim, party))
    .returning(['id', 'name', 'key', 'payload', 'attempts', 'party', 'priority', 'run_at'])
    .execute()
  // What an update returns is in no order.
  return rows.sort((a, b) => a.priority - b.priority || a.run_at - b.run_at || a.id - b.id)
}

function selectDue(tx: Tx, { name, limit, now }: Claim, party: string | undefined) {
  return tx
    .selectFrom('jobs as j')
    .select('j.id')
    .where('j.name', '=', name)
    .where('j.locked_until', 'is', null)
    .where('j.run_at', '<=', now)
    .where((e) => {
      const running = e
        .selectFrom('jobs as r')
        .select('r.id')
        .whereRef('r.key', '=', 'j.key')
        .where('r.locked_until', 'is not', null)
      return e.not(e.exists(running))
    })
    .$if(party !== undefined, (select) => select.where('j.party', party === '' ? 'is' : '=', party === '' ? null : (party ?? '')))
    .orderBy('j.priority')
    .orderBy('j.run_at')
    .orderBy('j.id')
    .limit(limit)
}

/** Takes jobs like `claimRows`, each of the party whose turn it is. */
export async function claimSharedRows(tx: Tx, claim: Claim, share: FairShare): Promise<JobRow[]> {
  const plan = share.copy()
  const claimed: JobRow[] = []
  let waiting = claim.limit > 0 ? await listWaitingParties(tx, claim) : []
  while (claimed.length < claim.limit) {
    const party = plan.choose(waiting)
    if (party === null) break
    const [row] = await claimRows(tx, { ...claim, limit: 1 }, party)
    if (row === undefined) waiting = waiting.filter((other) => other.party !== party)
    else {
      claimed.push(row)
      plan.begin(party)
    }
  }
  return claimed
}

/** Answered from the index `jobs_waiting_party` alone: a deep queue costs a millisecond. */
async function listWaitingParties(tx: Tx, { name, now }: Claim): Promise<{ party: string; priority: number }[]> {
  const rows = await tx
    .selectFrom('jobs')
    .select(['party', (e) => e.fn.min<number>('priority').as('priority')])
    .where('name', '=', name)
    .where('locked_until', 'is', null)
    .where('run_at', '<=', now)
    .groupBy('party')
    .execute()
  return rows.map(({ party, priority }) => ({ party: party ?? '', priority }))
}

/** When the next job of these names becomes due; null: none waits for its time. */
export async function findNextRunAt(db: Reader, names: readonly JobName[], now: number): Promise<number | null> {
  if (names.length === 0) return null
  const row = await db
    .selectFrom('jobs')
    .select((e) => e.fn.min<number | null>('run_at').as('run_at'))
    .where('name', 'in', names)
    .where('locked_until', 'is', null)
    .where('run_at', '>', now)
    .executeTakeFirst()
  return row?.run_at ?? null
}

/** Records how a running job ended. */
export async function settleRow(tx: Tx, { row, outcome, now }: { row: JobRow; outcome: JobOutcome; now: number }): Promise<void> {
  switch (outcome.kind) {
    case 'ended':
      await tx.deleteFrom('jobs').where('id', '=', row.id).execute()
      return
    case 'interrupted':
      await releaseRow(tx, row, { runAt: now, attempts: row.attempts, error: null })
      return
    case 'failed':
      await releaseRow(tx, row, { runAt: now + outcome.delayMs, attempts: row.attempts + 1, error: outcome.error })
  }
}

/** Puts back what a process that is gone was working on, its try counted; returns how many. */
export async function releaseAllRows(tx: Tx, now: number): Promise<number> {
  const rows = await tx.selectFrom('jobs as j').select(ROW).where('j.locked_until', 'is not', null).execute()
  for (const row of rows)
    await releaseRow(tx, row, { runAt: now, attempts: row.attempts + 1, error: 'The process ended meanwhile.' })
  return rows.length
}

async function releaseRow(tx: Tx, row: JobRow, next: { runAt: number; attempts: number; error: string | null }): Promise<void> {
  // A request remembered during the run takes the place of the repetition: it is newer.
  const remembered = await tx
    .updateTable('jobs')
    .set({ run_at: sql<number>`case when run_at < ${next.runAt} then run_at else ${next.runAt} end` })
    .where('key', '=', row.key)
    .where('locked_until', 'is', null)
    .executeTakeFirstOrThrow()
  if (remembered.numUpdatedRows > 0n) {
    await tx.deleteFrom('jobs').where('id', '=', row.id).execute()
    return
  }
  await tx
    .updateTable('jobs')
    .set({ locked_until: null, locked_by: null, run_at: next.runAt, attempts: next.attempts, last_error: next.error })
    .where('id', '=', row.id)
    .execute()
}

export async function readStats(db: Reader, now: number): Promise<QueueStats> {
  return toStats(await selectStats(db).executeTakeFirstOrThrow(), now)
}

/** The same by name of job. */
export async function readStatsByName(db: Reader, now: number): Promise<Map<string, QueueStats>> {
  const rows = await selectStats(db).select('name').groupBy('name').execute()
  return new Map(rows.map((row) => [row.name, toStats(row, now)]))
}

function selectStats(db: Reader) {
  return db
    .selectFrom('jobs')
    .select((e) => [
      e.fn.countAll<number>().as('all'),
      e.fn.count<number>('locked_until').as('running'),
      e.fn.min<number | null>(e.case().when('locked_until', 'is', null).then(e.ref('run_at')).end()).as('oldest'),
    ])
}

function toStats({ all, running, oldest }: { all: number; running: number; oldest: number | null }, now: number): QueueStats {
  return { waiting: all - running, running, oldestWaitingMs: Math.max(0, now - (oldest ?? now)) }
}
