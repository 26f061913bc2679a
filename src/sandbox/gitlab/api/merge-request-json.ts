import { isDraft } from '../merge-request-title.ts'
import { getProject, getUser, projectPath, type World } from '../state.ts'
import type { MergeRequest, Note, Project } from '../model.ts'
import { userBasicJson } from './user-json.ts'

export function mergeRequestUrl(world: World, request: MergeRequest): string {
  return `${world.baseUrl()}/${projectPath(world.state, getProject(world.state, request.projectId))}/-/merge_requests/${request.iid}`
}

/** What lists carry. */
export function mergeRequestBasicJson(world: World, request: MergeRequest) {
  const project = getProject(world.state, request.projectId)
  const draft = isDraft(request.title)
  const open = request.state === 'opened'
  return {
    id: request.id,
    iid: request.iid,
    project_id: request.projectId,
    title: request.title,
    description: request.description,
    state: request.state,
    created_at: request.createdAt.toISOString(),
    updated_at: request.updatedAt.toISOString(),
    ...peopleJson(world, request),
    merged_at: iso(request.mergedAt),
    closed_at: iso(request.closedAt),
    target_branch: request.targetBranch,
    source_branch: request.sourceBranch,
    user_notes_count: request.notes.filter(({ system }) => !system).length,
    upvotes: 0,
    downvotes: 0,
    source_project_id: request.sourceProjectId,
    target_project_id: request.projectId,
    labels: request.labels,
    draft,
    imported: false,
    imported_from: 'none',
    work_in_progress: draft,
    milestone: null,
    merge_when_pipeline_succeeds: false,
    merge_status: open ? 'can_be_merged' : 'unchecked',
    detailed_merge_status: detailedStatus(open, draft),
    merge_after: null,
    sha: request.sha,
    merge_commit_sha: request.mergeCommitSha,
    squash_commit_sha: request.squashCommitSha,
    discussion_locked: null,
    should_remove_source_branch: null,
    force_remove_source_branch: true,
    prepared_at: request.createdAt.toISOString(),
    reference: `!${request.iid}`,
    references: {
      short: `!${request.iid}`,
      relative: `!${request.iid}`,
      full: `${projectPath(world.state, project)}!${request.iid}`,
    },
    web_url: mergeRequestUrl(world, request),
    time_stats: { time_estimate: 0, total_time_spent: 0, human_time_estimate: null, human_total_time_spent: null },
    squash: false,
    squash_on_merge: false,
    task_completion_status: { count: 0, completed_count: 0 },
    has_conflicts: false,
    blocking_discussions_resolved: true,
    approvals_before_merge: null,
  }
}

function peopleJson(world: World, request: MergeRequest) {
  const user = (id: number | null) => (id === null ? null : userBasicJson(world, getUser(world.state, id)))
  return {
    author: user(request.authorId),
    assignees: request.assigneeIds.map(user),
    assignee: user(request.assigneeIds[0] ?? null),
    reviewers: request.reviewers.map(({ userId }) => user(userId)),
    merged_by: user(request.mergedById),
    merge_user: user(request.mergedById),
    closed_by: user(request.closedById),
  }
}

/** One merge request: with what lists leave out. */
export function mergeRequestJson(world: World, request: MergeRequest, headPipeline: unknown) {
  return {
    ...mergeRequestBasicJson(world, request),
    subscribed: false,
    changes_count: '1',
    latest_build_started_at: null,
    latest_build_finished_at: null,
    first_deployed_to_production_at: null,
    pipeline: headPipeline,
    head_pipeline: headPipeline,
    diff_refs: { base_sha: request.baseSha, head_sha: request.sha, start_sha: request.baseSha },
    merge_error: null,
    first_contribution: false,
    user: { can_merge: false },
  }
}

export function simpleMergeRequestJson(world: World, request: MergeRequest) {
  const { id, iid, project_id, title, description, state, created_at, updated_at, web_url } = mergeRequestBasicJson(
    world,
    request,
  )
  return { id, iid, project_id, title, description, state, created_at, updated_at, web_url }
}

export function noteJson(world: World, project: Project, request: MergeRequest, note: Note) {
  return {
    id: note.id,
    type: null,
    body: note.body,
    author: userBasicJson(world, getUser(world.state, note.authorId)),
    created_at: note.createdAt.toISOString(),
    updated_at: note.updatedAt.toISOString(),
    system: note.system,
    noteable_id: request.id,
    noteable_type: 'MergeRequest',
    project_id: project.id,
    resolvable: false,
    confidential: false,
    internal: false,
    imported: false,
    imported_from: 'none',
    noteable_iid: request.iid,
    commands_changes: {},
  }
}

function detailedStatus(open: boolean, draft: boolean): string {
  if (!open) return 'not_open'
  return draft ? 'draft_status' : 'mergeable'
}

function iso(date: Date | null): string | null {
  return date === null ? null : date.toISOString()
}
