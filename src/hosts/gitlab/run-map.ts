import type { EnvironmentType, RunState } from '../../domain/development-information.ts'
import { sha } from '../../domain/ids.ts'
import type { HostBuild, HostDeployment, HostRepositoryRef } from '../types.ts'
import { toWebUrl } from './map.ts'
import type { DeploymentJson, EnvironmentJson, PipelineJson } from './schema.ts'

/** GitLab's own mapping for Jira, and the states that came after it. What is not known yet is UNKNOWN. */
const STATES: ReadonlyMap<string, RunState> = new Map([
  ['created', 'PENDING'],
  ['pending', 'PENDING'],
  ['preparing', 'PENDING'],
  ['scheduled', 'PENDING'],
  ['waiting_for_resource', 'PENDING'],
  ['waiting_for_callback', 'PENDING'],
  // Of deployments: waits for an approval.
  ['blocked', 'PENDING'],
  ['running', 'IN_PROGRESS'],
  ['canceling', 'IN_PROGRESS'],
  ['success', 'SUCCESSFUL'],
  ['failed', 'FAILED'],
  ['canceled', 'CANCELLED'],
  ['skipped', 'CANCELLED'],
])

export function toRunState(status: string | null | undefined): RunState {
  return STATES.get(status ?? '') ?? 'UNKNOWN'
}

export function toBuild(pipeline: PipelineJson, repository: HostRepositoryRef): HostBuild {
  const state = toRunState(pipeline.status)
  return {
    id: String(pipeline.id),
    number: pipeline.iid ?? pipeline.id,
    state,
    ref: pipeline.ref,
    pullRequest: toPullRequestNumber(pipeline.ref),
    sha: sha(pipeline.sha),
    url: toWebUrl(pipeline.web_url, () => `${repository.webUrl}/-/pipelines/${pipeline.id}`),
    createdAt: pipeline.created_at ?? pipeline.updated_at,
    updatedAt: pipeline.updated_at,
    finishedAt: isUnderWay(state) ? null : pipeline.updated_at,
  }
}

export function toDeployment(
  deployment: DeploymentJson,
  { repository, environmentType }: { repository: HostRepositoryRef; environmentType: EnvironmentType },
): HostDeployment {
  const { deployable, environment } = deployment
  const state = toRunState(deployment.status)
  return {
    id: String(deployment.id),
    number: deployment.iid,
    state,
    ref: deployment.ref,
    pullRequest: toPullRequestNumber(deployment.ref),
    sha: sha(deployment.sha),
    url: toWebUrl(deployable?.web_url, () => `${repository.webUrl}/-/environments/${environment.id}`),
    createdAt: deployment.created_at ?? deployment.updated_at,
    updatedAt: deployment.updated_at,
    finishedAt: isUnderWay(state) ? null : (deployable?.finished_at ?? deployment.updated_at),
    environment: environment.name,
    environmentId: String(environment.id),
    environmentType,
  }
}

/** A pipeline that waits for a person ("manual") is UNKNOWN and may wait for ever: what it did by itself is finished. */
function isUnderWay(state: RunState): boolean {
  return state === 'PENDING' || state === 'IN_PROGRESS'
}

/** Of `refs/merge-requests/12/head`, `…/merge` and `…/train`. */
function toPullRequestNumber(ref: string): number | null {
  const number = /^refs\/merge-requests\/([1-9][0-9]{0,14})\//.exec(ref)?.[1]
  return number === undefined ? null : Number(number)
}

const TYPES: readonly EnvironmentType[] = ['production', 'staging', 'testing', 'development']

/** The tier; without one what GitLab guesses from the name, in its order. */
export function toEnvironmentType({ name, tier }: Pick<EnvironmentJson, 'name' | 'tier'>): EnvironmentType {
  if (tier) return TYPES.find((type) => type === tier) ?? 'unmapped'
  if (/dev|review|trunk/i.test(name)) return 'development'
  if (/test|tst|int|acc?e?pt|qa|qc|control|quality/i.test(name)) return 'testing'
  if (/sta?g|mode?l|pre|demo|non/i.test(name)) return 'staging'
  return /pro?d|live/i.test(name) ? 'production' : 'unmapped'
}
