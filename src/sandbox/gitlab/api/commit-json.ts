import { branchRef, git, type GitCommit } from '../repository.ts'
import { projectPath, type World } from '../state.ts'
import type { Project } from '../model.ts'

export function commitJson(world: World, project: Project, commit: GitCommit) {
  return {
    id: commit.sha,
    short_id: commit.sha.slice(0, 8),
    created_at: milliseconds(commit.committedAt),
    parent_ids: commit.parents,
    title: title(commit.message),
    message: commit.message,
    author_name: commit.authorName,
    author_email: commit.authorEmail,
    authored_date: milliseconds(commit.authoredAt),
    committer_name: commit.committerName,
    committer_email: commit.committerEmail,
    committed_date: milliseconds(commit.committedAt),
    trailers: {},
    extended_trailers: {},
    web_url: commitUrl(world, project, commit.sha),
  }
}

export async function commitDetailJson(world: World, project: Project, commit: GitCommit, withStats: boolean) {
  return {
    ...commitJson(world, project, commit),
    ...(withStats ? { stats: await statsJson(world, project, commit.sha) } : {}),
    status: null,
    project_id: project.id,
    last_pipeline: null,
  }
}

export async function statsJson(world: World, project: Project, sha: string) {
  const text = await git(world, project, ['show', '--format=', '--numstat', '--diff-merges=first-parent', sha])
  let additions = 0
  let deletions = 0
  for (const line of text.split('\n')) {
    const [added, removed] = line.split('\t')
    additions += Number(added) || 0
    deletions += Number(removed) || 0
  }
  return { additions, deletions, total: additions + deletions }
}

export interface BranchFacts {
  readonly name: string
  readonly commit: GitCommit
  readonly merged: boolean
  readonly canPush: boolean
}

export function branchJson(world: World, project: Project, { name, commit, merged, canPush }: BranchFacts) {
  const isDefault = name === project.defaultBranch
  return {
    name,
    commit: commitJson(world, project, commit),
    merged: merged && !isDefault,
    protected: isDefault,
    developers_can_push: false,
    developers_can_merge: false,
    can_push: canPush,
    default: isDefault,
    web_url: `${world.baseUrl()}/${projectPath(world.state, project)}/-/tree/${name}`,
  }
}

/** Branches whose tip is reachable from the default branch. */
export async function mergedBranches(world: World, project: Project): Promise<Set<string>> {
  const tip = project.refs.get(branchRef(project.defaultBranch))
  if (tip === undefined) return new Set()
  const text = await git(world, project, ['for-each-ref', `--merged=${tip}`, '--format=%(refname:lstrip=2)', 'refs/heads'])
  return new Set(text.split('\n'))
}

export function commitUrl(world: World, project: Project, sha: string): string {
  return `${world.baseUrl()}/${projectPath(world.state, project)}/-/commit/${sha}`
}

export function title(text: string): string {
  const line = text.trimStart().split('\n', 1)[0] ?? ''
  return line.length > 80 ? `${line.slice(0, 77)}...` : line
}

/** GitLab writes milliseconds, git does not. */
function milliseconds(time: string): string {
  return time.replace(/^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)/, '$1.000')
}
