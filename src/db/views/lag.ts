import { sql } from 'kysely'
import type { RepositoryId } from '../../domain/ids.ts'
import type { Reader } from '../database.ts'
import { INFORMATION_KINDS } from '../stores/jira-writes.ts'

/** What a webhook took, in ms. */
export interface LagSample {
  readonly receivedAt: number
  readonly stored: number
  /** null: nothing of it went to Jira, or not yet. */
  readonly delivered: number | null
}

/** Enough for a percentile; the newest count. */
const MAX_SAMPLES = 20_000

/**
 * From the arrival of a webhook until the synchronisation that it asked for had stored what changed, and until the first
 * issue changed by it was in Jira, of synchronisations that began since a time. Of a burst of webhooks the last one before
 * the synchronisation began counts.
 */
export async function readLags(
  db: Reader,
  { since, repositoryId }: { readonly since: number; readonly repositoryId?: RepositoryId },
): Promise<LagSample[]> {
  const own = repositoryId === undefined ? sql`` : sql`and s.repository_id = ${Number(repositoryId)}`
  const { rows } = await sql<{ received_at: number; finished_at: number; delivered_at: number | null }>`
    select w.received_at, s.finished_at,
      (select min(j.written_at + j.ms) from jira_writes j
        where j.sync_id = s.id and j.outcome = 'done' and j.kind in (${sql.join(INFORMATION_KINDS)})) as delivered_at
    from syncs s
    join webhook_deliveries w on w.id = case when s.asked_by like 'webhook:%' then cast(substr(s.asked_by, 9) as bigint) end
    where s.started_at >= ${since} and s.outcome = 'done' and s.asked_by like 'webhook:%' ${own}
    order by s.started_at desc
    limit ${MAX_SAMPLES}
  `.execute(db)
  return rows.map((row) => {
    const receivedAt = Number(row.received_at)
    // A clock that was set back in between makes no negative time.
    const since0 = (at: number) => Math.max(0, Number(at) - receivedAt)
    return {
      receivedAt,
      stored: since0(row.finished_at),
      delivered: row.delivered_at === null ? null : since0(row.delivered_at),
    }
  })
}
