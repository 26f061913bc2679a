import { commitUrl, title } from './api/commit-json.ts'
import type { GitCommit } from './repository.ts'
import type { Project, User, Visibility } from './model.ts'
import { getNamespace, projectPath, type World } from './state.ts'

/** GitLab's word for an e-mail address that its owner does not show. */
const REDACTED = '[REDACTED]'
const VISIBILITY_LEVELS: Readonly<Record<Visibility, number>> = { private: 0, internal: 10, public: 20 }

/** One ref that a push moved. */
export interface RefChange {
  readonly ref: string
  /** All zeros: created. */
  readonly before: string
  /** All zeros: deleted. */
  readonly after: string
}

export interface PushFacts {
  readonly project: Project
  readonly user: User
  readonly change: RefChange
  /** The commit that `after` names, or null for a deletion. */
  readonly checkoutSha: string | null
  /** Newest first, at most 20. */
  readonly commits: readonly GitCommit[]
  readonly total: number
  /** Of an annotated tag. */
  readonly message: string | null
}

export function pushPayload(world: World, facts: PushFacts) {
  const { project, user, change } = facts
  const kind = change.ref.startsWith('refs/tags/') ? 'tag_push' : 'push'
  return {
    object_kind: kind,
    event_name: kind,
    before: change.before,
    after: change.after,
    ref: change.ref,
    ref_protected: change.ref === `refs/heads/${project.defaultBranch}`,
    checkout_sha: facts.checkoutSha,
    message: facts.message,
    user_id: user.id,
    user_name: user.name,
    user_username: user.username,
    user_email: user.publicEmail,
    user_avatar: null,
    project_id: project.id,
    project: projectPayload(world, project),
    commits: facts.commits.toReversed().map((commit) => pushedCommit(world, project, commit)),
    total_commits_count: facts.total,
    push_options: {},
    repository: {
      ...repositoryPayload(world, project),
      git_http_url: `${world.baseUrl()}/${projectPath(world.state, project)}.git`,
      git_ssh_url: sshUrl(world, project),
      visibility_level: VISIBILITY_LEVELS[project.visibility],
    },
  }
}

/** System hook: everything one push changed, in one body. */
export function repositoryUpdatePayload(world: World, project: Project, user: User, changes: readonly RefChange[]) {
  return {
    event_name: 'repository_update',
    user_id: user.id,
    user_name: user.name,
    user_email: user.email,
    user_avatar: null,
    project_id: project.id,
    project: projectPayload(world, project),
    changes,
    refs: changes.map(({ ref }) => ref),
  }
}

export function projectPayload(world: World, project: Project) {
  const path = projectPath(world.state, project)
  const webUrl = `${world.baseUrl()}/${path}`
  return {
    id: project.id,
    name: project.name,
    description: project.description,
    web_url: webUrl,
    avatar_url: null,
    git_ssh_url: sshUrl(world, project),
    git_http_url: `${webUrl}.git`,
    namespace: getNamespace(world.state, project.namespaceId).name,
    visibility_level: VISIBILITY_LEVELS[project.visibility],
    path_with_namespace: path,
    default_branch: project.defaultBranch,
    ci_config_path: null,
    homepage: webUrl,
    url: sshUrl(world, project),
    ssh_url: sshUrl(world, project),
    http_url: `${webUrl}.git`,
  }
}

export function repositoryPayload(world: World, project: Project) {
  const homepage = `${world.baseUrl()}/${projectPath(world.state, project)}`
  return { name: project.name, url: sshUrl(world, project), description: project.description, homepage }
}

export function userPayload(user: User) {
  return {
    id: user.id,
    name: user.name,
    username: user.username,
    avatar_url: null,
    email: user.publicEmail === '' ? REDACTED : user.publicEmail,
  }
}

/** A commit inside a payload; author e-mail addresses are as in git. */
export function commitPayload(world: World, project: Project, commit: GitCommit) {
  return {
    id: commit.sha,
    message: commit.message,
    title: title(commit.message),
    timestamp: commit.committedAt,
    url: commitUrl(world, project, commit.sha),
    author: { name: commit.authorName, email: commit.authorEmail },
  }
}

function pushedCommit(world: World, project: Project, commit: GitCommit) {
  const paths = (status: string) => commit.files.filter((file) => file.status === status).map(({ path }) => path)
  return { ...commitPayload(world, project, commit), added: paths('A'), modified: paths('M'), removed: paths('D') }
}

function sshUrl(world: World, project: Project): string {
  return `git@${new URL(world.baseUrl()).hostname}:${projectPath(world.state, project)}.git`
}
