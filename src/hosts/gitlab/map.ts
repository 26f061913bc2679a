import { hostId, sha, type Sha } from '../../domain/ids.ts'
import type { Person, PullRequestStatus, Reviewer, ReviewerState } from '../../domain/pull-request.ts'
import type { HostBranch, HostCommit, HostPullRequest, HostRepository, HostRepositoryRef } from '../types.ts'
import type { BranchJson, CommitJson, MergeRequestJson, ProjectJson, ReviewerJson, UserJson } from './schema.ts'

/** `base` is the web interface's address, for answers that carry no usable one of their own. */
export function toRepository(project: ProjectJson, base: URL): HostRepository {
  return {
    hostId: hostId(String(project.id)),
    path: project.path_with_namespace,
    webUrl: toWebUrl(project.web_url, () => new URL(encodePath(project.path_with_namespace), base).href),
    defaultBranch: project.default_branch || null,
    lastActivityAt: project.last_activity_at ?? null,
    archived: project.archived ?? false,
    empty: project.empty_repo ?? false,
    gitEnabled: project.repository_access_level !== 'disabled',
    pullRequestsEnabled: hasPullRequests(project),
    forkOf: project.forked_from_project ? hostId(String(project.forked_from_project.id)) : null,
    arriving: !['none', 'finished'].includes(project.import_status || 'none'),
    deletionScheduled: Boolean(project.marked_for_deletion_on ?? project.marked_for_deletion_at),
  }
}

export function toPullRequest(
  request: MergeRequestJson,
  repository: HostRepositoryRef,
  reviewers: readonly Reviewer[],
): HostPullRequest {
  const status = toStatus(request)
  const source = request.source_project_id
  return {
    number: request.iid,
    title: request.title ?? '',
    description: request.description ?? '',
    status,
    draft: request.draft ?? request.work_in_progress ?? false,
    sourceBranch: request.source_branch,
    targetBranch: request.target_branch,
    sourceRepository: source === null || source === undefined ? null : hostId(String(source)),
    headSha: toSha(request.sha),
    mergeCommitSha: status === 'MERGED' ? (toSha(request.merge_commit_sha) ?? toSha(request.squash_commit_sha)) : null,
    url: toWebUrl(request.web_url, () => `${repository.webUrl}/-/merge_requests/${request.iid}`),
    author: toPerson(request.author),
    reviewers,
    commentCount: Math.max(0, Math.trunc(request.user_notes_count ?? 0)),
    createdAt: request.created_at ?? request.updated_at,
    updatedAt: request.updated_at,
  }
}

/**
 * Reviewers asked for, with their states, and everyone else who approved. A reviewer's own state counts more than an
 * approval, because changes may be asked for after it.
 */
export function toReviewers(
  asked: readonly UserJson[],
  approvedBy: readonly UserJson[],
  states: readonly ReviewerJson[],
): readonly Reviewer[] {
  const approved = new Set(approvedBy.map(toUserKey))
  const stateOf = new Map(states.map(({ user, state }) => [toUserKey(user), toReviewerState(state)]))
  const people = new Map([...asked, ...states.map(({ user }) => user), ...approvedBy].map((user) => [toUserKey(user), user]))
  return [...people].map(([key, user]) => {
    const own = stateOf.get(key) ?? 'UNAPPROVED'
    return { name: toPerson(user).name, state: own === 'UNAPPROVED' && approved.has(key) ? 'APPROVED' : own }
  })
}

export function toBranch({ name, commit }: BranchJson): HostBranch {
  return { name, head: sha(commit.id), headCommittedAt: commit.committed_date }
}

export function toCommit(commit: CommitJson): HostCommit {
  return {
    sha: sha(commit.id),
    parentCount: commit.parent_ids.length,
    message: commit.message ?? commit.title ?? '',
    author: { name: commit.author_name || 'Unknown', email: commit.author_email || null },
    authoredAt: commit.authored_date?.at ?? commit.committed_date,
    authorOffsetMinutes: commit.authored_date?.offsetMinutes ?? 0,
    committedAt: commit.committed_date,
  }
}

/** Percent-encodes each part of a path or ref and keeps its slashes. */
export function encodePath(path: string): string {
  return path.split('/').map(encodeURIComponent).join('/')
}

/** GitLab: opened and locked (being merged) are open. A state not known yet is told by the dates. */
function toStatus({ state, merged_at, closed_at }: MergeRequestJson): PullRequestStatus {
  if (state === 'opened' || state === 'locked') return 'OPEN'
  if (state === 'merged') return 'MERGED'
  if (state === 'closed') return 'DECLINED'
  if (merged_at) return 'MERGED'
  return closed_at ? 'DECLINED' : 'OPEN'
}

/** As GitLab tells Jira Cloud: who has reviewed and did not approve found something to do. */
function toReviewerState(state: string | null | undefined): ReviewerState {
  if (state === 'approved') return 'APPROVED'
  return state === 'requested_changes' || state === 'reviewed' ? 'NEEDS_WORK' : 'UNAPPROVED'
}

function hasPullRequests({ merge_requests_access_level, merge_requests_enabled }: ProjectJson): boolean {
  return merge_requests_access_level ? merge_requests_access_level !== 'disabled' : (merge_requests_enabled ?? true)
}

/** E-mail addresses of users are not told to others than administrators. */
function toPerson(user: UserJson | null | undefined): Person {
  return { name: user?.name || user?.username || 'Unknown', email: null }
}

function toUserKey({ username, name }: UserJson): string {
  return username ?? name ?? ''
}

function toSha(text: string | null | undefined): Sha | null {
  return text && /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/.test(text) ? sha(text) : null
}

/** Links are shown to people: nothing but http and https gets through. */
export function toWebUrl(text: string | null | undefined, fallback: () => string): string {
  const url = text ? URL.parse(text) : null
  return url !== null && (url.protocol === 'https:' || url.protocol === 'http:') ? url.href.replace(/\/$/, '') : fallback()
}
