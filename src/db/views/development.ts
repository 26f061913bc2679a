import type { IssueKey } from '../../domain/ids.ts'
import { projectKeyOf } from '../../domain/issue-keys.ts'
import type { Reviewer } from '../../domain/pull-request.ts'
import type { Reader } from '../database.ts'
import {
  countBuilds,
  listDeployedEnvironments,
  readBuilds,
  readDeployments,
  type StoredBuildRow,
  type StoredDeploymentRow,
} from './development-runs.ts'
import { isAfter, visible, type DevelopmentPosition, type DevelopmentQuery, type Scope } from './development-scope.ts'

export type { DevelopmentPosition } from './development-scope.ts'

/** What is stored about an issue (under all its keys), before links are added: newest first, at most `limit` a kind. */
export interface StoredDevelopment {
  readonly counts: {
    readonly branches: number
    readonly commits: number
    readonly open: number
    readonly merged: number
    readonly declined: number
  }
  readonly buildCounts: { readonly successful: number; readonly failed: number; readonly inProgress: number }
  /** Deployed to, the last one first. */
  readonly environments: readonly string[]
  readonly branches: readonly StoredBranchRow[]
  readonly commits: readonly StoredCommitRow[]
  readonly pullRequests: readonly StoredPullRequestRow[]
  readonly builds: readonly StoredBuildRow[]
  readonly deployments: readonly StoredDeploymentRow[]
}

const NOTHING: StoredDevelopment = {
  counts: { branches: 0, commits: 0, open: 0, merged: 0, declined: 0 },
  buildCounts: { successful: 0, failed: 0, inProgress: 0 },
  environments: [],
  branches: [],
  commits: [],
  pullRequests: [],
  builds: [],
  deployments: [],
}

interface InRepository {
  readonly repositoryId: number
}

export interface StoredBranchRow extends InRepository {
  readonly name: string
  readonly head: string
  readonly headAt: number
}

export interface StoredCommitRow extends InRepository {
  /** Our id: breaks the tie between commits of the same second. */
  readonly id: number
  readonly sha: string
  readonly message: string
  readonly authorName: string
  readonly authorEmail: string | null
  readonly authoredAt: number
  readonly merge: boolean
}

export interface StoredPullRequestRow extends InRepository {
  /** Our id: breaks the tie between changes of the same time. */
  readonly id: number
  readonly number: number
  readonly title: string
  readonly status: 'OPEN' | 'MERGED' | 'DECLINED'
  readonly draft: boolean
  readonly sourceBranch: string
  readonly targetBranch: string
  readonly url: string
  readonly authorName: string
  readonly authorEmail: string | null
  readonly reviewers: readonly Reviewer[]
  readonly commentCount: number
  readonly updatedAt: number
}

/** Only linked repositories of accounts that serve this issue's project are shown. */
export async function readDevelopment(db: Reader, query: DevelopmentQuery): Promise<StoredDevelopment> {
  const accounts = await listVisibleAccounts(db, query.keys)
  if (accounts.length === 0) return NOTHING
  const scope = { ...query, accounts }
  const [branches, commits, pullRequests, builds, deployments] = await Promise.all([
    readBranches(db, scope),
    readCommits(db, scope),
    readPullRequests(db, scope),
    readBuilds(db, scope),
    readDeployments(db, scope),
  ])
  const [branchCount, commitCount, statuses, buildCounts, environments] = await Promise.all([
    countBranches(db, scope),
    countCommits(db, scope),
    countPullRequests(db, scope),
    countBuilds(db, scope),
    listDeployedEnvironments(db, scope),
  ])
  const counts = { branches: branchCount, commits: commitCount, ...statuses }
  return { counts, buildCounts, environments, branches, commits, pullRequests, builds, deployments }
}

export interface DevelopmentPageQuery extends DevelopmentQuery {
  /** null: the first page. */
  readonly after: DevelopmentPosition | null
}

/** A page of one kind, newest first; each row knows its position. */
export interface DevelopmentPages {
  readonly branches: StoredBranchRow
  readonly commits: StoredCommitRow
  readonly pullRequests: StoredPullRequestRow
  readonly builds: StoredBuildRow
  readonly deployments: StoredDeploymentRow
}

