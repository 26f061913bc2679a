import { sql } from 'kysely'
import { repositoryId, type AccountId, type IssueKey, type RepositoryId } from '../../domain/ids.ts'
import type { DevelopmentEvent, EventPlace, TriggerEvent } from '../../domain/trigger.ts'
import type { Reader } from '../database.ts'

/** One event and one issue that it named, told from what is stored. */
export interface PastEvent {
  readonly happened: DevelopmentEvent
  readonly place: EventPlace
  readonly repositoryId: RepositoryId
  readonly key: IssueKey
}

interface Row {
  repository_id: number
  account_id: string
  path: string
  issue_key: string
  subject: string
  at: number
  title: string
  url: string | null
  author: string | null
  branch: string | null
  target_branch: string | null
  environment: string | null
}

/** Events of which what is stored tells nothing: only the last status of a pull request is. */
export const UNTOLD_EVENTS: readonly TriggerEvent[] = ['pull-request-reopened']

/** What happened since then, newest first, as far as it can be told from what is stored; of branches, when they last moved. */
export async function readPastEvents(
  db: Reader,
  { event, since, limit }: { readonly event: TriggerEvent; readonly since: Date; readonly limit: number },
): Promise<PastEvent[]> {
  if (UNTOLD_EVENTS.includes(event)) return []
  const { rows } = await sql<Row>`
    select s.*, r.account_id, r.path from (${selectOf(event, since.getTime())}) as s
    join repositories r on r.id = s.repository_id
    where r.linked = 1 order by s.at desc, s.subject, s.issue_key limit ${limit}
  `.execute(db)
  return rows.map((row) => ({
    happened: {
      event,
      subject: row.subject,
      at: new Date(row.at),
      keys: [row.issue_key as IssueKey],
      facts: {
        title: row.title.split('\n', 1)[0] ?? '',
        url: row.url,
        author: row.author,
        branch: row.branch,
        targetBranch: row.target_branch,
        environment: row.environment,
      },
    },
    place: { accountId: row.account_id as AccountId, repository: row.path },
    repositoryId: repositoryId(String(row.repository_id)),
    key: row.issue_key as IssueKey,
  }))
}

const NONE = sql`cast(null as text)`

function selectOf(event: TriggerEvent, since: number) {
  switch (event) {
    case 'branch-created':
      return sql`select b.repository_id, k.issue_key, b.name as subject, b.head_at as at, b.name as title, ${NONE} as url,
          ${NONE} as author, b.name as branch, ${NONE} as target_branch, ${NONE} as environment
        from branches b join branch_keys k on k.repository_id = b.repository_id and k.name = b.name where b.head_at >= ${since}`
    case 'commit-created':
      return sql`select c.repository_id, k.issue_key, c.sha as subject, c.authored_at as at, c.message as title, ${NONE} as url,
          c.author_name as author, ${NONE} as branch, ${NONE} as target_branch, ${NONE} as environment
        from commits c join commit_keys k on k.commit_id = c.id where c.authored_at >= ${since}`
    case 'pull-request-opened':
    case 'pull-request-reopened':
      return selectPullRequests(sql`p.created_at`, sql`p.created_at >= ${since}`)
    case 'pull-request-merged':
      return selectPullRequests(sql`p.updated_at`, sql`p.updated_at >= ${since} and p.status = 'MERGED'`)
    case 'pull-request-declined':
      return selectPullRequests(sql`p.updated_at`, sql`p.updated_at >= ${since} and p.status = 'DECLINED'`)
    case 'build-failed':
      return sql`select b.repository_id, k.issue_key, b.host_id as subject, b.updated_at as at, '#' || b.number as title, b.url,
          ${NONE} as author, b.ref as branch, ${NONE} as target_branch, ${NONE} as environment
        from builds b join build_keys k on k.build_id = b.id where b.updated_at >= ${since} and b.state = 'FAILED'`
    case 'deployment-succeeded':
      return sql`select d.repository_id, k.issue_key, d.host_id as subject, d.updated_at as at, '#' || d.number as title, d.url,
          ${NONE} as author, ${NONE} as branch, ${NONE} as target_branch, d.environment
        from deployments d join deployment_keys k on k.deployment_id = d.id
        where d.updated_at >= ${since} and d.state = 'SUCCESSFUL'`
  }
}

function selectPullRequests(at: ReturnType<typeof sql>, where: ReturnType<typeof sql>) {
  return sql`select p.repository_id, k.issue_key, cast(p.number as text) as subject, ${at} as at, p.title, p.url,
      p.author_name as author, p.source_branch as branch, p.target_branch, ${NONE} as environment
    from pull_requests p join pull_request_keys k on k.pull_request_id = p.id where ${where}`
}
