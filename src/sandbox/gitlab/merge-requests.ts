import { randomUUID } from 'node:crypto'
import { fireHooks } from './hooks.ts'
import { mergeCommit } from './merge-commit.ts'
import { isDraft, withDraft } from './merge-request-title.ts'
import { hookTime, notePayload, type Changes } from './merge-request-payloads.ts'
import { changeState, closeRequest, fireMergeRequest, keepHead, touch } from './merge-request-refresh.ts'
import type { MergeRequest, Note, Project, ReviewState, User } from './model.ts'
import { userPayload } from './payloads.ts'
import { afterPush, stampActivity } from './push.ts'
import { branchRef, git, mergeRequestRef, tryGit } from './repository.ts'
import { getProject, getUser, type World } from './state.ts'

export interface NewMergeRequest {
  readonly author: User
  readonly title: string
  readonly description?: string
  readonly sourceBranch: string
  /** Default: the default branch. */
  readonly targetBranch?: string
  /** A fork; default: the project itself. */
  readonly sourceProject?: Project
  readonly draft?: boolean
  readonly reviewers?: readonly User[]
  readonly assignees?: readonly User[]
  readonly labels?: readonly string[]
}

export interface MergeRequestUpdate {
  readonly title?: string
  readonly description?: string
  readonly draft?: boolean
  readonly targetBranch?: string
  readonly reviewers?: readonly User[]
  readonly labels?: readonly string[]
}

export interface MergeOptions {
  readonly by: User
  readonly method?: 'merge' | 'squash' | 'fast-forward'
  /** Default: true, when the source is the same project. */
  readonly removeSourceBranch?: boolean
}

/** Opens a merge request from an existing branch and fires `open`. */
export async function openMergeRequest(world: World, project: Project, input: NewMergeRequest): Promise<MergeRequest> {
  const source = input.sourceProject ?? project
  const sha = source.refs.get(branchRef(input.sourceBranch))
  const targetBranch = input.targetBranch ?? project.defaultBranch
  if (sha === undefined) throw new Error(`The sandbox repository ${source.path} has no branch ${input.sourceBranch}`)
  const now = world.clock.now()
  const request: MergeRequest = {
    ...emptyRequest(world, project, now),
    sourceProjectId: source.id,
    sourceBranch: input.sourceBranch,
    targetBranch,
    title: withDraft(input.title, input.draft ?? isDraft(input.title)),
    description: input.description ?? '',
    authorId: input.author.id,
    assigneeIds: (input.assignees ?? []).map(({ id }) => id),
    reviewers: (input.reviewers ?? []).map(({ id }) => ({ userId: id, state: 'unreviewed', createdAt: now })),
    labels: [...(input.labels ?? [])],
    sha,
    baseSha: sha,
  }
  await keepHead(world, request)
  request.baseSha = (await tryGit(world, project, ['merge-base', branchRef(targetBranch), mergeRequestRef(request.iid)])) ?? sha
  project.mergeRequests.push(request)
  stampActivity(world, project)
  await fireMergeRequest(world, { request, user: input.author, action: 'open', changes: {} })
  return request
}

export async function updateMergeRequest(
  world: World,
  request: MergeRequest,
  user: User,
  update: MergeRequestUpdate,
): Promise<void> {
  const title = withDraft(update.title ?? request.title, update.draft ?? isDraft(update.title ?? request.title))
  const changes: Changes = {}
  const now = world.clock.now()
  if (title !== request.title) {
    changes['title'] = { previous: request.title, current: title }
    if (isDraft(title) !== isDraft(request.title))
      changes['draft'] = { previous: isDraft(request.title), current: isDraft(title) }
    request.title = title
  }
  if (update.description !== undefined && update.description !== request.description) {
    changes['description'] = { previous: request.description, current: update.description }
    changes['last_edited_at'] = {
      previous: request.lastEditedAt === null ? null : hookTime(request.lastEditedAt),
      current: hookTime(now),
    }
    request.description = update.description
    request.lastEditedAt = now
  }
  if (update.targetBranch !== undefined && update.targetBranch !== request.targetBranch) {
    changes['target_branch'] = { previous: request.targetBranch, current: update.targetBranch }
    request.targetBranch = update.targetBranch
  }
  if (update.labels !== undefined) request.labels = [...update.labels]
  if (update.reviewers !== undefined) Object.assign(changes, changeReviewers(world, request, update.reviewers))
  await fireMergeRequest(world, { request, user, action: 'update', changes: { ...changes, ...touch(world, request) } })
}