const PAGE_READERS: {
  readonly [Kind in keyof DevelopmentPages]: (db: Reader, scope: Scope) => Promise<DevelopmentPages[Kind][]>
} = {
  branches: readBranches,
  commits: readCommits,
  pullRequests: readPullRequests,
  builds: readBuilds,
  deployments: readDeployments,
}

/** One kind alone, in pages, under the same rule of what is shown. */
export async function readDevelopmentPage<Kind extends keyof DevelopmentPages>(
  db: Reader,
  kind: Kind,
  query: DevelopmentPageQuery,
): Promise<DevelopmentPages[Kind][]> {
  const accounts = await listVisibleAccounts(db, query.keys)
  return accounts.length === 0 ? [] : PAGE_READERS[kind](db, { ...query, accounts })
}

export const branchPosition = (row: StoredBranchRow): DevelopmentPosition => [row.headAt, row.repositoryId, row.name]
export const commitPosition = (row: StoredCommitRow): DevelopmentPosition => [row.authoredAt, row.id]
export const pullRequestPosition = (row: StoredPullRequestRow): DevelopmentPosition => [row.updatedAt, row.id]

async function listVisibleAccounts(db: Reader, keys: readonly IssueKey[]): Promise<string[]> {
  const projects = new Set(keys.map(projectKeyOf))
  const rows = await db.selectFrom('accounts').select(['id', 'jira_projects']).execute()
  return rows.filter((row) => servesProject(row.jira_projects, projects)).map((row) => row.id)
}

function servesProject(jiraProjects: string, projects: ReadonlySet<string>): boolean {
  if (jiraProjects === '[]') return true
  return (JSON.parse(jiraProjects) as string[]).some((project) => projects.has(project))
}

async function readBranches(db: Reader, scope: Scope): Promise<StoredBranchRow[]> {
  const rows = await db
    .selectFrom('branch_keys as k')
    .innerJoin('branches as b', (join) => join.onRef('b.repository_id', '=', 'k.repository_id').onRef('b.name', '=', 'k.name'))
    .select(['b.repository_id', 'b.name', 'b.head', 'b.head_at'])
    .distinct()
    .where('k.issue_key', 'in', scope.keys)
    .where('b.repository_id', 'in', visible(db, scope))
    .where(isAfter(scope, ['b.head_at', 'b.repository_id', 'b.name']))
    .orderBy('b.head_at', 'desc')
    .orderBy('b.repository_id', 'desc')
    .orderBy('b.name', 'desc')
    .limit(scope.limit)
    .execute()
  return rows.map((row) => ({ repositoryId: row.repository_id, name: row.name, head: row.head, headAt: row.head_at }))
}

async function readCommits(db: Reader, scope: Scope): Promise<StoredCommitRow[]> {
  const ids = await findNewestCommits(db, scope)
  if (ids.length === 0) return []
  const rows = await db
    .selectFrom('commits as c')
    .select(['c.id', 'c.repository_id', 'c.sha', 'c.message', 'c.author_name', 'c.author_email', 'c.authored_at', 'c.merge'])
    .where('c.id', 'in', ids)
    .orderBy('c.authored_at', 'desc')
    .orderBy('c.id', 'desc')
    .execute()
  return rows.map((row) => ({
    id: row.id,
    repositoryId: row.repository_id,
    sha: row.sha,
    message: row.message,
    authorName: row.author_name,
    authorEmail: row.author_email,
    authoredAt: row.authored_at,
    merge: row.merge === 1,
  }))
}

/** In the order of the primary key, one key after the other: an issue may be named by a hundred thousand commits. */
async function findNewestCommits(db: Reader, scope: Scope): Promise<number[]> {
  const found = new Map<number, number>()
  for (const key of scope.keys) {
    const rows = await db
      .selectFrom('commit_keys as k')
      .select(['k.commit_id', 'k.authored_at'])
      .where('k.issue_key', '=', key)
      .where((e) =>
        e.exists(
          e
            .selectFrom('commits as c')
            .innerJoin('repositories as r', 'r.id', 'c.repository_id')
            .select('c.id')
            .whereRef('c.id', '=', 'k.commit_id')
            .where('r.linked', '=', 1)
            .where('r.account_id', 'in', scope.accounts),
        ),
      )
      .where(isAfter(scope, ['k.authored_at', 'k.commit_id']))
      .orderBy('k.authored_at', 'desc')
      .orderBy('k.commit_id', 'desc')
      .limit(scope.limit)
      .execute()
    for (const row of rows) found.set(row.commit_id, row.authored_at)
  }
  const newestFirst = [...found].sort(([idA, atA], [idB, atB]) => atB - atA || idB - idA)
  return newestFirst.slice(0, scope.limit).map(([id]) => id)
}

