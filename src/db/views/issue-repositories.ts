import { sql } from 'kysely'
import type { IssueKey, RepositoryId } from '../../domain/ids.ts'
import type { Reader } from '../database.ts'
import { listVisibleAccounts } from './development-scope.ts'

/** Linked repositories that have something of an issue, those with the newest activity first. */
export async function listRepositoriesOfIssue(db: Reader, keys: readonly IssueKey[], limit: number): Promise<RepositoryId[]> {
  const accounts = await listVisibleAccounts(db, keys)
  if (accounts.length === 0) return []
  const among = sql.join([...keys])
  const { rows } = await sql<{ id: number }>`
    select r.id from repositories r
    where r.linked = 1 and r.missing_since is null and r.account_id in (${sql.join(accounts)}) and r.id in (
      select c.repository_id from commit_keys k join commits c on c.id = k.commit_id where k.issue_key in (${among})
      union select b.repository_id from branch_keys b where b.issue_key in (${among})
      union select p.repository_id from pull_request_keys k join pull_requests p on p.id = k.pull_request_id where k.issue_key in (${among})
      union select b.repository_id from build_keys k join builds b on b.id = k.build_id where k.issue_key in (${among})
      union select d.repository_id from deployment_keys k join deployments d on d.id = k.deployment_id where k.issue_key in (${among})
      union select m.repository_id from manual_links m where m.issue_key in (${among}) and m.action = 'link'
    )
    order by coalesce(r.last_activity_at, 0) desc, r.id limit ${limit}
  `.execute(db)
  return rows.map(({ id }) => String(id) as RepositoryId)
}

/** Linked repositories that serve an issue's project, those with the newest activity first. */
export async function listRecentRepositories(db: Reader, keys: readonly IssueKey[], limit: number): Promise<RepositoryId[]> {
  const accounts = await listVisibleAccounts(db, keys)
  if (accounts.length === 0) return []
  const rows = await db
    .selectFrom('repositories')
    .select('id')
    .where('linked', '=', 1)
    .where('archived', '=', 0)
    .where('missing_since', 'is', null)
    .where('account_id', 'in', accounts)
    .orderBy(sql`coalesce(last_activity_at, host_activity_at, 0)`, 'desc')
    .orderBy('id')
    .limit(limit)
    .execute()
  return rows.map(({ id }) => String(id) as RepositoryId)
}
