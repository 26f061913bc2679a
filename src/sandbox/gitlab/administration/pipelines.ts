import { randomUUID } from 'node:crypto'
import { fireHooks } from '../hooks.ts'
import { hookTime } from '../merge-request-payloads.ts'
import type { Deployment, Environment, Job, Pipeline, Project, User } from '../model.ts'
import { projectPayload, userPayload } from '../payloads.ts'
import { branchRef } from '../repository.ts'
import { getUser, projectPath, type World } from '../state.ts'

export interface NewPipeline {
  readonly ref: string
  readonly sha?: string
  readonly status?: string
  readonly source?: string
  readonly name?: string
  readonly createdAt?: Date
  /** Status of each job; default: one of the pipeline's status. */
  readonly jobs?: readonly string[]
}

export interface NewDeployment {
  readonly environment: Environment
  readonly ref: string
  readonly sha?: string
  readonly status?: string
  readonly user?: User
  readonly createdAt?: Date
}

const FINISHED = ['success', 'failed', 'canceled', 'skipped']

const JOB_NAMES = ['unit tests', 'build']

/** Adds a pipeline and fires its hook; neither moves the project's activity stamp. */
export function addPipeline(world: World, project: Project, input: NewPipeline): Pipeline {
  const at = input.createdAt ?? world.clock.now()
  const status = input.status ?? 'success'
  const pipeline: Pipeline = {
    id: world.state.nextId('pipeline'),
    iid: world.state.nextId(`pipeline of ${project.id}`),
    sha: input.sha ?? headOf(project, input.ref),
    ref: input.ref,
    status,
    source: input.source ?? 'push',
    name: input.name ?? null,
    createdAt: at,
    updatedAt: at,
    startedAt: status === 'created' || status === 'pending' ? null : at,
    finishedAt: FINISHED.includes(status) ? at : null,
    jobs: (input.jobs ?? [status]).map((jobStatus, index) => ({
      id: world.state.nextId('job'),
      name: JOB_NAMES[index] ?? `unit tests ${index + 1}`,
      stage: index === 1 ? 'build' : 'test',
      status: jobStatus,
    })),
  }
  project.pipelines.push(pipeline)
  firePipeline(world, project, pipeline)
  return pipeline
}

/** Jobs that have not ended take the status as well. */
export function setPipelineStatus(world: World, project: Project, pipeline: Pipeline, status: string): void {
  pipeline.status = status
  pipeline.updatedAt = world.clock.now()
  if (FINISHED.includes(status)) pipeline.finishedAt = pipeline.updatedAt
  for (const job of pipeline.jobs) if (!FINISHED.includes(job.status)) job.status = status
  firePipeline(world, project, pipeline)
}

export function addEnvironment(
  world: World,
  project: Project,
  input: Pick<Environment, 'name' | 'tier'> & { readonly externalUrl?: string },
): Environment {
  const at = world.clock.now()
  const environment: Environment = {
    id: world.state.nextId('environment'),
    name: input.name,
    tier: input.tier,
    externalUrl: input.externalUrl ?? null,
    state: 'available',
    createdAt: at,
    updatedAt: at,
  }
  project.environments.push(environment)
  return environment
}

export function addDeployment(world: World, project: Project, input: NewDeployment): Deployment {
  const at = input.createdAt ?? world.clock.now()
  const deployment: Deployment = {
    id: world.state.nextId('deployment'),
    iid: world.state.nextId(`deployment of ${project.id}`),
    ref: input.ref,
    sha: input.sha ?? headOf(project, input.ref),
    status: input.status ?? 'success',
    environmentId: input.environment.id,
    userId: input.user?.id ?? project.creatorId,
    createdAt: at,
    updatedAt: at,
  }
  project.deployments.push(deployment)
  fireDeployment(world, project, deployment, input.environment)
  return deployment
}

