import { randomUUID } from 'node:crypto'
import { fireHooks } from './hooks.ts'
import { hookTime, mergeRequestPayload, STATE_IDS, type Changes, type MergeRequestEvent } from './merge-request-payloads.ts'
import type { MergeRequest, MergeRequestState, Project, User } from './model.ts'
import type { RefChange } from './payloads.ts'
import { branchRef, git, isAncestor, mergeRequestRef, nullSha } from './repository.ts'
import { getProject, type World } from './state.ts'

/**
 * Brings merge requests in line with a push: a moved source branch moves the head, a removed one closes, and a head that
 * the target branch now contains was merged by hand. Each fires its hook.
 */
export async function refreshMergeRequests(
  world: World,
  project: Project,
  user: User,
  changes: readonly RefChange[],
): Promise<void> {
  const zero = nullSha(project)
  for (const change of changes) {
    if (!change.ref.startsWith('refs/heads/')) continue
    for (const request of openRequests(world)) {
      if (isTarget(request, project, change) && change.after !== zero) await noticeMerge(world, request, user, change)
      if (request.state !== 'opened' || !isSource(request, project, change)) continue
      if (change.after === zero) await closeRequest(world, request, user)
      else if (change.after !== request.sha) await moveHead(world, request, user, change)
    }
  }
}

/** Writes the ref under which GitLab keeps a merge request's head, fetching it from the fork when there is one. */
export async function keepHead(world: World, request: MergeRequest): Promise<void> {
  const target = getProject(world.state, request.projectId)
  const source = request.sourceProjectId === null ? undefined : world.state.projects.get(request.sourceProjectId)
  const ref = mergeRequestRef(request.iid)
  if (source === undefined || source.id === target.id) await git(world, target, ['update-ref', ref, request.sha])
  else await git(world, target, ['fetch', '--quiet', '--no-tags', source.folder, `+${branchRef(request.sourceBranch)}:${ref}`])
}

export async function closeRequest(world: World, request: MergeRequest, user: User): Promise<void> {
  const change = changeState(world, request, 'closed')
  request.closedAt = world.clock.now()
  request.closedById = user.id
  await fireMergeRequest(world, { request, user, action: 'close', changes: change })
}

/** Sets the state and the update time; returns what a hook reports about it. */
export function changeState(world: World, request: MergeRequest, state: MergeRequestState): Changes {
  const previous = STATE_IDS[request.state]
  request.state = state
  return { state_id: { previous, current: STATE_IDS[state] }, ...touch(world, request) }
}

export function touch(world: World, request: MergeRequest): Changes {
  const previous = hookTime(request.updatedAt)
  request.updatedAt = world.clock.now()
  return { updated_at: { previous, current: hookTime(request.updatedAt) } }
}

export async function fireMergeRequest(world: World, event: MergeRequestEvent): Promise<void> {
  const project = getProject(world.state, event.request.projectId)
  const body = await mergeRequestPayload(world, event)
  fireHooks(world, project, { trigger: 'merge_requests_events', body, systemBody: body, branch: null, requestId: randomUUID() })
}

function openRequests(world: World): MergeRequest[] {
  return [...world.state.projects.values()].flatMap(({ mergeRequests }) =>
    mergeRequests.filter(({ state }) => state === 'opened'),
  )
}

function isSource(request: MergeRequest, project: Project, { ref }: RefChange): boolean {
  return request.sourceProjectId === project.id && branchRef(request.sourceBranch) === ref
}

function isTarget(request: MergeRequest, project: Project, { ref }: RefChange): boolean {
  return request.projectId === project.id && branchRef(request.targetBranch) === ref
}

async function moveHead(world: World, request: MergeRequest, user: User, { after }: RefChange): Promise<void> {
  const oldrev = request.sha
  request.sha = after
  await keepHead(world, request)
  await fireMergeRequest(world, { request, user, action: 'update', changes: touch(world, request), oldrev })
}

async function noticeMerge(world: World, request: MergeRequest, user: User, { before, after }: RefChange): Promise<void> {
  const project = getProject(world.state, request.projectId)
  const isNew = before === nullSha(project) || !(await isAncestor(world, project, request.sha, before))
  if (!isNew || !(await isAncestor(world, project, request.sha, after))) return
  const changes = changeState(world, request, 'merged')
  request.mergeCommitSha = after
  request.mergedAt = world.clock.now()
  request.mergedById = user.id
  await fireMergeRequest(world, { request, user, action: 'merge', changes })
}
