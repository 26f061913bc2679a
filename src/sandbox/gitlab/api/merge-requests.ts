import { canUse } from '../access.ts'
import { badParameter, notFound, ok, type Answer } from '../answer.ts'
import type { MergeRequest } from '../model.ts'
import { addNote } from '../merge-requests.ts'
import { findCommit, mergeRequestRef, readCommits } from '../repository.ts'
import { getProject, getUser, isWithin } from '../state.ts'
import { commitJson } from './commit-json.ts'
import { groupOf, mergeRequestOf, projectWith, signedIn, viewer } from './lookup.ts'
import { mergeRequestBasicJson, mergeRequestJson, noteJson, simpleMergeRequestJson } from './merge-request-json.ts'
import { offsetHeaders, pageRequest, paginate } from './pagination.ts'
import { choice, flag, integer, list, sorted, withinTimes } from './parameters.ts'
import { pipelineJson } from './pipelines.ts'
import { route, type ApiCall } from './router.ts'
import { userBasicJson } from './user-json.ts'
import { isDraft } from '../merge-request-title.ts'

const ONE = '/projects/:id/merge_requests/:iid'

export const MERGE_REQUEST_ROUTES = [
  route(
    'GET',
    '/projects/:id/merge_requests',
    (call) => answerList(call, projectWith(call, 'mergeRequests').mergeRequests, 'all'),
    { anonymous: true },
  ),
  route('GET', '/groups/:id/merge_requests', listOfGroup),
  route('GET', '/merge_requests', (call) => answerList(call, visibleRequests(call), 'created_by_me')),
  route('GET', ONE, getMergeRequest, { anonymous: true }),
  route('GET', `${ONE}/approvals`, getApprovals),
  route('GET', `${ONE}/reviewers`, listReviewers, { anonymous: true }),
  route('GET', `${ONE}/commits`, listCommits, { anonymous: true }),
  route('GET', `${ONE}/notes`, listNotes, { anonymous: true }),
  route('POST', `${ONE}/notes`, createNote),
  route('GET', '/projects/:id/repository/commits/:sha/merge_requests', listOfCommit, { anonymous: true }),
]

function listOfGroup(call: ApiCall): Promise<Answer> {
  const group = groupOf(call)
  const within = visibleRequests(call).filter(({ projectId }) =>
    isWithin(call.world.state, getProject(call.world.state, projectId).namespaceId, group.id),
  )
  return answerList(call, within, 'all')
}

function visibleRequests(call: ApiCall): MergeRequest[] {
  const visible = [...call.world.state.projects.values()].filter((project) =>
    canUse(call.world.state, viewer(call), project, 'mergeRequests'),
  )
  return visible.flatMap(({ mergeRequests }) => mergeRequests)
}

function answerList(call: ApiCall, requests: readonly MergeRequest[], defaultScope: 'all' | 'created_by_me'): Promise<Answer> {
  const order = choice(call, 'order_by', ['created_at', 'updated_at', 'title', 'merged_at'])
  const key = (request: MergeRequest) => {
    if (order === 'title') return request.title
    if (order === 'merged_at') return request.mergedAt?.getTime() ?? 0
    return (order === 'created_at' ? request.createdAt : request.updatedAt).getTime()
  }
  const found = sorted(filtered(call, requests, defaultScope), key, choice(call, 'sort', ['desc', 'asc']))
  const simple = call.query.get('view') === 'simple'
  const toJson = (request: MergeRequest) =>
    simple ? simpleMergeRequestJson(call.world, request) : mergeRequestBasicJson(call.world, request)
  return paginate(call, 'MergeRequest', found, toJson)
}

function filtered(call: ApiCall, requests: readonly MergeRequest[], defaultScope: 'all' | 'created_by_me'): MergeRequest[] {
  const state = choice(call, 'state', ['all', 'opened', 'closed', 'locked', 'merged'])
  const scope = call.query.has('scope')
    ? choice(call, 'scope', ['created_by_me', 'created-by-me', 'assigned_to_me', 'assigned-to-me', 'all'])
    : defaultScope
  const user = viewer(call)
  const iids = list(call, 'iids')
  const source = call.query.get('source_branch')
  const target = call.query.get('target_branch')
  const sourceProject = integer(call, 'source_project_id')
  const author = integer(call, 'author_id')
  const draft = flag(call, 'draft')
  const search = call.query.get('search')?.toLowerCase() ?? ''
  const kept = requests.filter(
    (request) =>
      (state === 'all' || request.state === state) &&
      (scope === 'all' ||
        (scope.startsWith('created') ? request.authorId === user?.id : request.assigneeIds.includes(user?.id ?? 0))) &&
      (iids === null || iids.includes(String(request.iid))) &&
      (source === null || request.sourceBranch === source) &&
      (target === null || request.targetBranch === target) &&
      (sourceProject === null || request.sourceProjectId === sourceProject) &&
      (author === null || request.authorId === author) &&
      (draft === null || isDraft(request.title) === draft) &&
      `${request.title}\n${request.description}`.toLowerCase().includes(search),
  )
  const updated = withinTimes(call, 'updated', kept, ({ updatedAt }) => updatedAt)
  return withinTimes(call, 'created', updated, ({ createdAt }) => createdAt)
}

