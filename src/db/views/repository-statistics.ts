import { sql } from 'kysely'
import type { RepositoryId } from '../../domain/ids.ts'
import type { Reader } from '../database.ts'
import type { SyncsTable } from '../schema.ts'

const WEEK_MS = 7 * 24 * 60 * 60_000
/** The first Monday of 1970. */
const FIRST_MONDAY_MS = 4 * 24 * 60 * 60_000

export interface WeekCounts {
  /** Its Monday in UTC, in ms. */
  readonly week: number
  readonly commits: number
  readonly pullRequests: number
}

/** The last weeks, this one included, oldest first: two range counts over indexes of the repository. */
export async function readWeeks(
  db: Reader,
  id: RepositoryId,
  { now, weeks }: { readonly now: number; readonly weeks: number },
): Promise<WeekCounts[]> {
  const last = Math.floor((now - FIRST_MONDAY_MS) / WEEK_MS)
  const since = (last - weeks + 1) * WEEK_MS + FIRST_MONDAY_MS
  const count = async (table: 'commits' | 'pull_requests', column: 'authored_at' | 'created_at') => {
    const { rows } = await sql<{ week: number; n: number }>`
      select (${sql.ref(column)} - ${sql.lit(FIRST_MONDAY_MS)}) / ${sql.lit(WEEK_MS)} as week, count(*) as n
      from ${sql.table(table)}
      where repository_id = ${Number(id)} and ${sql.ref(column)} >= ${since}
      group by 1
    `.execute(db)
    return new Map(rows.map((row) => [Number(row.week), Number(row.n)]))
  }
  const [commits, pullRequests] = [await count('commits', 'authored_at'), await count('pull_requests', 'created_at')]
  return Array.from({ length: weeks }, (_, index) => {
    const number = last - weeks + 1 + index
    const week = number * WEEK_MS + FIRST_MONDAY_MS
    return { week, commits: commits.get(number) ?? 0, pullRequests: pullRequests.get(number) ?? 0 }
  })
}

export async function countSyncsByOutcome(db: Reader, id: RepositoryId): Promise<Record<SyncsTable['outcome'], number>> {
  const rows = await db
    .selectFrom('syncs')
    .select(['outcome', (e) => e.fn.countAll<number>().as('n')])
    .where('repository_id', '=', Number(id))
    .groupBy('outcome')
    .execute()
  return {
    running: 0,
    done: 0,
    failed: 0,
    cancelled: 0,
    ...Object.fromEntries(rows.map(({ outcome, n }) => [outcome, Number(n)])),
  }
}
