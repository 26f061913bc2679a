import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Database } from '../db/database.ts'
import type { AccountSettings } from '../db/stores/accounts.ts'
import { findRepositoryByHostId } from '../db/stores/repositories.ts'
import { hostId } from '../domain/ids.ts'
import type { Repository, SyncMode } from '../domain/repository.ts'
import { ISSUE_PROPERTY_NAME } from '../jira/issue-property.ts'
import { silentLogger } from '../lib/logger.ts'
import { fastImport, type ImportedEntry } from '../sandbox/fast-import.ts'
import type { Namespace, Project, Token, User } from '../sandbox/gitlab/model.ts'
import { createSandboxGitLab, type SandboxGitLab, type SandboxGitLabOptions } from '../sandbox/gitlab/sandbox-gitlab.ts'
import { createSandboxJira, type SandboxJira, type SandboxJiraOptions } from '../sandbox/jira/sandbox-jira.ts'
import type { JiraConnection } from './delivery/jira-connection.ts'
import type { JiraSettings } from './jira/jira-settings.ts'
import { requestRepositorySync } from './repositories/change-repository.ts'
import { sweepJobKey } from './sync/sweep-account.ts'
import { createTestClock, type TestClock } from './test-clock.ts'
import {
  createTestConnector,
  toAccountSettings,
  type TestAccount,
  type TestConnector,
  type TestConnectorOptions,
} from './test-connector.ts'

export interface StoryOptions {
  readonly kind?: Database['kind']
  readonly account?: Partial<AccountSettings>
  readonly gitlab?: Partial<SandboxGitLabOptions>
  readonly connector?: Partial<TestConnectorOptions>
  /** Further accounts, made when GitLab runs. */
  readonly more?: (story: { gitlab: SandboxGitLab; maintainer: User }) => readonly TestAccount[]
  /** Default: true, with the projects SHOP and PAY of 20 issues each. */
  readonly jira?: boolean
  readonly delivery?: JiraConnection['delivery']
  readonly jiraOptions?: Partial<SandboxJiraOptions>
  /** How the connector learns what happens in Jira; default: neither webhooks nor the poll. */
  readonly jiraEvents?: Partial<Pick<JiraSettings, 'webhooks' | 'poll' | 'webhookSecret'>>
}

/** What the panel of an issue shows, in short. */
export interface ShownProperty {
  readonly commits: readonly string[]
  readonly branches: readonly string[]
  readonly pullRequests: readonly string[]
}

export interface ShownRuns {
  readonly builds: readonly string[]
  readonly deployments: readonly string[]
}

/** A GitLab with the group `acme`, a Jira, and a connector between them, on one clock. */
export interface Story extends TestConnector {
  readonly gitlab: SandboxGitLab
  readonly jira: SandboxJira
  readonly clock: TestClock
  readonly acme: Namespace
  readonly maintainer: User
  readonly token: Token
  /** A project with these commits on `main`. */
  project(path: string, messages?: readonly string[], more?: { objectFormat?: 'sha1' | 'sha256' }): Promise<Project>
  /** Commits on a branch, one after the other; GitLab notices them as a push. Returns their SHAs. */
  push(project: Project, branch: string, messages: readonly string[], options?: PushOptions): Promise<string[]>
  deleteBranch(project: Project, branch: string): Promise<void>
  /** Lists the account's repositories and lets everything that follows happen. */
  sweep(account?: string): Promise<void>
  sync(project: Project, mode?: SyncMode): Promise<Repository>
  stored(project: Project): Promise<Repository>
  /** First lines of the stored commits, sorted. */
  commits(project: Project): Promise<string[]>
  branches(project: Project): Promise<string[]>
  /** `!number status: keys` of the stored pull requests. */
  pullRequests(project: Project): Promise<string[]>
  /** What Jira holds for an issue; null: nothing. */
  shown(key: string): ShownProperty | null
  /** `#number STATE` of the builds and `environment STATE` of the deployments that Jira holds for an issue, oldest first. */
  shownRuns(key: string): ShownRuns
}