/** Merges for real: the target branch moves, its push hook and `merge` fire. Throws when the branches conflict. */
export async function mergeMergeRequest(
  world: World,
  request: MergeRequest,
  { by, method = 'merge', removeSourceBranch = true }: MergeOptions,
): Promise<void> {
  const project = getProject(world.state, request.projectId)
  const merged = await mergeCommit(world, request, by, method)
  await git(world, project, ['update-ref', branchRef(request.targetBranch), merged.tip])
  const changes = changeState(world, request, 'merged')
  request.mergeCommitSha = method === 'merge' ? merged.tip : null
  request.squashCommitSha = method === 'squash' ? merged.tip : null
  request.mergedAt = world.clock.now()
  request.mergedById = by.id
  await afterPush(world, project, by)
  await fireMergeRequest(world, { request, user: by, action: 'merge', changes })
  if (!removeSourceBranch || request.sourceProjectId !== project.id) return
  await git(world, project, ['update-ref', '-d', branchRef(request.sourceBranch)])
  await afterPush(world, project, by)
}

export async function closeMergeRequest(world: World, request: MergeRequest, by: User): Promise<void> {
  await closeRequest(world, request, by)
}

export async function reopenMergeRequest(world: World, request: MergeRequest, by: User): Promise<void> {
  request.closedAt = null
  request.closedById = null
  await fireMergeRequest(world, { request, user: by, action: 'reopen', changes: changeState(world, request, 'opened') })
}

/** Approving leaves a system note, which moves `updated_at`; it fires `approval`, and `approved` with the first one. */
export async function approve(world: World, request: MergeRequest, by: User): Promise<void> {
  if (request.approvals.some(({ userId }) => userId === by.id)) return
  request.approvals.push({ userId: by.id, at: world.clock.now() })
  setReviewState(world, request, by, 'approved')
  pushNote(world, request, { authorId: by.id, body: 'approved this merge request', system: true })
  const action = request.approvals.length === 1 ? 'approved' : 'approval'
  await fireMergeRequest(world, { request, user: by, action, changes: touch(world, request) })
}

export async function unapprove(world: World, request: MergeRequest, by: User): Promise<void> {
  request.approvals = request.approvals.filter(({ userId }) => userId !== by.id)
  setReviewState(world, request, by, 'unapproved')
  pushNote(world, request, { authorId: by.id, body: 'unapproved this merge request', system: true })
  const action = request.approvals.length === 0 ? 'unapproved' : 'unapproval'
  await fireMergeRequest(world, { request, user: by, action, changes: touch(world, request) })
}

/** Sets a reviewer's state, adding the reviewer when needed. */
export function setReviewState(world: World, request: MergeRequest, user: User, state: ReviewState): void {
  const reviewer = request.reviewers.find(({ userId }) => userId === user.id)
  if (reviewer === undefined) request.reviewers.push({ userId: user.id, state, createdAt: world.clock.now() })
  else reviewer.state = state
}

export async function addNote(world: World, request: MergeRequest, author: User, body: string): Promise<Note> {
  const note = pushNote(world, request, { authorId: author.id, body, system: false })
  touch(world, request)
  const project = getProject(world.state, request.projectId)
  stampActivity(world, project)
  const payload = await notePayload(world, request, note, 'create')
  fireHooks(world, project, { trigger: 'note_events', body: payload, systemBody: null, branch: null, requestId: randomUUID() })
  return note
}

/** A merge request without content: number, times, nothing else. */
export function emptyRequest(world: World, project: Project, createdAt: Date): MergeRequest {
  return {
    id: world.state.nextId('mergeRequest'),
    iid: world.state.nextId(`merge request of ${project.id}`),
    projectId: project.id,
    sourceProjectId: project.id,
    sourceBranch: '',
    targetBranch: project.defaultBranch,
    title: '',
    description: '',
    state: 'opened',
    authorId: project.creatorId,
    assigneeIds: [],
    reviewers: [],
    approvals: [],
    labels: [],
    sha: '',
    baseSha: '',
    mergeCommitSha: null,
    squashCommitSha: null,
    createdAt,
    updatedAt: createdAt,
    lastEditedAt: null,
    mergedAt: null,
    mergedById: null,
    closedAt: null,
    closedById: null,
    notes: [],
  }
}

function pushNote(world: World, request: MergeRequest, content: Pick<Note, 'authorId' | 'body' | 'system'>): Note {
  const now = world.clock.now()
  const note: Note = { id: world.state.nextId('note'), ...content, createdAt: now, updatedAt: now }
  request.notes.push(note)
  return note
}

function changeReviewers(world: World, request: MergeRequest, users: readonly User[]): Changes {
  const payload = () => request.reviewers.map(({ userId }) => userPayload(getUser(world.state, userId)))
  const previous = payload()
  const kept = request.reviewers.filter(({ userId }) => users.some(({ id }) => id === userId))
  const added = users.filter(({ id }) => !kept.some(({ userId }) => userId === id))
  request.reviewers = [
    ...kept,
    ...added.map(({ id }) => ({ userId: id, state: 'unreviewed' as const, createdAt: world.clock.now() })),
  ]
  return { reviewers: { previous, current: payload() } }
}
