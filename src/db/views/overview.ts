import { sql } from 'kysely'
import type { Problem } from '../../domain/problem.ts'
import type { Reader } from '../database.ts'
import type { JiraWritesTable, WebhookDeliveriesTable } from '../schema.ts'
import { INFORMATION_KINDS } from '../stores/jira-writes.ts'

const HOUR_MS = 60 * 60_000

export type WebhookOutcomes = Readonly<Record<WebhookDeliveriesTable['state'], number>>

/** Webhooks received since a time, by the beginning of the hour and by outcome. */
export async function countWebhooksByHour(db: Reader, since: number): Promise<Map<number, WebhookOutcomes>> {
  const { rows } = await sql<{ hour: number; state: WebhookDeliveriesTable['state']; n: number }>`
    select received_at / ${sql.lit(HOUR_MS)} as hour, state, count(*) as n
    from webhook_deliveries where received_at >= ${since} group by 1, 2
  `.execute(db)
  const hours = new Map<number, Record<WebhookDeliveriesTable['state'], number>>()
  for (const { hour, state, n } of rows) {
    const at = Number(hour) * HOUR_MS
    const counts = hours.get(at) ?? { done: 0, ignored: 0, failed: 0, pending: 0, dead: 0 }
    counts[state] = Number(n)
    hours.set(at, counts)
  }
  return hours
}

export type WriteOutcomes = Readonly<Record<JiraWritesTable['outcome'], number>>

/**
 * Writes to Jira since a time, by the beginning of the hour and by outcome. Ids grow with time: the newest older one tells
 * where to begin, so that of a long journal only what is asked for is read.
 */
export async function countJiraWritesByHour(db: Reader, since: number): Promise<Map<number, WriteOutcomes>> {
  const { rows } = await sql<{ hour: number; outcome: JiraWritesTable['outcome']; n: number }>`
    select written_at / ${sql.lit(HOUR_MS)} as hour, outcome, count(*) as n
    from jira_writes
    where id > coalesce((select id from jira_writes where written_at < ${since} order by id desc limit 1), 0)
      and written_at >= ${since}
    group by 1, 2
  `.execute(db)
  const hours = new Map<number, Record<JiraWritesTable['outcome'], number>>()
  for (const { hour, outcome, n } of rows) {
    const at = Number(hour) * HOUR_MS
    const counts = hours.get(at) ?? { done: 0, failed: 0 }
    counts[outcome] = Number(n)
    hours.set(at, counts)
  }
  return hours
}

export interface Waiting {
  readonly issues: number
  /** Since when the oldest one waits, in ms; null: none does, or it is not known. */
  readonly since: number | null
}

/** Issues that wait for their delivery, and those that Jira refuses; of these the oldest failed write that is kept counts. */
export async function readOpenDeliveries(db: Reader): Promise<{ waiting: Waiting; refused: Waiting }> {
  const waiting = await db
    .selectFrom('issues')
    .select((e) => [e.fn.countAll<number>().as('n'), e.fn.min<number | null>('due_at').as('since')])
    .where('due_at', 'is not', null)
    .executeTakeFirstOrThrow()
  const { rows } = await sql<{ n: number; since: number | null }>`
    select count(*) as n, min((
      select min(j.written_at) from jira_writes j
      where j.issue_key = i.issue_key and j.outcome = 'failed' and j.kind in (${sql.join(INFORMATION_KINDS)})
    )) as since from issues i where i.state = 'refused'
  `.execute(db)
  const refused = rows[0] ?? { n: 0, since: null }
  return { waiting: toWaiting(waiting), refused: toWaiting(refused) }
}

const toWaiting = ({ n, since }: { n: number; since: number | null }): Waiting => ({
  issues: Number(n),
  since: since === null ? null : Number(since),
})

/** Differences from the hosts since a time, of all kinds and accounts, and repositories whose drift is open. */
export async function readDriftSums(db: Reader, since: number): Promise<{ found: number; repaired: number; open: number }> {
  const { rows } = await sql<{ found: number | null; repaired: number | null }>`
    select sum(refs_found + pull_requests_found + builds_found + deployments_found + missing_found) as found,
      sum(refs_repaired + pull_requests_repaired + builds_repaired + deployments_repaired + missing_repaired) as repaired
    from proofs where hour >= ${since}
  `.execute(db)
  const open = await db
    .selectFrom('repositories')
    .select((e) => e.fn.countAll<number>().as('n'))
    .where('drift', 'is not', null)
    .executeTakeFirstOrThrow()
  return { found: Number(rows[0]?.found ?? 0), repaired: Number(rows[0]?.repaired ?? 0), open: Number(open.n) }
}

export interface AccountTroubles {
  readonly states: { readonly ok: number; readonly degraded: number; readonly needsSignIn: number; readonly deleting: number }
  readonly problems: readonly { readonly id: string; readonly name: string; readonly problem: Problem }[]
}

/** Accounts by state, and what is wrong with those that have a problem. */
export async function readAccountTroubles(db: Reader): Promise<AccountTroubles> {
  const rows = await db.selectFrom('accounts').select(['id', 'name', 'state', 'problem', 'deleting']).orderBy('id').execute()
  const count = (test: (row: (typeof rows)[number]) => boolean) => rows.filter(test).length
  const lives = rows.filter(({ deleting }) => deleting === 0)
  return {
    states: {
      ok: lives.filter(({ state }) => state === 'ok').length,
      degraded: lives.filter(({ state }) => state === 'degraded').length,
      needsSignIn: lives.filter(({ state }) => state === 'needs-sign-in').length,
      deleting: count(({ deleting }) => deleting === 1),
    },
    problems: rows.flatMap(({ id, name, problem }) =>
      problem === null ? [] : [{ id, name, problem: JSON.parse(problem) as Problem }],
    ),
  }
}
