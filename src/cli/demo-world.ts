import { basename, join, resolve } from 'node:path'
import { findIssueKeyCandidates, projectKeyOf } from '../domain/issue-keys.ts'
import type { IssueKey } from '../domain/ids.ts'
import type { Clock } from '../lib/clock.ts'
import { ConnectorError } from '../lib/connector-error.ts'
import type { Logger } from '../lib/logger.ts'
import { createSandboxGitLab, type SandboxGitLab } from '../sandbox/gitlab/sandbox-gitlab.ts'
import { seedSandbox } from '../sandbox/history/seed-sandbox.ts'
import { createSandboxJira, type SandboxJira } from '../sandbox/jira/sandbox-jira.ts'
import { readMessages } from '../sandbox/read-messages.ts'

export interface DemoWorld {
  readonly gitlab: SandboxGitLab
  readonly jira: SandboxJira
  /** Path of the GitLab group to link. */
  readonly owner: string
  readonly gitlabToken: string
  readonly hookToken: string
  readonly jiraToken: string
  /** Bare repositories of the projects to link. */
  readonly folders: readonly string[]
  /** A repository to clone and push to, with a user name and a token that may. */
  readonly push: { readonly path: string; readonly token: string; readonly issue: string }
  /** Somebody with an account in Jira, whose commits may act. */
  readonly author: { readonly displayName: string; readonly emailAddress: string }
  close(): Promise<void>
}

export interface DemoWorldOptions {
  readonly folder: string
  /** Git repositories of the user; empty: generated ones. */
  readonly repositories: readonly string[]
  readonly cwd: string
  readonly env: NodeJS.ProcessEnv
  readonly clock: Clock
  readonly log: Logger
}

const JIRA_TOKEN = 'demo-personal-access-token'
/** Issues created for a user's own repositories: the keys that their history names most often. */
const MAX_OWN_ISSUES = 20_000

/** The two stand-ins, filled with generated history or with the user's repositories. */
export async function createDemoWorld(options: DemoWorldOptions): Promise<DemoWorld> {
  const { clock, env, log } = options
  const gitlab = await createSandboxGitLab({ folder: join(options.folder, 'gitlab'), clock, env, log, runner: true })
  const jira = await createSandboxJira({ clock, log, users: DEMO_USERS })
  const close = async () => {
    await gitlab.close()
    await jira.close()
  }
  try {
    const filled =
      options.repositories.length === 0
        ? await fillGenerated({ gitlab, jira }, options)
        : await fillOwn({ gitlab, jira }, options)
    return { gitlab, jira, jiraToken: JIRA_TOKEN, author: ROBIN, close, ...filled }
  } catch (error) {
    await close()
    throw error
  }
}

const ROBIN = { displayName: 'Robin Roe', emailAddress: 'robin.roe@example.com' }

const DEMO_USERS = [
  {
    name: 'alex',
    displayName: 'Alex Doe',
    emailAddress: 'alex.doe@example.com',
    password: 'demo',
    administrator: true,
  },
  { name: 'robin', ...ROBIN, password: 'demo' },
  {
    name: 'connector',
    displayName: 'DVCS connector',
    emailAddress: 'connector@example.com',
    administrator: true,
    tokens: [{ token: JIRA_TOKEN }],
  },
]

interface Sandboxes {
  readonly gitlab: SandboxGitLab
  readonly jira: SandboxJira
}

type Filled = Pick<DemoWorld, 'folders' | 'owner' | 'gitlabToken' | 'hookToken' | 'push'>

const PROJECT_NAMES: Readonly<Record<string, string>> = { SHOP: 'Web shop', PAY: 'Payments', OPS: 'Operations' }

