import type { KeyedBranch } from '../../db/stores/branches.ts'
import type { KeyedBuild } from '../../db/stores/builds.ts'
import type { KeyedDeployment } from '../../db/stores/deployments.ts'
import type { KeyedPullRequest, SavedPullRequests } from '../../db/stores/pull-requests.ts'
import type { KeyedRun, SavedRun } from '../../db/stores/run-rows.ts'
import type { RunState } from '../../domain/development-information.ts'
import type { PullRequestStatus } from '../../domain/pull-request.ts'
import type { DevelopmentEvent, EventFacts, TriggerEvent } from '../../domain/trigger.ts'

const NO_FACTS: EventFacts = { title: '', url: null, author: null, branch: null, targetBranch: null, environment: null }

/** Branches that were not there in the last run, as of now: Git tells no time at which one was made. */
export function toBranchEvents(
  branches: readonly KeyedBranch[],
  { now, urlOf }: { readonly now: Date; readonly urlOf: (name: string) => string },
): DevelopmentEvent[] {
  return branches.map(({ name, keys }) => ({
    event: 'branch-created',
    subject: name,
    at: now,
    keys,
    facts: { ...NO_FACTS, title: name, branch: name, url: urlOf(name) },
  }))
}

/**
 * What became of pull requests between two runs. One that is met for the first time was opened, if it was made since the
 * last run (`since`); what it has become in the meantime follows, as Jira's own connector tells it.
 */
export function toPullRequestEvents(saved: SavedPullRequests['saved'], since: Date): DevelopmentEvent[] {
  return saved.flatMap(({ pullRequest, statusBefore }) => {
    if (statusBefore === null && pullRequest.createdAt < since) return []
    return namesOf(statusBefore, pullRequest.status).map((event) => toPullRequestEvent(pullRequest, event))
  })
}

function namesOf(before: PullRequestStatus | null, now: PullRequestStatus): TriggerEvent[] {
  if (before === now) return []
  if (before === null) return now === 'OPEN' ? ['pull-request-opened'] : ['pull-request-opened', endOf(now)]
  return now === 'OPEN' ? ['pull-request-reopened'] : [endOf(now)]
}

const endOf = (status: 'MERGED' | 'DECLINED'): TriggerEvent =>
  status === 'MERGED' ? 'pull-request-merged' : 'pull-request-declined'

function toPullRequestEvent(pullRequest: KeyedPullRequest, event: TriggerEvent): DevelopmentEvent {
  const { number, title, url, author, sourceBranch, targetBranch, keys, createdAt, updatedAt } = pullRequest
  return {
    event,
    subject: String(number),
    at: event === 'pull-request-opened' ? createdAt : updatedAt,
    keys,
    facts: { title, url, author: author.name, branch: sourceBranch, targetBranch, environment: null },
  }
}

export function toBuildEvents(saved: readonly SavedRun<KeyedBuild>[], since: Date): DevelopmentEvent[] {
  return cameInto('FAILED', saved, since).map(({ id, number, ref, url, keys, finishedAt, updatedAt }) => ({
    event: 'build-failed',
    subject: id,
    at: finishedAt ?? updatedAt,
    keys,
    facts: { ...NO_FACTS, title: `#${number}`, url, branch: ref },
  }))
}

export function toDeploymentEvents(saved: readonly SavedRun<KeyedDeployment>[], since: Date): DevelopmentEvent[] {
  return cameInto('SUCCESSFUL', saved, since).map(({ id, number, environment, url, keys, finishedAt, updatedAt }) => ({
    event: 'deployment-succeeded',
    subject: id,
    at: finishedAt ?? updatedAt,
    keys,
    facts: { ...NO_FACTS, title: `#${number}`, url, environment },
  }))
}

function cameInto<Run extends KeyedRun>(state: RunState, saved: readonly SavedRun<Run>[], since: Date): Run[] {
  return saved.flatMap(({ run, stateBefore }) => {
    const isNews = stateBefore === null ? run.createdAt >= since : stateBefore !== state
    return run.state === state && isNews ? [run] : []
  })
}
