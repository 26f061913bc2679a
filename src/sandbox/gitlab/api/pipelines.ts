import { message, notFound, ok, Refusal, type Answer } from '../answer.ts'
import type { Deployment, Environment, Job, Pipeline, Project } from '../model.ts'
import { findCommit, type GitCommit } from '../repository.ts'
import { getUser, projectPath, type World } from '../state.ts'
import { commitJson } from './commit-json.ts'
import { projectWith, viewer } from './lookup.ts'
import { paginate } from './pagination.ts'
import { choice, sorted, withinTimes } from './parameters.ts'
import { projectBasicJson } from './project-json.ts'
import { route, type ApiCall } from './router.ts'
import { userBasicJson } from './user-json.ts'

export const PIPELINE_ROUTES = [
  route('GET', '/projects/:id/pipelines', listPipelines, { anonymous: true }),
  route('GET', '/projects/:id/pipelines/:item', getPipeline, { anonymous: true }),
  route('GET', '/projects/:id/pipelines/:item/jobs', listJobs, { anonymous: true }),
  route('GET', '/projects/:id/deployments', listDeployments, { anonymous: true }),
  route('GET', '/projects/:id/deployments/:item', getDeployment, { anonymous: true }),
  route('GET', '/projects/:id/environments', listEnvironments, { anonymous: true }),
  route('GET', '/projects/:id/environments/:item', getEnvironment, { anonymous: true }),
]

export function pipelineJson(world: World, project: Project, pipeline: Pipeline) {
  return {
    id: pipeline.id,
    iid: pipeline.iid,
    project_id: project.id,
    sha: pipeline.sha,
    ref: pipeline.ref,
    status: pipeline.status,
    source: pipeline.source,
    name: pipeline.name,
    created_at: pipeline.createdAt.toISOString(),
    updated_at: pipeline.updatedAt.toISOString(),
    web_url: `${world.baseUrl()}/${projectPath(world.state, project)}/-/pipelines/${pipeline.id}`,
  }
}

function listPipelines(call: ApiCall): Promise<Answer> {
  const project = projectWith(call, 'builds')
  const order = choice(call, 'order_by', ['id', 'status', 'ref', 'updated_at', 'user_id'])
  const key = (pipeline: Pipeline) => {
    if (order === 'updated_at') return pipeline.updatedAt.getTime()
    return order === 'status' || order === 'ref' ? pipeline[order] : pipeline.id
  }
  const kept = project.pipelines.filter((pipeline) =>
    matches(call, { status: pipeline.status, ref: pipeline.ref, sha: pipeline.sha, source: pipeline.source }),
  )
  const updated = withinTimes(call, 'updated', kept, ({ updatedAt }) => updatedAt)
  const created = withinTimes(call, 'created', updated, ({ createdAt }) => createdAt)
  return paginate(call, 'Pipeline', sorted(created, key, choice(call, 'sort', ['desc', 'asc'])), (pipeline) =>
    pipelineJson(call.world, project, pipeline),
  )
}

function getPipeline(call: ApiCall): Answer {
  const project = projectWith(call, 'builds')
  const pipeline = item(call, project.pipelines)
  return ok({
    ...pipelineJson(call.world, project, pipeline),
    before_sha: null,
    tag: false,
    yaml_errors: null,
    user: userBasicJson(call.world, getUser(call.world.state, project.creatorId)),
    started_at: pipeline.startedAt?.toISOString() ?? null,
    finished_at: pipeline.finishedAt?.toISOString() ?? null,
    committed_at: null,
    duration:
      pipeline.startedAt !== null && pipeline.finishedAt !== null
        ? (pipeline.finishedAt.getTime() - pipeline.startedAt.getTime()) / 1000
        : null,
    queued_duration: null,
    coverage: null,
  })
}

/** Without tries that were repeated: the stand-in repeats none. */
async function listJobs(call: ApiCall): Promise<Answer> {
  const project = projectWith(call, 'builds')
  const pipeline = item(call, project.pipelines)
  const commit = await findCommit(call.world, project, pipeline.sha)
  const jobs = pipeline.jobs.toSorted((a, b) => b.id - a.id)
  return paginate(call, 'Job', jobs, (job) => jobJson(call.world, { project, pipeline, job, commit }))
}

interface JobFacts {
  readonly project: Project
  readonly pipeline: Pipeline
  readonly job: Job
  readonly commit: GitCommit | null
}

