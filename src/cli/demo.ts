import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buildJiraApp } from '../jira/app/build-jira-app.ts'
import { loadConfig } from '../config/load-config.ts'
import type { AppContext } from '../app/app-context.ts'
import { addUser } from '../app/identity/change-users.ts'
import { listAccounts } from '../db/stores/accounts.ts'
import { listRepositories } from '../db/stores/repositories.ts'
import { systemClock } from '../lib/clock.ts'
import { ConnectorError } from '../lib/connector-error.ts'
import { createLogger } from '../lib/logger.ts'
import { createPasswords } from '../lib/passwords.ts'
import { EXIT, type CommandContext, type ExitCode } from './command.ts'
import { printDemoReport } from './demo-report.ts'
import { createDemoWorld, type DemoWorld } from './demo-world.ts'
import { followDelivery, followSyncs } from './follow-work.ts'
import { createProgressView } from './progress-view.ts'
import { startConnector, type RunningConnector } from './serve.ts'
import { VERSION } from './version.ts'

/** Both known on purpose: the demo listens on this machine alone and goes with its process. */
const ADMIN_TOKEN = 'demo-admin-token'
const ADMINISTRATOR = { name: 'admin', displayName: 'Demo administrator', password: 'demo-password' }

export interface DemoOptions {
  readonly repositories: readonly string[]
  readonly once: boolean
}

/** A stand-in GitLab, a stand-in Jira and the connector between them, in a folder that goes with the process. */
export async function demo({ repositories, once }: DemoOptions, context: CommandContext): Promise<ExitCode> {
  const folder = await mkdtemp(join(tmpdir(), 'jira-dvcs-demo-'))
  const log = createLogger({ level: 'warn' })
  try {
    context.out.write(repositories.length === 0 ? 'Generating three repositories …\n' : 'Reading your repositories …\n')
    const { cwd, env, signal } = context
    const world = await unlessStopped(createDemoWorld({ folder, repositories, cwd, env, clock: systemClock, log }), signal)
    try {
      signal.throwIfAborted()
      const running = await startDemoConnector({ world, folder, context })
      try {
        const complete = await runMainJob(running, { world, context })
        if (once) return complete ? EXIT.done : EXIT.failed
        const passwords = createPasswords()
        await addUser(running.connector.app, { user: ADMINISTRATOR, passwords }, context.signal)
        await running.interfaceBuilt
        printAddresses(world, { running, context })
        await untilAborted(context.signal)
        return EXIT.done
      } finally {
        await running.stop()
      }
    } finally {
      await world.close()
    }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** Ctrl+C in a terminal ends the git programs of the stand-ins as well: what comes of it is not what happened. */
async function unlessStopped<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  try {
    return await work
  } catch (error) {
    signal.throwIfAborted()
    throw error
  }
}

async function startDemoConnector({
  world,
  folder,
  context,
}: {
  world: DemoWorld
  folder: string
  context: CommandContext
}): Promise<RunningConnector> {
  const file = join(folder, 'connector.yaml')
  const port = await findFreePort()
  await writeFile(file, toConfigText(world, port), { mode: 0o600 })
  const env = {
    ...context.env,
    DEMO_ADMIN_TOKEN: ADMIN_TOKEN,
    DEMO_GITLAB_TOKEN: world.gitlabToken,
    DEMO_HOOK_TOKEN: world.hookToken,
    DEMO_JIRA_TOKEN: world.jiraToken,
  }
  const config = loadConfig({ file, env, cwd: folder })
  // As somebody uploaded it.
  world.jira.installApp(buildJiraApp({ version: VERSION, serverUrl: `http://127.0.0.1:${port}`, hosts: [world.gitlab.url] }).jar)
  return startConnector({ config, role: 'all', env, log: createLogger({ level: 'warn' }) })
}

function toConfigText(world: DemoWorld, port: number): string {
  return `server:
  url: http://127.0.0.1:${port}
  listen: 127.0.0.1:${port}
  adminToken: \${DEMO_ADMIN_TOKEN}
dataDir: ./data
jira:
  url: ${world.jira.url}
  token: \${DEMO_JIRA_TOKEN}
accounts:
  - id: ${world.owner}
    name: Demo
    host: gitlab
    url: ${world.gitlab.url}
    owner: ${world.owner}
    token: \${DEMO_GITLAB_TOKEN}
    webhookAdminToken: \${DEMO_HOOK_TOKEN}
`
}

/** The main job: list, import, link, deliver. True when nothing is missing. */
async function runMainJob(
  { connector }: RunningConnector,
  { world, context }: { world: DemoWorld; context: CommandContext },
): Promise<boolean> {
  const { app } = connector
  const startedAt = app.clock.monotonicMs()
  const view = createProgressView(context.out)
  const read = () => listRepositories(app.db.read, { limit: 1_000 })
  try {
    await untilSwept(app, context.signal)
    const synced = await followSyncs({ read, view, clock: app.clock, signal: context.signal })
    const importedMs = app.clock.monotonicMs() - startedAt
    const delivered = await followDelivery({ db: app.db, view, clock: app.clock, signal: context.signal })
    view.stop()
    const totalMs = app.clock.monotonicMs() - startedAt
    return (await printDemoReport({ app, world, context, importedMs, totalMs })) && synced && delivered
  } finally {
    view.stop()
  }
}

/** The first sweep runs in the background: until it has listed the repositories there is nothing to follow. */
async function untilSwept(app: AppContext, signal: AbortSignal): Promise<void> {
  for (;;) {
    const [account] = await listAccounts(app.db.read)
    if (account !== undefined && account.sweptAt !== null) return
    if (account !== undefined && account.problem !== null) {
      throw new ConnectorError(account.problem.code, {
        userMessage: account.problem.message,
        ...(account.problem.remedy === null ? {} : { remedy: account.problem.remedy }),
      })
    }
    await app.clock.sleep(50, signal)
  }
}

function printAddresses(
  { gitlab, jira, push, author }: DemoWorld,
  { running, context }: { running: RunningConnector; context: CommandContext },
): void {
  const clone = new URL(`${gitlab.url}/${push.path}.git`)
  clone.username = 'demo'
  clone.password = push.token
  context.out.write(`
Sandbox GitLab  ${gitlab.url}
Sandbox Jira    ${jira.url}   (an issue: ${jira.url}/browse/${push.issue})
Connector       ${running.address ?? ''}   (sign in as ${ADMINISTRATOR.name}, password ${ADMINISTRATOR.password})
                ${running.address ?? ''}/issues/${push.issue}   (the same issue there)

Push a commit as somebody whom Jira knows, and watch the issue page: comment, work log, status, commit and build:

  git clone ${clone.href} demo-clone && cd demo-clone
  git -c user.name="${author.displayName}" -c user.email=${author.emailAddress} commit --allow-empty -m "${push.issue} #comment done #time 2h #resolve"
  git push

Ask the connector itself:

  curl -H "Authorization: Bearer ${ADMIN_TOKEN}" ${running.address ?? ''}/api/v1/issues/${push.issue}/development

Ctrl+C ends the demo and removes everything it made.
`)
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

function untilAborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })
}
