import { sql } from 'kysely'
import type { Reader, Tx } from '../database.ts'

const SETTLED = sql`state = 'dirty' and due_at is null`

const TABLES_OF_KEYS = ['commit_keys', 'branch_keys', 'pull_request_keys', 'build_keys', 'deployment_keys'] as const

/** True where something stored still names the issue. */
const isNamed = sql.join(
  TABLES_OF_KEYS.map((table) => sql`exists (select 1 from ${sql.table(table)} k where k.issue_key = issues.issue_key)`),
  sql` or `,
)

/**
 * After data went whose traces in Jira stay (marked with no due time): issues that nothing names any more are forgotten
 * with what Jira holds; of the others those that Jira holds something of wait for their next change.
 */
export async function settleKeptIssues(tx: Tx, now: number): Promise<void> {
  await sql`delete from issues where ${SETTLED} and not (${isNamed})`.execute(tx)
  await sql`update issues set state = 'clean' where ${SETTLED} and content_hash is not null`.execute(tx)
  await sql`update issues set due_at = ${now} where ${SETTLED}`.execute(tx)
}

/** Issues that Jira holds something of and that repositories of an account name. */
export async function countDeliveredIssuesOf(db: Reader, accountId: string): Promise<number> {
  const own = sql`(select id from repositories where account_id = ${accountId})`
  const named = (keys: string, table: string, id: string) => sql`exists (
    select 1 from ${sql.table(keys)} k join ${sql.table(table)} e on e.id = k.${sql.ref(id)}
    where k.issue_key = i.issue_key and e.repository_id in ${own})`
  const { rows } = await sql<{ n: number }>`
    select count(*) as n from issues i where i.content_hash is not null and (
      ${named('commit_keys', 'commits', 'commit_id')}
      or exists (select 1 from branch_keys b where b.issue_key = i.issue_key and b.repository_id in ${own})
      or ${named('pull_request_keys', 'pull_requests', 'pull_request_id')}
      or ${named('build_keys', 'builds', 'build_id')}
      or ${named('deployment_keys', 'deployments', 'deployment_id')})
  `.execute(db)
  return Number(rows[0]?.n ?? 0)
}