function jobJson(world: World, { project, pipeline, job, commit }: JobFacts) {
  const { id, iid, project_id, sha, ref, status, source, created_at, updated_at, web_url } = pipelineJson(
    world,
    project,
    pipeline,
  )
  return {
    id: job.id,
    status: job.status,
    stage: job.stage,
    name: job.name,
    ref: pipeline.ref,
    tag: false,
    coverage: null,
    allow_failure: false,
    created_at,
    started_at: pipeline.startedAt?.toISOString() ?? null,
    finished_at: pipeline.finishedAt?.toISOString() ?? null,
    erased_at: null,
    duration: null,
    queued_duration: null,
    user: userBasicJson(world, getUser(world.state, project.creatorId)),
    commit: commit === null ? null : commitJson(world, project, commit),
    pipeline: { id, iid, project_id, sha, ref, status, source, created_at, updated_at, web_url },
    web_url: `${world.baseUrl()}/${projectPath(world.state, project)}/-/jobs/${job.id}`,
    project: { ci_job_token_scope_enabled: false },
    artifacts: [],
    runner: null,
    runner_manager: null,
    artifacts_expire_at: null,
    archived: false,
    tag_list: [],
  }
}

function listDeployments(call: ApiCall): Promise<Answer> {
  const project = projectWith(call, 'environments')
  const order = choice(call, 'order_by', ['id', 'iid', 'created_at', 'updated_at', 'finished_at', 'ref'])
  // GitLab refuses the filter for any other order.
  if (order !== 'updated_at' && (call.query.has('updated_after') || call.query.has('updated_before')))
    throw new Refusal(message(400, '400 Bad request - `updated_at` filter requires `updated_at` sort'))
  const key = (deployment: Deployment) =>
    order === 'updated_at' || order === 'finished_at' ? deployment.updatedAt.getTime() : deployment.id
  const kept = project.deployments.filter((deployment) =>
    matches(call, { status: deployment.status, environment: environmentOf(project, deployment).name }),
  )
  const updated = withinTimes(call, 'updated', kept, ({ updatedAt }) => updatedAt)
  return paginate(call, 'Deployment', sorted(updated, key, choice(call, 'sort', ['asc', 'desc'])), (deployment) =>
    deploymentJson(call.world, project, deployment),
  )
}

function getDeployment(call: ApiCall): Answer {
  const project = projectWith(call, 'environments')
  return ok(deploymentJson(call.world, project, item(call, project.deployments)))
}

function listEnvironments(call: ApiCall): Promise<Answer> {
  const project = projectWith(call, 'environments')
  const states = call.query.get('states')
  const kept = project.environments.filter(({ state, name }) => (states === null || state === states) && matches(call, { name }))
  return paginate(call, 'Environment', kept, (environment) => environmentJson(environment))
}

function getEnvironment(call: ApiCall): Answer {
  const project = projectWith(call, 'environments')
  const environment = item(call, project.environments)
  const last = project.deployments.findLast(({ environmentId }) => environmentId === environment.id)
  return ok({
    ...environmentJson(environment),
    project: projectBasicJson(call.world, project, viewer(call)),
    last_deployment: last === undefined ? null : deploymentJson(call.world, project, last),
  })
}

function deploymentJson(world: World, project: Project, deployment: Deployment) {
  const { id, name, slug, external_url, created_at, updated_at } = environmentJson(environmentOf(project, deployment))
  return {
    id: deployment.id,
    iid: deployment.iid,
    ref: deployment.ref,
    sha: deployment.sha,
    created_at: deployment.createdAt.toISOString(),
    updated_at: deployment.updatedAt.toISOString(),
    user: userBasicJson(world, getUser(world.state, deployment.userId)),
    environment: { id, name, slug, external_url, created_at, updated_at },
    deployable: null,
    status: deployment.status,
  }
}

function environmentJson(environment: Environment) {
  return {
    id: environment.id,
    name: environment.name,
    slug: environment.name.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-'),
    external_url: environment.externalUrl,
    created_at: environment.createdAt.toISOString(),
    updated_at: environment.updatedAt.toISOString(),
    tier: environment.tier,
    state: environment.state,
  }
}

function environmentOf(project: Project, { environmentId }: Deployment): Environment {
  const environment = project.environments.find(({ id }) => id === environmentId)
  if (environment === undefined) throw notFound('Environment')
  return environment
}

/** True when every filter that is given equals the value. */
function matches(call: ApiCall, values: Readonly<Record<string, string>>): boolean {
  return Object.entries(values).every(([name, value]) => !call.query.has(name) || call.query.get(name) === value)
}

function item<T extends { readonly id: number }>(call: ApiCall, items: readonly T[]): T {
  const found = items.find(({ id }) => id === Number(call.params['item']))
  if (found === undefined) throw new Refusal(message(404, '404 Not found'))
  return found
}
