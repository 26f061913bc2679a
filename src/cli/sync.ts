import { sweepAccount } from '../app/sync/sweep-account.ts'
import { refreshProjects } from '../app/delivery/refresh-projects.ts'
import { requestRepositorySync } from '../app/repositories/change-repository.ts'
import { runJobs } from '../app/run-jobs.ts'
import { loadConfig } from '../config/load-config.ts'
import { listAccounts } from '../db/stores/accounts.ts'
import { listRepositories } from '../db/stores/repositories.ts'
import type { Account } from '../domain/account.ts'
import type { Repository } from '../domain/repository.ts'
import { toProblem } from '../domain/problem.ts'
import { isConnectorError } from '../lib/connector-error.ts'
import { systemRandom } from '../lib/random.ts'
import { openConnector, type Connector } from './connector.ts'
import { openLog } from './logging.ts'
import { EXIT, type CommandContext, type ExitCode } from './command.ts'
import { createProgressView } from './progress-view.ts'
import { syncThroughSocket } from './sync-through-socket.ts'
import { findTargets, isTargeted, targetUnmatched, type SyncTarget } from './sync-target.ts'
import { followDelivery, followSyncs } from './follow-work.ts'

export interface SyncOptions {
  readonly file: string | null
  readonly target: string | null
  readonly full: boolean
  readonly deliver: boolean
}

/** One synchronisation in the foreground, then delivery; through the running connector where there is one. */
export async function sync(options: SyncOptions, context: CommandContext): Promise<ExitCode> {
  const config = loadConfig({ file: options.file, env: context.env, cwd: context.cwd })
  const log = openLog({ log: { ...config.log, level: config.log.level === 'info' ? 'warn' : config.log.level } }, context.err)
  let connector: Connector
  try {
    connector = await openConnector({
      config,
      serverUrl: `http://${config.server.listen.host}:${config.server.listen.port}`,
      env: context.env,
      log,
      deliver: options.deliver,
    })
  } catch (error) {
    if (!isConnectorError(error, 'data-folder-locked')) throw error
    return syncThroughSocket({ config, options, context, log })
  }
  try {
    return await syncHere(connector, { options, context, repositoriesAtOnce: config.sync.concurrency })
  } finally {
    await connector.close()
  }
}

interface Here {
  readonly options: SyncOptions
  readonly context: CommandContext
  readonly repositoriesAtOnce: number
}

async function syncHere({ app }: Connector, { options, context, repositoriesAtOnce }: Here): Promise<ExitCode> {
  const { signal } = context
  const targets = findTargets(await listAccounts(app.db.read), options.target)
  const view = createProgressView(context.out)
  let failed = false
  if (app.settings.deliver) await refreshProjects(app, signal)
  const jobs = await runJobs(app, { repositoriesAtOnce, scheduled: false, random: systemRandom })
  try {
    for (const target of targets) failed = !(await sweepTarget(app, { target, full: options.full, view }, signal)) || failed
    const wanted = (repository: Repository) =>
      targets.some((target) => target.account.id === repository.accountId && isTargeted(target, repository.name))
    const read = async () => (await listEvery(app)).filter((repository) => repository.linked && wanted(repository))
    failed = !(await followSyncs({ read, view, clock: app.clock, signal })) || failed
    if (app.settings.deliver) failed = !(await followDelivery({ db: app.db, view, clock: app.clock, signal })) || failed
  } finally {
    view.stop()
    await jobs.stop()
  }
  return failed ? EXIT.failed : EXIT.done
}

type App = Connector['app']

/** Lists an account's repositories; false when that failed. Throws `target-unknown` when the named one is not among them. */
async function sweepTarget(
  app: App,
  { target, full, view }: { target: SyncTarget<Account>; full: boolean; view: ReturnType<typeof createProgressView> },
  signal: AbortSignal,
): Promise<boolean> {
  let requested = 0
  try {
    const only = full
      ? { only: () => false }
      : target.repository === null
        ? {}
        : { only: (path: string) => isTargeted(target, path) }
    const result = await sweepAccount(app, { accountId: target.account.id, trigger: 'command-line', ...only }, signal)
    requested = result.requested
    view.line(`${target.account.name}: ${result.total} repositories${full ? '' : `, ${requested} to look into`}`)
  } catch (error) {
    if (signal.aborted || !isConnectorError(error)) throw error
    const { message, remedy } = toProblem(error)
    view.line(`${target.account.name}: ${message} ${remedy ?? ''}`)
    return false
  }
  if (!full && target.repository === null) return true
  const meant = (await listEvery(app)).filter(
    ({ accountId, name }) => accountId === target.account.id && isTargeted(target, name),
  )
  const linked = meant.filter((repository) => repository.linked)
  if (target.repository !== null && linked.length === 0) throw targetUnmatched(target, meant.length > 0)
  // What somebody names is looked into even when nothing says that it changed.
  if (full || requested === 0)
    for (const { id } of linked) await requestRepositorySync(app, { id, mode: full ? 'full' : 'soft', trigger: 'command-line' })
  return true
}

async function listEvery(app: App): Promise<Repository[]> {
  const all: Repository[] = []
  for (;;) {
    const page = await listRepositories(app.db.read, { after: { sort: 'id', id: Number(all.at(-1)?.id ?? 0) }, limit: 1_000 })
    all.push(...page)
    if (page.length < 1_000) return all
  }
}
