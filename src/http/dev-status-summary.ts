import type { DevStatusSummary } from '../contract/dev-status.ts'
import type { DevelopmentInformation, DevelopmentRepository } from '../domain/development-information.ts'
import { INSTANCE_TYPES, toJiraTime, toNullableJiraTime } from './dev-status-instance.ts'

type Summary = DevStatusSummary['summary']

/** The summary in Data Center's flavour: all six data types, in its order. `null`: nothing is known of the issue. */
export function toDevStatusSummary(info: DevelopmentInformation | null): DevStatusSummary {
  return {
    errors: [],
    configErrors: [],
    summary: {
      pullrequest: toPullRequestSummary(info),
      build: toBuildSummary(info),
      // Reviews are Crucible's.
      review: {
        overall: { count: 0, lastUpdated: null, stateCount: 0, state: null, dueDate: null, overDue: false, completed: false },
        byInstanceType: {},
      },
      'deployment-environment': toDeploymentSummary(info),
      repository: toItem(
        info,
        { count: info?.summary.commits ?? 0, entries: ({ commits }) => commits.map(({ authoredAt }) => authoredAt) },
        {},
      ),
      // Jira tells no time of branches.
      branch: toItem(info, { count: info?.summary.branches ?? 0, entries: ({ branches }) => branches.map(() => null) }, {}),
    },
  }
}

interface Counted {
  readonly count: number
  /** Times of the entries of one repository. */
  entries(repository: DevelopmentRepository): readonly (string | null)[]
}

function toItem<More extends object>(info: DevelopmentInformation | null, { count, entries }: Counted, more: More) {
  const repositories = info?.repositories ?? []
  const times = repositories.flatMap(entries).filter((time) => time !== null)
  const newest = times.toSorted().at(-1)
  const found = repositories.find((repository) => entries(repository).length > 0)
  const instance = found === undefined ? undefined : INSTANCE_TYPES[found.host]
  return {
    overall: { count, lastUpdated: newest === undefined ? null : toJiraTime(newest), ...more },
    byInstanceType: count === 0 || instance === undefined ? {} : { [instance.type]: { count, name: instance.name } },
  }
}

function toPullRequestSummary(info: DevelopmentInformation | null): Summary['pullrequest'] {
  const { open, merged, declined } = info?.summary.pullRequests ?? { open: 0, merged: 0, declined: 0 }
  const total = open + merged + declined
  // The liveliest state stands for all; none at all counts as open, as Jira has it.
  const [state, stateCount] =
    open > 0 || total === 0
      ? (['OPEN', open] as const)
      : merged > 0
        ? (['MERGED', merged] as const)
        : (['DECLINED', declined] as const)
  return toItem(
    info,
    { count: total, entries: ({ pullRequests }) => pullRequests.map(({ updatedAt }) => updatedAt) },
    {
      stateCount,
      state,
      details: { openCount: open, mergedCount: merged, declinedCount: declined, total },
      open: state === 'OPEN',
    },
  )
}

function toBuildSummary(info: DevelopmentInformation | null): Summary['build'] {
  const { successful, failed, inProgress } = info?.summary.builds ?? { successful: 0, failed: 0, inProgress: 0 }
  const listed = (info?.repositories ?? []).reduce((sum, { builds }) => sum + builds.length, 0)
  // Cancelled ones are in no count of ours; Jira knows no other kind for what neither succeeded nor failed.
  const count = Math.max(successful + failed + inProgress, listed)
  return toItem(
    info,
    { count, entries: ({ builds }) => builds.map(({ finishedAt }) => finishedAt) },
    { failedBuildCount: failed, successfulBuildCount: successful, unknownBuildCount: count - successful - failed },
  )
}

function toDeploymentSummary(info: DevelopmentInformation | null): Summary['deployment-environment'] {
  const deployments = (info?.repositories ?? []).flatMap((repository) => repository.deployments)
  const environments = info?.summary.deployments.environments ?? []
  const newestOf = (title: string) =>
    deployments.find(({ environment, state }) => environment === title && state === 'SUCCESSFUL')
  const topEnvironments = environments.map((title, position) => ({
    lastUpdated: toNullableJiraTime(newestOf(title)?.finishedAt ?? null),
    id: position,
    position,
    title,
    projectId: 0,
    // The summary names those that a deployment reached.
    status: 'DEPLOYED',
  }))
  return toItem(
    info,
    { count: environments.length, entries: (repository) => repository.deployments.map(({ finishedAt }) => finishedAt) },
    {
      topEnvironments,
      showProjects: false,
      successfulCount: topEnvironments.length,
    },
  )
}
