import { saveBuilds } from '../db/stores/builds.ts'
import { saveJobCounts } from '../db/stores/job-counts.ts'
import { saveDeployments } from '../db/stores/deployments.ts'
import { replaceBranches } from '../db/stores/branches.ts'
import { prepareCommits, saveCommits } from '../db/stores/commits.ts'
import { savePullRequests, type KeyedPullRequest } from '../db/stores/pull-requests.ts'
import type { JobCounts } from '../domain/development-information.ts'
import { sha, type IssueKey, type RepositoryId } from '../domain/ids.ts'
import type { TestHttpApp } from './test-http-app.ts'

const KEYS = ['SHOP-7' as IssueKey]
const START = Date.parse('2026-11-22T08:00:00Z')
const MINUTE_MS = 60_000

/** A commit hash of forty digits. */
export const testSha = (number: number) => sha(number.toString(16).padStart(40, '0'))

export const minute = (number: number) => new Date(START + number * MINUTE_MS)

/** Commits 1 to `count` that name SHOP-7, a minute apart; the last two are of the same time. */
export async function addCommits({ app }: TestHttpApp, repositoryId: RepositoryId, count: number): Promise<void> {
  const commits = Array.from({ length: count }, (_, index) => ({
    sha: testSha(index + 1),
    message: `SHOP-7 change ${index + 1}`,
    author: { name: 'Mia Lang', email: 'mia@example.com' },
    authoredAt: minute(Math.min(index + 1, count - 1)),
    committedAt: minute(index + 1),
    merge: false,
    keys: KEYS,
  }))
  await app.db.write('interactive', (tx) =>
    saveCommits(tx, prepareCommits({ repositoryId, generation: 1, commits, rekey: false }), 0),
  )
}

/** Branches `SHOP-7-1` to `SHOP-7-<count>`, all with heads of the same time. */
export async function addBranches({ app }: TestHttpApp, repositoryId: RepositoryId, count: number): Promise<void> {
  const branches = Array.from({ length: count }, (_, index) => ({
    name: `SHOP-7-${index + 1}`,
    head: testSha(index + 1),
    headAt: minute(1).getTime(),
    keys: KEYS,
  }))
  await app.db.write('interactive', (tx) => replaceBranches(tx, repositoryId, { branches, dueAt: 0 }))
}

/** Pull request 12, open, from SHOP-7-1 to main, unless told otherwise. */
export async function addPullRequests(
  { app }: TestHttpApp,
  repositoryId: RepositoryId,
  changes: readonly Partial<KeyedPullRequest>[],
): Promise<void> {
  const pullRequests = changes.map((change): KeyedPullRequest => ({
    number: 12,
    title: 'SHOP-7 Cart',
    status: 'OPEN',
    draft: false,
    sourceBranch: 'SHOP-7-1',
    targetBranch: 'main',
    sourceRepository: null,
    headSha: testSha(1),
    url: 'https://gitlab.example.com/acme/shop/-/merge_requests/12',
    author: { name: 'Mia Lang', email: null },
    reviewers: [{ name: 'Rob Roe', state: 'APPROVED' }],
    commentCount: 2,
    createdAt: minute(0),
    updatedAt: minute(5),
    keys: KEYS,
    ...change,
  }))
  await app.db.write('interactive', (tx) => savePullRequests(tx, { repositoryId, generation: 1, pullRequests, dueAt: 0 }))
}

/** Builds 1 to `count` of SHOP-7-1, all of the same time: the first failed, the others succeeded. */
export async function addBuilds({ app }: TestHttpApp, repositoryId: RepositoryId, count: number): Promise<void> {
  const runs = Array.from({ length: count }, (_, index) => ({
    ...toRun(index + 1),
    state: index === 0 ? ('FAILED' as const) : ('SUCCESSFUL' as const),
    ref: 'SHOP-7-1',
    url: `https://gitlab.example.com/acme/shop/-/pipelines/${index + 1}`,
  }))
  await app.db.write('interactive', (tx) => saveBuilds(tx, { repositoryId, generation: 1, runs, dueAt: 0 }))
}

/** 14 jobs of a build of `addBuilds`: 12 passed, one failed. Returns the counts. */
export async function countJobsOfBuild({ app }: TestHttpApp, repositoryId: RepositoryId, number: number): Promise<JobCounts> {
  const jobs = { total: 14, successful: 12, failed: 1 }
  await app.db.write('interactive', async (tx) => {
    const row = await tx
      .selectFrom('builds')
      .select(['id', 'host_id as hostId', 'updated_at as updatedAt'])
      .where('repository_id', '=', Number(repositoryId))
      .where('number', '=', number)
      .executeTakeFirstOrThrow()
    await saveJobCounts(tx, row, { jobs, dueAt: 0 })
  })
  return jobs
}

/** Successful deployments 1 to `count` to staging, all of the same time. */
export async function addDeployments({ app }: TestHttpApp, repositoryId: RepositoryId, count: number): Promise<void> {
  const runs = Array.from({ length: count }, (_, index) => ({
    ...toRun(index + 1),
    state: 'SUCCESSFUL' as const,
    environment: 'staging',
    environmentType: 'staging' as const,
    url: `https://gitlab.example.com/acme/shop/-/jobs/${index + 1}`,
  }))
  await app.db.write('interactive', (tx) => saveDeployments(tx, { repositoryId, generation: 1, runs, dueAt: 0 }))
}

function toRun(number: number) {
  const at = minute(6)
  return { id: String(number), number, sha: testSha(number), createdAt: at, updatedAt: at, finishedAt: at, keys: KEYS }
}
