import { sql } from 'kysely'
import type { AccountId, RepositoryId } from '../../domain/ids.ts'
import type { SmartCommitState } from '../../domain/smart-commit-record.ts'
import type { Reader } from '../database.ts'

/**
 * What people watch of every repository, as one text each: another text means that something changed.
 */
export async function readRepositoryMarks(db: Reader): Promise<Map<RepositoryId, string>> {
  const rows = await db
    .selectFrom('repositories')
    .select(['id', 'linked', 'smart_commits', 'sync_state', 'sync_mode', 'sync_step', 'sync_started_at', 'sync_finished_at'])
    .select(['progress_commits', 'progress_branches', 'progress_pull_requests', 'progress_issues'])
    .select(['webhook_state', sql<number>`case when sync_error is null then 0 else 1 end`.as('failing')])
    .execute()
  // Few fail; the partial index holds them alone.
  const failed = await db
    .selectFrom('smart_commits')
    .select(['repository_id', (e) => e.fn.max<number | null>('executed_at').as('at'), (e) => e.fn.countAll<number>().as('n')])
    .where('state', '=', sql.lit('failed' satisfies SmartCommitState))
    .groupBy('repository_id')
    .execute()
  const errors = new Map(failed.map(({ repository_id, at, n }) => [repository_id, ` ${at ?? 0} ${n}`]))
  return new Map(
    rows.map(({ id, ...shown }) => [String(id) as RepositoryId, Object.values(shown).join(' ') + (errors.get(id) ?? '')]),
  )
}

/** The same of every account. */
export async function readAccountMarks(db: Reader): Promise<Map<AccountId, string>> {
  const rows = await db
    .selectFrom('accounts')
    .select(['id', 'name', 'state', 'problem', 'deleting', 'deletion', 'swept_at', 'next_sweep_at', 'configured_by'])
    .execute()
  return new Map(rows.map(({ id, ...shown }) => [id as AccountId, JSON.stringify(Object.values(shown))]))
}

/** Repositories that do something, or did since a time; the newest, at most `limit`. */
export async function listBusyRepositories(
  db: Reader,
  { since, limit }: { since: Date; limit: number },
): Promise<RepositoryId[]> {
  const rows = await db
    .selectFrom('repositories')
    .select('id')
    .where((e) =>
      e.or([
        e('sync_state', '<>', 'idle'),
        e('sync_started_at', '>=', since.getTime()),
        e('sync_finished_at', '>=', since.getTime()),
      ]),
    )
    .orderBy('id')
    .limit(limit)
    .execute()
  return rows.map(({ id }) => String(id) as RepositoryId)
}

/** The highest numbers of webhooks and of writes to Jira; 0: there is none. */
export async function readNewestDeliveries(db: Reader): Promise<{ webhook: number; write: number }> {
  const newest = (table: 'webhook_deliveries' | 'jira_writes') =>
    db
      .selectFrom(table)
      .select((e) => e.fn.max<number | null>('id').as('id'))
      .executeTakeFirstOrThrow()
  const [webhook, write] = await Promise.all([newest('webhook_deliveries'), newest('jira_writes')])
  return { webhook: webhook.id ?? 0, write: write.id ?? 0 }
}