function getMergeRequest(call: ApiCall): Answer {
  const { project, request } = mergeRequestOf(call)
  const pipeline = project.pipelines.findLast(({ sha }) => sha === request.sha)
  return ok(mergeRequestJson(call.world, request, pipeline === undefined ? null : pipelineJson(call.world, project, pipeline)))
}

/** The free tier knows no required approvals: approved means that somebody approved. */
function getApprovals(call: ApiCall): Answer {
  const { request } = mergeRequestOf(call)
  const approvedBy = request.approvals.map(({ userId, at }) => ({
    user: userBasicJson(call.world, getUser(call.world.state, userId)),
    approved_at: at.toISOString(),
  }))
  return ok({
    user_has_approved: request.approvals.some(({ userId }) => userId === viewer(call)?.id),
    user_can_approve: false,
    approved: approvedBy.length > 0,
    approved_by: approvedBy,
  })
}

function listReviewers(call: ApiCall): Answer {
  const { request } = mergeRequestOf(call)
  const toJson = ({ userId, state, createdAt }: MergeRequest['reviewers'][number]) => ({
    user: userBasicJson(call.world, getUser(call.world.state, userId)),
    state,
    created_at: createdAt.toISOString(),
  })
  return ok(request.reviewers.map(toJson))
}

async function listCommits(call: ApiCall): Promise<Answer> {
  const { project, request } = mergeRequestOf(call)
  const page = pageRequest(call, 'Commit')
  const range = [`^${request.baseSha}`, mergeRequestRef(request.iid)]
  const commits = await readCommits(call.world, project, [`--skip=${page.offset}`, `--max-count=${page.perPage + 1}`, ...range])
  const headers = offsetHeaders(call, page, { hasNext: commits.length > page.perPage, total: null })
  return ok(
    commits.slice(0, page.perPage).map((commit) => commitJson(call.world, project, commit)),
    headers,
  )
}

function listNotes(call: ApiCall): Promise<Answer> {
  const { project, request } = mergeRequestOf(call)
  const order = choice(call, 'order_by', ['created_at', 'updated_at'])
  const key = ({ createdAt, updatedAt }: (typeof request.notes)[number]) =>
    (order === 'created_at' ? createdAt : updatedAt).getTime()
  return paginate(call, 'Note', sorted(request.notes, key, choice(call, 'sort', ['desc', 'asc'])), (note) =>
    noteJson(call.world, project, request, note),
  )
}

async function createNote(call: ApiCall): Promise<Answer> {
  const { project, request } = mergeRequestOf(call)
  const { user } = signedIn(call)
  const body = call.body['body']
  if (typeof body !== 'string' || body === '') throw badParameter('body is missing')
  const note = await addNote(call.world, request, user, body)
  return { status: 201, json: noteJson(call.world, project, request, note) }
}

/** Those that hold the commit, and those that left it behind, whatever their state. */
async function listOfCommit(call: ApiCall): Promise<Answer> {
  const project = projectWith(call, 'mergeRequests')
  const commit = await findCommit(call.world, project, call.params['sha'] ?? '')
  if (commit === null) throw notFound('Commit')
  const state = choice(call, 'state', ['all', 'opened', 'closed', 'merged', 'locked'])
  const holding: MergeRequest[] = []
  for (const request of project.mergeRequests) {
    const commits = await readCommits(call.world, project, [`^${request.baseSha}`, mergeRequestRef(request.iid)])
    const left = [request.mergeCommitSha, request.squashCommitSha]
    if (left.includes(commit.sha) || commits.some(({ sha }) => sha === commit.sha)) holding.push(request)
  }
  const found = holding.filter((request) => state === 'all' || request.state === state)
  return paginate(call, 'MergeRequest', found, (request) => mergeRequestBasicJson(call.world, request))
}
