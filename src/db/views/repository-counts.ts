import { sql } from 'kysely'
import type { Reader } from '../database.ts'

export interface StoredCounts {
  readonly commits: number
  readonly pullRequests: number
  readonly builds: number
  readonly deployments: number
  /** Different keys that its commits, branches, pull requests, builds and deployments name, known to Jira or not. */
  readonly issues: number
}

/** What is stored per repository, by its id: read by the report of a demo or of a foreground synchronisation. */
export async function countStoredByRepository(db: Reader): Promise<Map<string, StoredCounts>> {
  const { rows } = await sql<{
    id: number
    commits: number
    pull_requests: number
    builds: number
    deployments: number
    issues: number
  }>`
    select r.id,
      (select count(*) from commits c where c.repository_id = r.id) as commits,
      (select count(*) from pull_requests p where p.repository_id = r.id) as pull_requests,
      (select count(*) from builds b where b.repository_id = r.id) as builds,
      (select count(*) from deployments d where d.repository_id = r.id) as deployments,
      (select count(*) from (
        select k.issue_key from commit_keys k join commits c on c.id = k.commit_id where c.repository_id = r.id
        union select b.issue_key from branch_keys b where b.repository_id = r.id
        union select k.issue_key from pull_request_keys k join pull_requests p on p.id = k.pull_request_id where p.repository_id = r.id
        union select k.issue_key from build_keys k join builds b on b.id = k.build_id where b.repository_id = r.id
        union select k.issue_key from deployment_keys k join deployments d on d.id = k.deployment_id where d.repository_id = r.id
      ) as keys) as issues
    from repositories r
  `.execute(db)
  return new Map(
    rows.map((row) => [
      String(row.id),
      {
        commits: Number(row.commits),
        pullRequests: Number(row.pull_requests),
        builds: Number(row.builds),
        deployments: Number(row.deployments),
        issues: Number(row.issues),
      },
    ]),
  )
}