async function fillGenerated({ gitlab, jira }: Sandboxes, { clock, env }: DemoWorldOptions): Promise<Filled> {
  const seeded = await seedSandbox(gitlab, { until: clock.now(), env })
  for (const { key, summary } of seeded.issues) {
    const project = projectKeyOf(key as IssueKey)
    if (jira.world.findProject(project) === null) jira.world.addProject({ key: project, name: PROJECT_NAMES[project] ?? project })
    jira.world.createIssue({ project, summary, number: numberOf(key) })
  }
  return {
    folders: seeded.projects.map(({ folder }) => folder),
    owner: 'acme',
    gitlabToken: seeded.token.value,
    hookToken: seeded.hookToken.value,
    push: { path: 'acme/shop', token: seeded.hookToken.value, issue: 'SHOP-7' },
  }
}

async function fillOwn({ gitlab, jira }: Sandboxes, { repositories, cwd, env, clock }: DemoWorldOptions): Promise<Filled> {
  // Creates the projects; GitLab's users and groups share one space of names.
  gitlab.addUser({ username: 'developer', name: 'Alex Doe' })
  const group = gitlab.addGroup({ path: 'demo', name: 'Demo' })
  const counts = new Map<IssueKey, number>()
  const names = new Set<string>()
  const folders: string[] = []
  for (const path of repositories) {
    const folder = resolve(cwd, path)
    const name = uniqueName(basename(folder).replace(/\.git$/, ''), names)
    try {
      const project = await gitlab.addProject({ namespace: group, path: name, fromRepository: folder, createdAt: clock.now() })
      folders.push(project.folder)
      for await (const { message } of readMessages({ folder, env })) {
        for (const key of findIssueKeyCandidates(message)) counts.set(key, (counts.get(key) ?? 0) + 1)
      }
    } catch (cause) {
      throw new ConnectorError('repository-path-invalid', {
        userMessage: `${folder} could not be read as a Git repository: ${cause instanceof Error ? cause.message : String(cause)}`,
        remedy: 'Give --repo the folder of a Git repository, bare or with a work tree.',
        cause,
      })
    }
  }
  const issue = createIssues(jira, counts)
  const token = gitlab.createToken({ name: 'connector', group, role: 'reporter', scopes: ['read_api', 'read_repository'] })
  const hookToken = gitlab.createToken({ name: 'connector webhooks', group, role: 'owner', scopes: ['api'] })
  return {
    folders,
    owner: 'demo',
    gitlabToken: token.value,
    hookToken: hookToken.value,
    push: { path: `demo/${[...names][0] ?? ''}`, token: hookToken.value, issue },
  }
}

/**
 * A Jira that knows the keys which the history names: at least twice a project, so that UTF-8 makes no project UTF. Returns
 * the key that is named most often among those that there are now; without any, one of a project of its own.
 */
function createIssues(jira: SandboxJira, counts: ReadonlyMap<IssueKey, number>): string {
  const keys = [...counts]
    .filter(([key]) => Number.isSafeInteger(numberOf(key)))
    .toSorted(([, a], [, b]) => b - a)
    .slice(0, MAX_OWN_ISSUES)
    .map(([key]) => key)
  const perProject = Map.groupBy(keys, projectKeyOf)
  for (const [project, own] of perProject) {
    if (own.length < 2) continue
    jira.world.addProject({ key: project, name: project })
    for (const key of own) jira.world.createIssue({ project, summary: `Work on ${key}`, number: numberOf(key) })
  }
  const mostNamed = keys.find((key) => jira.world.findIssue(key) !== null)
  if (mostNamed !== undefined) return mostNamed
  jira.world.addProject({ key: 'DEMO', name: 'Demo' })
  return jira.world.createIssue({ project: 'DEMO', summary: 'Push a commit that names this issue' }).key
}

const numberOf = (key: string) => Number(key.slice(key.lastIndexOf('-') + 1))

function uniqueName(name: string, taken: Set<string>): string {
  let candidate = name
  for (let number = 2; taken.has(candidate); number += 1) candidate = `${name}-${number}`
  taken.add(candidate)
  return candidate
}