export interface PushOptions {
  /** Parent of the first commit; null: none. Default: the branch's head, or main's. */
  readonly from?: string | null
  /** Default: true; false: GitLab does not notice. */
  readonly notice?: boolean
  /** Of the first commit; default: now. */
  readonly authoredAt?: Date
  readonly author?: { readonly name: string; readonly email: string }
  /** The one file that all of them change. Default: each adds one of its own, so that the work grows with the square of their number. */
  readonly file?: string
}

const JIRA_TOKEN = 'jira-token'
const JIRA_USERS = [
  {
    name: 'connector',
    displayName: 'Connector',
    emailAddress: 'connector@example.com',
    administrator: true,
    tokens: [{ token: JIRA_TOKEN }],
  },
]

export async function startStory(options: StoryOptions = {}): Promise<Story> {
  const clock = createTestClock()
  const folder = await mkdtemp(join(tmpdir(), 'jira-dvcs-story-'))
  const gitlab = await createSandboxGitLab({ folder, clock, env: process.env, log: silentLogger, ...options.gitlab })
  const jira = await createSandboxJira({ clock, log: silentLogger, users: JIRA_USERS, ...options.jiraOptions })
  for (const key of ['SHOP', 'PAY']) {
    jira.world.addProject({ key, name: key })
    jira.world.seedIssues(key, 20)
  }
  const maintainer = gitlab.addUser({ username: 'mia', name: 'Mia Lang' })
  const acme = gitlab.addGroup({ path: 'acme', name: 'Acme' })
  gitlab.addMember(acme, maintainer, 'maintainer')
  const token = gitlab.createToken({ user: maintainer, scopes: ['api'], value: 'glpat-story' })
  const connector = await createTestConnector({
    clock,
    accounts: [
      { settings: toAccountSettings('acme', { url: gitlab.url, owner: 'acme', ...options.account }), token: token.value },
      ...(options.more?.({ gitlab, maintainer }) ?? []),
    ],
    jira:
      options.jira === false
        ? null
        : { url: jira.url, token: JIRA_TOKEN, delivery: options.delivery ?? ['property'], events: options.jiraEvents ?? {} },
    ...(options.kind === undefined ? {} : { kind: options.kind }),
    ...options.connector,
  })
  await connector.settle()
  const parts: Parts = { connector, gitlab, jira, maintainer, acme }
  return {
    ...connector,
    ...createReaders(parts),
    gitlab,
    jira,
    clock,
    acme,
    maintainer,
    token,
    project: (path, messages, more) => addProject(parts, path, { messages: messages ?? [], ...more }),
    push: (project, branch, messages, push) => pushCommits(parts, project, { branch, messages, ...push }),
    async deleteBranch(project, branch) {
      await gitlab.git(project, ['update-ref', '-d', `refs/heads/${branch}`])
      await gitlab.noticePush(project, maintainer)
    },
    async close() {
      await connector.close()
      await gitlab.close()
      await jira.close()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

interface Parts {
  readonly connector: TestConnector
  readonly gitlab: SandboxGitLab
  readonly jira: SandboxJira
  readonly maintainer: User
  readonly acme: Namespace
}

async function addProject(
  parts: Parts,
  path: string,
  { messages, ...more }: { messages: readonly string[]; objectFormat?: 'sha1' | 'sha256' },
): Promise<Project> {
  const project = await parts.gitlab.addProject({ namespace: parts.acme, path, ...more })
  if (messages.length > 0) await pushCommits(parts, project, { branch: 'main', messages })
  return project
}

interface Push extends PushOptions {
  readonly branch: string
  readonly messages: readonly string[]
}

async function pushCommits({ gitlab, connector, maintainer }: Parts, project: Project, push: Push): Promise<string[]> {
  const { branch, messages, notice = true } = push
  const head = project.refs.get(`refs/heads/${branch}`) ?? project.refs.get(`refs/heads/${project.defaultBranch}`) ?? null
  const from = push.from === undefined ? head : push.from
  const start = (push.authoredAt ?? connector.app.clock.now()).getTime()
  const entries = messages.map((message, index): ImportedEntry => ({
    kind: 'commit',
    ref: `refs/heads/${branch}`,
    mark: index + 1,
    parents: index > 0 ? [index] : from === null ? [] : [from],
    author: push.author ?? { name: 'Ann Ember', email: 'ann@example.com' },
    authoredAt: new Date(start + index * 1_000),
    message: `${message}\n`,
    files: [{ path: push.file ?? `${message.replaceAll(/\W/g, '-')}.txt`, content: `${message}\n` }],
  }))
  const marks = await fastImport({ folder: project.folder, env: process.env, entries })
  if (notice) await gitlab.noticePush(project, maintainer)
  return [...marks].sort(([a], [b]) => a - b).map(([, sha]) => sha)
}

function createReaders({ connector, jira }: Parts) {
  const { app, settle } = connector
  const stored = async (project: Project) => {
    const repository = await findRepositoryByHostId(app.db.read, 'acme' as Repository['accountId'], hostId(String(project.id)))
    if (repository === null) throw new Error(`${project.path} is not stored`)
    return repository
  }
  return {
    stored,
    async sweep(account = 'acme') {
      const id = account as Repository['accountId']
      await app.db.write('interactive', (tx) =>
        app.jobs.add(tx, { name: 'sweep-account', payload: { accountId: id, trigger: 'test' }, key: sweepJobKey(id) }),
      )
      await settle()
    },
    async sync(project: Project, mode: SyncMode = 'soft') {
      const { id } = await stored(project)
      await requestRepositorySync(app, { id, mode, trigger: 'test' })
      await settle()
      return stored(project)
    },
    async commits(project: Project) {
      const { id } = await stored(project)
      const rows = await app.db.read.selectFrom('commits').select('message').where('repository_id', '=', Number(id)).execute()
      return rows.map(({ message }) => message.split('\n', 1).join('')).sort()
    },
    async branches(project: Project) {
      const { id } = await stored(project)
      const rows = await app.db.read.selectFrom('branches').select('name').where('repository_id', '=', Number(id)).execute()
      return rows.map(({ name }) => name).sort()
    },
    async pullRequests(project: Project) {
      const { id } = await stored(project)
      const rows = await app.db.read
        .selectFrom('pull_requests as p')
        .innerJoin('pull_request_keys as k', 'k.pull_request_id', 'p.id')
        .select(['p.number', 'p.status', 'k.issue_key'])
        .where('p.repository_id', '=', Number(id))
        .orderBy('p.number')
        .orderBy('k.issue_key')
        .execute()
      const groups = Map.groupBy(rows, ({ number, status }) => `!${number} ${status}`)
      return [...groups].map(([name, keys]) => `${name}: ${keys.map((row) => row.issue_key).join(' ')}`)
    },
    shown: (key: string) => readShown(jira, key),
    shownRuns: (key: string) => readShownRuns(jira, key),
  }
}

interface PropertyJson {
  readonly repositories?: readonly {
    readonly commits: readonly { readonly message: string }[]
    readonly branches: readonly { readonly name: string }[]
    readonly pullRequests: readonly { readonly id: string; readonly status: string }[]
    readonly builds: readonly { readonly number: number; readonly state: string }[]
    readonly deployments: readonly { readonly environment: string; readonly state: string }[]
  }[]
}

function readShown(jira: SandboxJira, key: string): ShownProperty | null {
  const value = jira.world.findIssue(key)?.properties.get(ISSUE_PROPERTY_NAME)
  if (value === undefined) return null
  const { repositories = [] } = value as PropertyJson
  return {
    commits: repositories.flatMap(({ commits }) => commits.map(({ message }) => message.split('\n', 1).join(''))).sort(),
    branches: repositories.flatMap(({ branches }) => branches.map(({ name }) => name)).sort(),
    pullRequests: repositories.flatMap(({ pullRequests }) => pullRequests.map(({ id, status }) => `!${id} ${status}`)).sort(),
  }
}

function readShownRuns(jira: SandboxJira, key: string): ShownRuns {
  const { repositories = [] } = (jira.world.findIssue(key)?.properties.get(ISSUE_PROPERTY_NAME) ?? {}) as PropertyJson
  return {
    builds: repositories.flatMap((one) => one.builds.map(({ number, state }) => `#${number} ${state}`)).reverse(),
    deployments: repositories.flatMap((one) => one.deployments.map((it) => `${it.environment} ${it.state}`)).reverse(),
  }
}
