import { sql } from 'kysely'
import type { HostId, IssueKey, RepositoryId, Sha } from '../../domain/ids.ts'
import type { Reader } from '../database.ts'
import { jsonRows } from '../json-rows.ts'

/** What is stored of the commits and pull requests that builds and deployments belong to. */
export interface RunKeySources {
  /** Keys in the messages, by commit. */
  readonly commits: ReadonlyMap<string, readonly IssueKey[]>
  readonly pullRequests: readonly {
    readonly number: number
    readonly sourceBranch: string
    readonly sourceRepository: HostId | null
    readonly headSha: Sha | null
    readonly keys: readonly IssueKey[]
  }[]
}

/** Keys of these commits, and of the pull requests of these numbers or with one of these commits as their head. */
export async function findRunKeySources(
  db: Reader,
  repositoryId: RepositoryId,
  { shas, numbers }: { shas: readonly Sha[]; numbers: readonly number[] },
): Promise<RunKeySources> {
  const id = Number(repositoryId)
  const wanted = jsonRows(
    db,
    { s: 'text' },
    [...new Set(shas)].map((s) => ({ s })),
  )
  const commits = await sql<{ sha: string; issue_key: string }>`
    select c.sha, k.issue_key from commits c join commit_keys k on k.commit_id = c.id
    where c.repository_id = ${id} and c.sha in (select r.s from ${wanted} as r)
    order by k.issue_key
  `.execute(db)
  const named = jsonRows(
    db,
    { n: 'bigint' },
    [...new Set(numbers)].map((n) => ({ n })),
  )
  const pullRequests = await sql<PullRequestKeyRow>`
    select p.number, p.source_branch, p.source_host_id, p.head_sha, k.issue_key
    from pull_requests p join pull_request_keys k on k.pull_request_id = p.id
    where p.id in (
      select id from pull_requests where repository_id = ${id} and head_sha in (select r.s from ${wanted} as r)
      union
      select id from pull_requests where repository_id = ${id} and number in (select r.n from ${named} as r)
    )
    order by p.number, k.issue_key
  `.execute(db)
  return {
    commits: toKeysBy(commits.rows, ({ sha }) => sha),
    pullRequests: [...Map.groupBy(pullRequests.rows, ({ number }) => number).values()].flatMap(toPullRequest),
  }
}

interface PullRequestKeyRow {
  readonly number: number
  readonly source_branch: string
  readonly source_host_id: string | null
  readonly head_sha: string | null
  readonly issue_key: string
}

function toPullRequest(rows: readonly PullRequestKeyRow[]): RunKeySources['pullRequests'] {
  return rows.slice(0, 1).map((row) => ({
    number: row.number,
    sourceBranch: row.source_branch,
    sourceRepository: row.source_host_id as HostId | null,
    headSha: row.head_sha as Sha | null,
    keys: rows.map(({ issue_key }) => issue_key as IssueKey),
  }))
}

function toKeysBy<Row extends { readonly issue_key: string }>(
  rows: readonly Row[],
  by: (row: Row) => string,
): Map<string, IssueKey[]> {
  return new Map(
    [...Map.groupBy(rows, by)].map(([name, own]) => [name, own.map(({ issue_key }) => issue_key as IssueKey)] as const),
  )
}
