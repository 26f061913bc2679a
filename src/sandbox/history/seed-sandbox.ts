import { fastImport } from '../fast-import.ts'
import type { MergeRequest, Namespace, Project, Token, User } from '../gitlab/model.ts'
import type { SandboxGitLab } from '../gitlab/sandbox-gitlab.ts'
import { generateHistory, type History, type HistorySummary } from './generate-history.ts'
import type { GeneratedIssue } from './issues.ts'
import type { GeneratedMergeRequest, RepositoryHistory } from './repository-history.ts'

export interface SeedOptions {
  readonly until: Date
  /** Default 3,000. */
  readonly commits?: number
  readonly seed?: number
  /** Default SHOP, PAY, OPS. */
  readonly projects?: readonly string[]
  /** Default 120. */
  readonly issuesPerProject?: number
  /** Where PATH is taken from for git. */
  readonly env: NodeJS.ProcessEnv
}

export interface SeededSandbox {
  readonly group: Namespace
  readonly subgroup: Namespace
  readonly users: readonly User[]
  /** `acme/shop`, `acme/payments`, `acme/platform/infrastructure`. */
  readonly projects: readonly Project[]
  /** What the connector reads with: Reporter, `read_api` and `read_repository`. */
  readonly token: Token
  /** What it manages webhooks with: Owner, `api`. */
  readonly hookToken: Token
  readonly issues: readonly GeneratedIssue[]
  /** What the generated repositories hold, the fork's merge request included. */
  readonly summary: HistorySummary
}

/** Fills a stand-in GitLab with group `acme`, its people, three projects with two years of history, and tokens. */
export async function seedSandbox(gitlab: SandboxGitLab, options: SeedOptions): Promise<SeededSandbox> {
  const { until, commits = 3_000, seed = 7, projects: keys = ['SHOP', 'PAY', 'OPS'], issuesPerProject = 120 } = options
  const history = generateHistory({ seed, commits, projects: keys, issuesPerProject, until })
  const users = new Map(history.authors.map((author) => [author.username, gitlab.addUser({ ...author, publicEmail: '' })]))
  const group = gitlab.addGroup({ path: 'acme', name: 'Acme' })
  const subgroup = gitlab.addGroup({ path: 'platform', name: 'Platform', parent: group })
  for (const user of users.values()) gitlab.addMember(group, user, 'developer')
  const projects: Project[] = []
  for (const repository of history.repositories) projects.push(await seedProject(gitlab, repository, { users, env: options.env }))
  await seedFork(gitlab, history, { users, env: options.env, target: firstOf(projects), until })
  const { opened, ...others } = history.summary.mergeRequests
  return {
    group,
    subgroup,
    users: [...users.values()],
    projects,
    token: gitlab.createToken({ name: 'connector', group, role: 'reporter', scopes: ['read_api', 'read_repository'] }),
    hookToken: gitlab.createToken({ name: 'connector webhooks', group, role: 'owner', scopes: ['api'] }),
    issues: history.issues,
    summary: { ...history.summary, mergeRequests: { opened: opened + 1, ...others } },
  }
}

interface Seeding {
  readonly users: ReadonlyMap<string, User>
  readonly env: NodeJS.ProcessEnv
}

async function seedProject(gitlab: SandboxGitLab, repository: RepositoryHistory, { users, env }: Seeding): Promise<Project> {
  const folders = repository.path.split('/')
  const path = folders.pop() ?? ''
  const project = await gitlab.addProject({
    namespace: ['acme', ...folders].join('/'),
    path,
    name: repository.name,
    description: repository.description,
    createdAt: repository.startedAt,
  })
  const shas = await fastImport({ folder: project.folder, env, entries: repository.entries })
  await gitlab.readRepository(project)
  project.lastActivityAt = repository.endedAt
  project.updatedAt = repository.endedAt
  const shaOf = (mark: number) => shas.get(mark) ?? ''
  for (const generated of repository.mergeRequests) {
    const request = gitlab.newMergeRequest(project, generated.createdAt)
    project.mergeRequests.push(Object.assign(request, contentOf(generated, users, shaOf)))
    for (const { author, text, at } of generated.notes) {
      request.notes.push({
        id: request.id * 10 + request.notes.length,
        authorId: idOf(users, author.username),
        body: text,
        system: false,
        createdAt: at,
        updatedAt: at,
      })
    }
  }
  seedDeployments(gitlab, project, repository, shaOf)
  return project
}

