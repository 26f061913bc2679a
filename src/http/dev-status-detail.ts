import type { DevStatusDataType, DevStatusDetail } from '../contract/dev-status.ts'
import type {
  DevelopmentCommit,
  DevelopmentInformation,
  DevelopmentPullRequest,
  DevelopmentRepository,
  JobCounts,
} from '../domain/development-information.ts'
import { INSTANCE_TYPES, toJiraTime, toNullableJiraTime } from './dev-status-instance.ts'

type Detail = DevStatusDetail['detail'][number]
type Builds = NonNullable<Detail['builds']>
type Deployments = NonNullable<Detail['deployments']>

/** The connector never told more files of a commit (`Changeset.MAX_VISIBLE_FILES`). */
const MAX_FILES = 5

export interface DetailQuery {
  readonly applicationType: string
  readonly dataType: DevStatusDataType
}

/** The entries of one data type, one element an instance; another application type, or nothing there: an empty list. */
export function toDevStatusDetail(info: DevelopmentInformation | null, query: DetailQuery): DevStatusDetail {
  const repositories = (info?.repositories ?? []).filter(({ host }) => INSTANCE_TYPES[host]?.type === query.applicationType)
  const byInstance = Map.groupBy(repositories, ({ url }) => new URL(url).origin)
  const detail = [...byInstance].map(([baseUrl, own]) => ({
    ...toEntries(own, query.dataType),
    _instance: {
      singleInstance: byInstance.size === 1,
      baseUrl,
      name: query.applicationType,
      typeName: query.applicationType,
      id: query.applicationType,
      type: query.applicationType,
    },
  }))
  return { errors: [], detail: detail.filter(hasEntries) }
}

function hasEntries(detail: Detail): boolean {
  const { branches, pullRequests, repositories, builds = [], deployments = [] } = detail
  return branches.length + pullRequests.length + repositories.length + builds.length + deployments.length > 0
}

function toEntries(repositories: readonly DevelopmentRepository[], dataType: DevStatusDataType): Omit<Detail, '_instance'> {
  const none = { branches: [], pullRequests: [], repositories: [] }
  switch (dataType) {
    case 'repository':
      return { ...none, repositories: repositories.filter(({ commits }) => commits.length > 0).map(toRepository) }
    case 'branch':
      return { ...none, branches: repositories.flatMap(toBranches) }
    case 'pullrequest':
      // Jira's answer tells the branches too.
      return { ...none, branches: repositories.flatMap(toBranches), pullRequests: repositories.flatMap(toPullRequests) }
    case 'build':
      return { ...none, builds: repositories.flatMap(toBuilds) }
    case 'deployment-environment':
      return { ...none, deployments: repositories.flatMap(toDeployments) }
    case 'review':
      return none
  }
}

function toRepository({ name, url, commits }: DevelopmentRepository): Detail['repositories'][number] {
  return { name, url, commits: commits.map(toCommit) }
}

function toCommit(commit: DevelopmentCommit): Detail['repositories'][number]['commits'][number] {
  return {
    id: commit.id,
    displayId: commit.displayId,
    authorTimestamp: toJiraTime(commit.authoredAt),
    url: commit.url,
    author: { name: commit.author.name },
    fileCount: commit.fileCount ?? 0,
    merge: commit.merge,
    message: commit.message,
    files: (commit.files ?? []).slice(0, MAX_FILES).map((file) => ({
      path: file.path,
      url: commit.url,
      changeType: file.change,
      linesAdded: file.added ?? 0,
      linesRemoved: file.removed ?? 0,
    })),
  }
}

function toBranches(repository: DevelopmentRepository): Detail['branches'] {
  const { name, url, commits } = repository
  return repository.branches.map((branch) => {
    const head = commits.find(({ id }) => id === branch.head)
    const { createPullRequestUrl } = branch
    return {
      name: branch.name,
      url: branch.url,
      createPullRequestUrl,
      repository: { name, url },
      ...(head === undefined ? {} : { lastCommit: toCommit(head) }),
    }
  })
}

function toPullRequests(repository: DevelopmentRepository): Detail['pullRequests'] {
  const branchUrl = (branch: string) => repository.branches.find(({ name }) => name === branch)?.url ?? repository.url
  return repository.pullRequests.map((pullRequest) => ({
    author: { name: pullRequest.author.name },
    // As people write it, like "#557" of GitHub.
    id: `${repository.host === 'gitlab' ? '!' : '#'}${pullRequest.id}`,
    name: pullRequest.title,
    commentCount: pullRequest.commentCount,
    source: { branch: pullRequest.sourceBranch, url: branchUrl(pullRequest.sourceBranch) },
    destination: { branch: pullRequest.targetBranch, url: branchUrl(pullRequest.targetBranch) },
    reviewers: toReviewers(pullRequest),
    status: pullRequest.status,
    url: pullRequest.url,
    lastUpdate: toJiraTime(pullRequest.updatedAt),
    repositoryName: repository.name,
    repositoryUrl: repository.url,
  }))
}

function toReviewers({ reviewers }: DevelopmentPullRequest) {
  return reviewers.map(({ name, state }) => ({ name, approved: state === 'APPROVED' }))
}

function toBuilds({ name, builds }: DevelopmentRepository): Builds {
  return builds.map((build) => ({
    id: build.id,
    buildNumber: build.number,
    name: `${name} #${build.number}`,
    url: build.url,
    state: build.state,
    lastUpdated: toNullableJiraTime(build.finishedAt),
    references: [{ name: build.ref }],
    ...(build.jobs === null ? {} : { testSummary: toTestSummary(build.jobs) }),
  }))
}

function toTestSummary({ total, successful, failed }: JobCounts) {
  return { totalNumber: total, passedNumber: successful, failedNumber: failed, skippedNumber: total - successful - failed }
}

function toDeployments({ deployments }: DevelopmentRepository): Deployments {
  return deployments.map((deployment) => ({
    displayName: `Deploy #${deployment.id}`,
    state: deployment.state.toLowerCase(),
    url: deployment.url,
    lastUpdated: toNullableJiraTime(deployment.finishedAt),
    environment: { displayName: deployment.environment, type: deployment.environmentType },
  }))
}
