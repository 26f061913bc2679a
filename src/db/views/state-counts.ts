import type { Reader } from '../database.ts'

type Counts = Record<string, number>

export async function countAccountsByState(db: Reader): Promise<Counts> {
  const rows = await db
    .selectFrom('accounts')
    .select(['state', (e) => e.fn.countAll<number>().as('n')])
    .groupBy('state')
    .execute()
  return { ok: 0, degraded: 0, 'needs-sign-in': 0, ...Object.fromEntries(rows.map(({ state, n }) => [state, Number(n)])) }
}

/** Linked repositories by state of their synchronisation; `failing` counts those whose last one ended with an error, in whatever state. */
export async function countRepositoriesByState(db: Reader): Promise<Counts> {
  const rows = await db
    .selectFrom('repositories')
    .select(['sync_state', (e) => e.fn.countAll<number>().as('n'), (e) => e.fn.count<number>('sync_error').as('failing')])
    .where('linked', '=', 1)
    .groupBy('sync_state')
    .execute()
  const states = { idle: 0, queued: 0, running: 0, retrying: 0, paused: 0 }
  return {
    ...states,
    ...Object.fromEntries(rows.map((row) => [row.sync_state, Number(row.n)])),
    failing: rows.reduce((sum, row) => sum + Number(row.failing), 0),
  }
}