function contentOf(
  generated: GeneratedMergeRequest,
  users: ReadonlyMap<string, User>,
  shaOf: (mark: number) => string,
): Partial<MergeRequest> {
  const { state, updatedAt: endedAt } = generated
  const authorId = idOf(users, generated.author.username)
  const reviewers = generated.reviewers.map(({ author, approved }) => ({ userId: idOf(users, author.username), approved }))
  return {
    sourceBranch: generated.sourceBranch,
    title: generated.title.replace(/^Draft: /, state === 'merged' ? '' : 'Draft: '),
    description: generated.description,
    authorId,
    reviewers: reviewers.map(({ userId, approved }) => ({
      userId,
      state: approved ? 'approved' : 'unreviewed',
      createdAt: generated.createdAt,
    })),
    approvals: reviewers.filter(({ approved }) => approved).map(({ userId }) => ({ userId, at: endedAt })),
    sha: shaOf(generated.headMark),
    baseSha: shaOf(generated.baseMark),
    state,
    updatedAt: endedAt,
    mergeCommitSha: generated.mergeMark === null ? null : shaOf(generated.mergeMark),
    mergedAt: state === 'merged' ? endedAt : null,
    mergedById: state === 'merged' ? authorId : null,
    closedAt: state === 'closed' ? endedAt : null,
    closedById: state === 'closed' ? authorId : null,
  }
}

const BRANCH_BUILDS = ['success', 'failed', 'running', 'canceled']

/** The last ten merges were built and brought to staging, every third of them to production; every branch was built once. */
function seedDeployments(
  gitlab: SandboxGitLab,
  project: Project,
  repository: RepositoryHistory,
  shaOf: (mark: number) => string,
): void {
  const staging = gitlab.addEnvironment(project, { name: 'staging', tier: 'staging' })
  const production = gitlab.addEnvironment(project, { name: 'production', tier: 'production' })
  const merged = repository.mergeRequests
    .filter(({ state }) => state === 'merged')
    .toSorted((a, b) => a.updatedAt.getTime() - b.updatedAt.getTime())
  for (const [index, { mergeMark, updatedAt: createdAt }] of merged.slice(-10).entries()) {
    const sha = shaOf(mergeMark ?? 0)
    const status = index === 4 ? 'failed' : 'success'
    gitlab.addPipeline(project, { ref: 'main', sha, createdAt, status, jobs: toJobs(status) })
    gitlab.addDeployment(project, { environment: staging, ref: 'main', sha, createdAt })
    if (index % 3 === 0) gitlab.addDeployment(project, { environment: production, ref: 'main', sha, createdAt })
  }
  for (const [index, branch] of repository.liveBranches.entries()) {
    const status = BRANCH_BUILDS[index % BRANCH_BUILDS.length] ?? 'success'
    gitlab.addPipeline(project, { ref: branch, createdAt: repository.endedAt, status, jobs: toJobs(status) })
  }
}

/** The last of five jobs decides. */
const toJobs = (status: string) => ['success', 'success', 'success', 'success', status]

/** One merge request comes from a fork in the namespace of a user. */
async function seedFork(
  gitlab: SandboxGitLab,
  history: History,
  seeding: Seeding & { target: Project; until: Date },
): Promise<void> {
  const { target, users, env, until } = seeding
  const author = firstOf(history.authors.slice(-1))
  const issue = firstOf(history.issues)
  const user = users.get(author.username)
  if (user === undefined) throw new Error(`The sandbox history has no user ${author.username}`)
  const fork = await gitlab.forkProject(target, { namespace: author.username })
  const branch = `${issue.key}-from-a-fork`
  const at = new Date(until.getTime() - 3_600_000)
  const parents = [fork.refs.get('refs/heads/main') ?? '']
  const files = [{ path: 'docs/fork.md', content: 'From a fork.\n' }]
  await fastImport({
    folder: fork.folder,
    env,
    entries: [
      {
        kind: 'commit',
        ref: `refs/heads/${branch}`,
        parents,
        author,
        authoredAt: at,
        message: `${issue.key} Try it in a fork\n`,
        files,
      },
    ],
  })
  await gitlab.readRepository(fork)
  await gitlab.openMergeRequest(target, {
    author: user,
    title: `${issue.key} ${issue.summary}`,
    sourceBranch: branch,
    sourceProject: fork,
  })
}

function idOf(users: ReadonlyMap<string, User>, username: string): number {
  const user = users.get(username)
  if (user === undefined) throw new Error(`The sandbox history has no user ${username}`)
  return user.id
}

function firstOf<T>(items: readonly T[]): T {
  const [first] = items
  if (first === undefined) throw new Error('The sandbox history is empty')
  return first
}
