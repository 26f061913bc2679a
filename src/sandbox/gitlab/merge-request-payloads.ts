import { mergeRequestUrl } from './api/merge-request-json.ts'
import { isDraft } from './merge-request-title.ts'
import type { MergeRequest, MergeRequestState, Note, User } from './model.ts'
import { commitPayload, projectPayload, repositoryPayload, userPayload } from './payloads.ts'
import { findCommit } from './repository.ts'
import { getProject, getUser, type World } from './state.ts'

export type MergeRequestAction =
  | 'open'
  | 'close'
  | 'reopen'
  | 'update'
  | 'approved'
  | 'unapproved'
  | 'approval'
  | 'unapproval'
  | 'merge'

/** Field to its two values, as GitLab reports what an update changed. */
export type Changes = Record<string, { readonly previous: unknown; readonly current: unknown }>

export interface MergeRequestEvent {
  readonly request: MergeRequest
  readonly user: User
  readonly action: MergeRequestAction
  readonly changes: Changes
  /** Former head; only when code was pushed. */
  readonly oldrev?: string
}

export const STATE_IDS: Readonly<Record<MergeRequestState, number>> = { opened: 1, closed: 2, merged: 3, locked: 4 }

export async function mergeRequestPayload(world: World, event: MergeRequestEvent) {
  const { request, user, action } = event
  const project = getProject(world.state, request.projectId)
  const reviewers = request.reviewers.map(({ userId }) => userPayload(getUser(world.state, userId)))
  const assignees = request.assigneeIds.map((id) => userPayload(getUser(world.state, id)))
  return {
    object_kind: 'merge_request',
    event_type: 'merge_request',
    user: userPayload(user),
    project: projectPayload(world, project),
    object_attributes: {
      ...(await attributes(world, request)),
      action,
      ...(event.oldrev === undefined ? {} : { oldrev: event.oldrev }),
    },
    labels: request.labels.map((name) => labelPayload(name, request)),
    changes: event.changes,
    repository: repositoryPayload(world, project),
    ...(assignees.length === 0 ? {} : { assignees }),
    ...(reviewers.length === 0 ? {} : { reviewers }),
  }
}

export async function notePayload(world: World, request: MergeRequest, note: Note, action: 'create' | 'update') {
  const project = getProject(world.state, request.projectId)
  return {
    object_kind: 'note',
    event_type: 'note',
    user: userPayload(getUser(world.state, note.authorId)),
    project_id: project.id,
    project: projectPayload(world, project),
    object_attributes: {
      id: note.id,
      note: note.body,
      noteable_type: 'MergeRequest',
      author_id: note.authorId,
      created_at: hookTime(note.createdAt),
      updated_at: hookTime(note.updatedAt),
      project_id: project.id,
      attachment: null,
      line_code: null,
      commit_id: '',
      noteable_id: request.id,
      system: note.system,
      st_diff: null,
      type: null,
      description: note.body,
      action,
      url: `${mergeRequestUrl(world, request)}#note_${note.id}`,
    },
    repository: repositoryPayload(world, project),
    merge_request: await attributes(world, request),
  }
}

/** Hooks write times as `2026-11-22 10:00:00 UTC`. */
export function hookTime(date: Date): string {
  return `${date.toISOString().slice(0, 19).replace('T', ' ')} UTC`
}

async function attributes(world: World, request: MergeRequest) {
  const project = getProject(world.state, request.projectId)
  const source = request.sourceProjectId === null ? undefined : world.state.projects.get(request.sourceProjectId)
  const head = await findCommit(world, project, request.sha)
  const draft = isDraft(request.title)
  return {
    assignee_id: request.assigneeIds[0] ?? null,
    author_id: request.authorId,
    created_at: hookTime(request.createdAt),
    description: request.description,
    draft,
    head_pipeline_id: null,
    id: request.id,
    iid: request.iid,
    last_edited_at: request.lastEditedAt === null ? null : hookTime(request.lastEditedAt),
    last_edited_by_id: null,
    merge_commit_sha: request.mergeCommitSha,
    merge_error: null,
    merge_params: { force_remove_source_branch: '1' },
    merge_status: request.state === 'opened' ? 'can_be_merged' : 'unchecked',
    merge_user_id: request.mergedById,
    merge_when_pipeline_succeeds: false,
    milestone_id: null,
    source_branch: request.sourceBranch,
    source_project_id: request.sourceProjectId,
    state_id: STATE_IDS[request.state],
    target_branch: request.targetBranch,
    target_project_id: request.projectId,
    time_estimate: 0,
    title: request.title,
    updated_at: hookTime(request.updatedAt),
    updated_by_id: null,
    prepared_at: hookTime(request.createdAt),
    url: mergeRequestUrl(world, request),
    source: source === undefined ? null : projectPayload(world, source),
    target: projectPayload(world, project),
    last_commit: head === null ? null : commitPayload(world, source ?? project, head),
    work_in_progress: draft,
    total_time_spent: 0,
    time_change: 0,
    human_total_time_spent: null,
    human_time_change: null,
    human_time_estimate: null,
    assignee_ids: request.assigneeIds,
    reviewer_ids: request.reviewers.map(({ userId }) => userId),
    labels: request.labels.map((name) => labelPayload(name, request)),
    state: request.state,
    blocking_discussions_resolved: true,
    first_contribution: false,
    detailed_merge_status: request.state === 'opened' ? 'mergeable' : 'not_open',
  }
}

function labelPayload(name: string, request: MergeRequest) {
  const at = hookTime(request.createdAt)
  const id = Buffer.from(name).reduce((sum, byte) => (sum * 31 + byte) % 100_000, 7)
  return {
    id,
    title: name,
    color: '#428bca',
    project_id: request.projectId,
    created_at: at,
    updated_at: at,
    template: false,
    description: null,
    type: 'ProjectLabel',
    group_id: null,
  }
}