async function readPullRequests(db: Reader, scope: Scope): Promise<StoredPullRequestRow[]> {
  const rows = await db
    .selectFrom('pull_request_keys as k')
    .innerJoin('pull_requests as p', 'p.id', 'k.pull_request_id')
    .select([
      'p.id',
      'p.repository_id',
      'p.number',
      'p.title',
      'p.status',
      'p.draft',
      'p.source_branch',
      'p.target_branch',
      'p.url',
      'p.author_name',
      'p.author_email',
      'p.reviewers',
      'p.comment_count',
      'p.updated_at',
    ])
    .distinct()
    .where('k.issue_key', 'in', scope.keys)
    .where('p.repository_id', 'in', visible(db, scope))
    .where(isAfter(scope, ['p.updated_at', 'p.id']))
    .orderBy('p.updated_at', 'desc')
    .orderBy('p.id', 'desc')
    .limit(scope.limit)
    .execute()
  return rows.map((row) => ({
    id: row.id,
    repositoryId: row.repository_id,
    number: row.number,
    title: row.title,
    status: row.status,
    draft: row.draft === 1,
    sourceBranch: row.source_branch,
    targetBranch: row.target_branch,
    url: row.url,
    authorName: row.author_name,
    authorEmail: row.author_email,
    reviewers: JSON.parse(row.reviewers) as Reviewer[],
    commentCount: row.comment_count,
    updatedAt: row.updated_at,
  }))
}

async function countBranches(db: Reader, scope: Scope): Promise<number> {
  const distinct = db
    .selectFrom('branch_keys')
    .select(['repository_id', 'name'])
    .distinct()
    .where('issue_key', 'in', scope.keys)
    .where('repository_id', 'in', visible(db, scope))
  const row = await db
    .selectFrom(distinct.as('b'))
    .select((e) => e.fn.countAll<number>().as('n'))
    .executeTakeFirstOrThrow()
  return Number(row.n)
}

async function countCommits(db: Reader, scope: Scope): Promise<number> {
  if (await everythingIsVisible(db, scope)) {
    const row = await db
      .selectFrom('commit_keys')
      .select((e) => (scope.keys.length === 1 ? e.fn.countAll<number>() : e.fn.count<number>('commit_id').distinct()).as('n'))
      .where('issue_key', 'in', scope.keys)
      .executeTakeFirstOrThrow()
    return Number(row.n)
  }
  const row = await db
    .selectFrom('commit_keys as k')
    .innerJoin('commits as c', 'c.id', 'k.commit_id')
    .select((e) => e.fn.count<number>('c.id').distinct().as('n'))
    .where('k.issue_key', 'in', scope.keys)
    .where('c.repository_id', 'in', visible(db, scope))
    .executeTakeFirstOrThrow()
  return Number(row.n)
}

/** No commit that is stored belongs to a repository that is not shown: counting then needs no look at each of them. */
async function everythingIsVisible(db: Reader, { accounts }: Scope): Promise<boolean> {
  const hidden = await db
    .selectFrom('repositories')
    .select('id')
    .where('sync_started_at', 'is not', null)
    .where((e) => e.or([e('linked', '=', 0), e('account_id', 'not in', accounts)]))
    .limit(1)
    .executeTakeFirst()
  return hidden === undefined
}

async function countPullRequests(db: Reader, scope: Scope): Promise<{ open: number; merged: number; declined: number }> {
  const rows = await db
    .selectFrom('pull_request_keys as k')
    .innerJoin('pull_requests as p', 'p.id', 'k.pull_request_id')
    .select((e) => ['p.status', e.fn.count<number>('p.id').distinct().as('n')])
    .where('k.issue_key', 'in', scope.keys)
    .where('p.repository_id', 'in', visible(db, scope))
    .groupBy('p.status')
    .execute()
  const count = (status: string) => Number(rows.find((row) => row.status === status)?.n ?? 0)
  return { open: count('OPEN'), merged: count('MERGED'), declined: count('DECLINED') }
}
