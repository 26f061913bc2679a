import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import type { AppContext } from '../src/app/app-context.ts'
import { makeSetupLink } from '../src/app/identity/set-up.ts'
import { startConnector, type RunningConnector } from '../src/cli/serve.ts'
import { loadConfig } from '../src/config/load-config.ts'
import { systemClock } from '../src/lib/clock.ts'
import { silentLogger } from '../src/lib/logger.ts'
import type { Namespace, User } from '../src/sandbox/gitlab/model.ts'
import { createSandboxGitLab, type SandboxGitLab } from '../src/sandbox/gitlab/sandbox-gitlab.ts'
import { createSandboxJira, type SandboxJira } from '../src/sandbox/jira/sandbox-jira.ts'

const ADMIN_TOKEN = 'e2e-administrator-token'
const JIRA_TOKEN = 'e2e-jira-token'
const VIEWER_TOKEN = 'e2e-viewer-token'

/** A GitLab with the group `acme`, a Jira with the projects SHOP and PAY, and the connector as people start it. */
export interface TestWorld {
  readonly gitlab: SandboxGitLab
  readonly jira: SandboxJira
  readonly acme: Namespace
  readonly maintainer: User
  /** The connector's inside, to put there what would take hours to come about. */
  readonly app: AppContext
  /** Where the connector is reached. */
  readonly address: string
  /** What people paste into the pages. */
  readonly tokens: { readonly gitlab: string; readonly jira: string; readonly viewer: string }
  /** Address to clone from and to push to. */
  cloneUrl(path: string): string
  /** `name=value` of sessions; empty in a world that is not set up. */
  readonly cookies: Readonly<Record<Role, string>>
  /** Asks the connector as a script of an administrator does. */
  ask(path: string, init?: RequestInit): Promise<Response>
  close(): Promise<void>
}

export interface TestWorldOptions {
  /** Further lines of the configuration file. */
  readonly config?: string
  /** false: as on the first start without a file, with nobody signed in; default: true. */
  readonly isSetUp?: boolean
  /** Fills GitLab and Jira before the connector looks at them. */
  readonly fill?: (world: Pick<TestWorld, 'gitlab' | 'jira' | 'acme' | 'maintainer'>) => Promise<void>
}

export async function startTestWorld({ config = '', fill, isSetUp = true }: TestWorldOptions = {}): Promise<TestWorld> {
  const folder = await mkdtemp(join(tmpdir(), 'jira-dvcs-e2e-'))
  const parts = { clock: systemClock, env: process.env, log: silentLogger }
  const gitlab = await createSandboxGitLab({ folder: join(folder, 'gitlab'), ...parts })
  const jira = await createSandboxJira({ clock: systemClock, log: silentLogger, users: JIRA_USERS })
  for (const key of ['SHOP', 'PAY']) {
    jira.world.addProject({ key, name: key })
    jira.world.seedIssues(key, 20)
  }
  const maintainer = gitlab.addUser({ username: 'mia', name: 'Mia Lang' })
  const acme = gitlab.addGroup({ path: 'acme', name: 'Acme' })
  gitlab.addMember(acme, maintainer, 'owner')
  const token = gitlab.createToken({ user: maintainer, scopes: ['api', 'write_repository'] }).value
  await fill?.({ gitlab, jira, acme, maintainer })
  const running = await startForTest({ folder, token, config: isSetUp ? toConnections(gitlab, jira) + config : config })
  await running.interfaceBuilt
  const address = running.address ?? ''
  return {
    gitlab,
    jira,
    acme,
    maintainer,
    app: running.connector.app,
    address,
    cookies: isSetUp ? await signIn(running) : { administrator: '', viewer: '' },
    tokens: { gitlab: token, jira: JIRA_TOKEN, viewer: VIEWER_TOKEN },
    cloneUrl(path) {
      const url = new URL(`${gitlab.url}/${path}.git`)
      url.username = 'mia'
      url.password = token
      return url.href
    },
    ask: (path, init = {}) =>
      fetch(address + path, { ...init, headers: { authorization: `Bearer ${ADMIN_TOKEN}`, ...init.headers } }),
    async close() {
      await running.stop()
      await gitlab.close()
      await jira.close()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

const JIRA_USERS = [
  {
    name: 'connector',
    displayName: 'Connector',
    emailAddress: 'connector@example.com',
    administrator: true,
    tokens: [{ token: JIRA_TOKEN }],
  },
  { name: 'vera', displayName: 'Vera Viewer', emailAddress: 'vera@example.com', tokens: [{ token: VIEWER_TOKEN }] },
]

const toConnections = (gitlab: SandboxGitLab, jira: SandboxJira) => `jira:
  url: ${jira.url}
  token: \${E2E_JIRA_TOKEN}
accounts:
  - id: acme
    name: Acme
    host: gitlab
    url: ${gitlab.url}
    owner: acme
    token: \${E2E_GITLAB_TOKEN}
`

interface Start {
  readonly folder: string
  readonly token: string
  readonly config: string
}

async function startForTest({ folder, token, config }: Start): Promise<RunningConnector> {
  const file = join(folder, 'connector.yaml')
  const port = await findFreePort()
  const text = `server:
  url: http://127.0.0.1:${port}
  listen: 127.0.0.1:${port}
  adminToken: \${E2E_ADMIN_TOKEN}
dataDir: ./data
${config}`
  await writeFile(file, text, { mode: 0o600 })
  const env = { ...process.env, E2E_ADMIN_TOKEN: ADMIN_TOKEN, E2E_JIRA_TOKEN: JIRA_TOKEN, E2E_GITLAB_TOKEN: token }
  return startConnector({ config: loadConfig({ file, env, cwd: folder }), role: 'all', env, log: silentLogger })
}

function findFreePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0))
    })
  })
}

/** Who looks at a page: the first administrator of the connector, or somebody of Jira who is none. */
export type Role = 'administrator' | 'viewer'

/** A page of somebody who is signed in, and what went wrong in it: errors of scripts, dialogs, reports of the content policy. */
export async function openPage(browser: Browser, world: TestWorld, role: Role): Promise<{ page: Page; problems: string[] }> {
  const context = await browser.newContext()
  const [name = '', value = ''] = world.cookies[role].split('=')
  if (name !== '') await context.addCookies([{ name, value, url: world.address, httpOnly: true }])
  const page = await context.newPage()
  page.setDefaultTimeout(20_000)
  const problems: string[] = []
  page.on('pageerror', (error) => problems.push(error.message))
  page.on('console', (message) => {
    if (message.type() === 'error') problems.push(message.text())
  })
  page.on('dialog', (dialog) => {
    problems.push(`dialog ${dialog.message()}`)
    void dialog.dismiss()
  })
  return { page, problems }
}

async function signIn({ connector, address }: RunningConnector): Promise<Record<Role, string>> {
  const link = await makeSetupLink(connector.app)
  const code = link === null ? '' : new URL(link).hash.slice(1)
  const ada = { code, name: 'ada', displayName: 'Ada Lovelace', password: 'correct horse battery' }
  return {
    administrator: await takeCookie(`${address}/api/v1/setup`, ada),
    viewer: await takeCookie(`${address}/api/v1/session/jira-token`, { token: VIEWER_TOKEN }),
  }
}

async function takeCookie(url: string, body: unknown): Promise<string> {
  const answer = await fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) })
  if (!answer.ok) throw new Error(`${url} answered ${answer.status}: ${await answer.text()}`)
  return answer.headers.getSetCookie()[0]?.split(';')[0] ?? ''
}
