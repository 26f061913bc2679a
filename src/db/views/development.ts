import type { Reader } from '../database.ts'
import {
  countBuilds,
  listDeployedEnvironments,
  readBuilds,
  readDeployments,
  type StoredBuildRow,
  type StoredDeploymentRow,
} from './development-runs.ts'
import { readBranches, type StoredBranchRow } from './development-branches.ts'
import { countCommits, readCommits, type StoredCommitRow } from './development-commits.ts'
import { readPullRequests, type StoredPullRequestRow } from './development-pull-requests.ts'
import { listVisibleAccounts, type DevelopmentPosition, type DevelopmentQuery, type Scope } from './development-scope.ts'
import { readManualLinks } from './manual-links.ts'

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
  /** Noise, which no other count holds. */
  readonly hidden: { readonly commits: number; readonly branches: number; readonly pullRequests: number }
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
  hidden: { commits: 0, branches: 0, pullRequests: 0 },
  buildCounts: { successful: 0, failed: 0, inProgress: 0 },
  environments: [],
  branches: [],
  commits: [],
  pullRequests: [],
  builds: [],
  deployments: [],
}

/** Only linked repositories of accounts that serve this project are shown. */
export async function readDevelopment(db: Reader, query: DevelopmentQuery): Promise<StoredDevelopment> {
  const accounts = await listVisibleAccounts(db, query.keys)
  if (accounts.length === 0) return NOTHING
  const scope = { ...query, accounts, manual: await readManualLinks(db, query.keys) }
  const [branches, commits, pullRequests, builds, deployments] = await Promise.all([
    readBranches(db, scope),
    readCommits(db, scope),
    readPullRequests(db, scope),
    readBuilds(db, scope),
    readDeployments(db, scope),
  ])
  const [commitCounts, buildCounts, environments] = await Promise.all([
    countCommits(db, scope),
    countBuilds(db, scope),
    listDeployedEnvironments(db, scope),
  ])
  const { hidden, ...statuses } = pullRequests.counts
  return {
    counts: { branches: branches.counts.shown, commits: commitCounts.shown, ...statuses },
    hidden: { commits: commitCounts.hidden, branches: branches.counts.hidden, pullRequests: hidden },
    buildCounts,
    environments,
    branches: branches.rows,
    commits,
    pullRequests: pullRequests.rows,
    builds,
    deployments,
  }
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
  branches: async (db, scope) => (await readBranches(db, scope)).rows,
  commits: readCommits,
  pullRequests: async (db, scope) => (await readPullRequests(db, scope)).rows,
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
  if (accounts.length === 0) return []
  return PAGE_READERS[kind](db, { ...query, accounts, manual: await readManualLinks(db, query.keys) })
}