function firePipeline(world: World, project: Project, pipeline: Pipeline): void {
  const body = {
    object_kind: 'pipeline',
    object_attributes: {
      id: pipeline.id,
      iid: pipeline.iid,
      name: pipeline.name,
      ref: pipeline.ref,
      tag: false,
      sha: pipeline.sha,
      before_sha: '0'.repeat(pipeline.sha.length),
      source: pipeline.source,
      status: pipeline.status,
      detailed_status: pipeline.status === 'success' ? 'passed' : pipeline.status,
      stages: ['build', 'test'],
      created_at: hookTime(pipeline.createdAt),
      finished_at: pipeline.finishedAt === null ? null : hookTime(pipeline.finishedAt),
      duration: null,
      queued_duration: null,
      variables: [{ key: 'DEPLOY_PASSWORD', value: 'sandbox-ci-variable' }],
      url: `${world.baseUrl()}/${projectPath(world.state, project)}/-/pipelines/${pipeline.id}`,
    },
    merge_request: mergeRequestOf(world, project, pipeline),
    user: userPayload(getUser(world.state, project.creatorId)),
    project: projectPayload(world, project),
    builds: pipeline.jobs.map((job) => jobPayload(pipeline, job)),
  }
  fireHooks(world, project, { trigger: 'pipeline_events', body, systemBody: null, branch: null, requestId: randomUUID() })
}

/** The request whose ref it ran for, or that has its commit as the head of its branch. */
function mergeRequestOf(world: World, project: Project, { ref, sha }: Pipeline) {
  const request = project.mergeRequests.find(
    ({ iid, sourceBranch, sha: head }) => ref.startsWith(`refs/merge-requests/${iid}/`) || (sourceBranch === ref && head === sha),
  )
  if (request === undefined) return null
  return {
    id: request.id,
    iid: request.iid,
    title: request.title,
    source_branch: request.sourceBranch,
    source_project_id: request.sourceProjectId,
    target_branch: request.targetBranch,
    target_project_id: request.projectId,
    state: request.state,
    merge_status: 'can_be_merged',
    detailed_merge_status: 'mergeable',
    url: `${world.baseUrl()}/${projectPath(world.state, project)}/-/merge_requests/${request.iid}`,
  }
}

function jobPayload({ createdAt, startedAt, finishedAt }: Pipeline, { id, stage, name, status }: Job) {
  const time = (at: Date | null) => (at === null ? null : hookTime(at))
  return {
    id,
    stage,
    name,
    status,
    created_at: hookTime(createdAt),
    started_at: time(startedAt),
    finished_at: time(finishedAt),
    when: 'on_success',
    manual: false,
    allow_failure: false,
    environment: null,
  }
}

/** Carries the short hash only, as GitLab's. */
function fireDeployment(world: World, project: Project, deployment: Deployment, environment: Environment): void {
  const webUrl = `${world.baseUrl()}/${projectPath(world.state, project)}`
  const body = {
    object_kind: 'deployment',
    status: deployment.status,
    status_changed_at: hookTime(deployment.updatedAt),
    deployment_id: deployment.id,
    deployable_id: null,
    deployable_url: null,
    environment: environment.name,
    environment_tier: environment.tier,
    environment_slug: environment.name,
    environment_external_url: environment.externalUrl,
    project: projectPayload(world, project),
    short_sha: deployment.sha.slice(0, 8),
    user: userPayload(getUser(world.state, deployment.userId)),
    user_url: null,
    commit_url: `${webUrl}/-/commit/${deployment.sha}`,
    commit_title: null,
    ref: deployment.ref,
  }
  fireHooks(world, project, { trigger: 'deployment_events', body, systemBody: null, branch: null, requestId: randomUUID() })
}

function headOf(project: Project, branch: string): string {
  const sha = project.refs.get(branchRef(branch))
  if (sha === undefined) throw new Error(`The sandbox repository ${project.path} has no branch ${branch}`)
  return sha
}
