import { z } from 'zod'
import type { Config } from '../config/config.ts'
import { openDatabase } from '../db/open-database.ts'
import { systemClock } from '../lib/clock.ts'
import { ConnectorError } from '../lib/connector-error.ts'
import type { Logger } from '../lib/logger.ts'
import { listAll } from './administration.ts'
import { followDelivery, followSyncs } from './follow-work.ts'
import { createLocalApi, type LocalApi } from './local-api.ts'
import { EXIT, type CommandContext, type ExitCode } from './command.ts'
import { createProgressView, type ProgressView } from './progress-view.ts'
import { findTargets, isTargeted, targetUnmatched, type SyncTarget } from './sync-target.ts'

const problem = z.object({ code: z.string(), message: z.string(), remedy: z.string().nullable() })
const repositorySchema = z.object({
  id: z.string(),
  accountId: z.string(),
  name: z.string(),
  linked: z.boolean(),
  sync: z.object({
    state: z.enum(['idle', 'queued', 'running', 'retrying', 'paused']),
    step: z.enum(['fetching', 'history', 'pull-requests', 'finishing', 'builds']).nullable(),
    progress: z.object({ commits: z.number(), branches: z.number(), pullRequests: z.number(), issues: z.number() }),
    error: problem.nullable(),
  }),
})
const accountSchema = z.object({
  id: z.string(),
  name: z.string(),
  owner: z.string().nullable(),
  // A connector that runs since before an upgrade tells none.
  resolvedOwner: z.object({ path: z.string() }).nullable().default(null),
  problem: problem.nullable(),
  lastSync: z.string().nullable(),
  nextSync: z.string().nullable(),
  repositories: z.object({ total: z.number(), linked: z.number() }),
})
type AccountJson = z.infer<typeof accountSchema>

const LOOK_EVERY_MS = 100
/** Without a schedule nothing tells that a listing failed once more, in the same way as before. */
const SAME_PROBLEM_MS = 30_000

export interface SocketSync {
  readonly config: Config
  readonly options: { readonly target: string | null; readonly full: boolean; readonly deliver: boolean }
  readonly context: CommandContext
  readonly log: Logger
}

interface Running {
  readonly api: LocalApi
  readonly view: ProgressView
  readonly full: boolean
  readonly signal: AbortSignal
}

/**
 * Asks the connector that runs on this data folder for the synchronisation, and follows it and the delivery.
 *
 * @throws ConnectorError `delivery-not-optional`, `target-unknown`, `no-accounts`, and what the connector answers
 */
export async function syncThroughSocket({ config, options, context, log }: SocketSync): Promise<ExitCode> {
  if (!options.deliver) throw deliveryNotOptional()
  const { signal } = context
  const view = createProgressView(context.out)
  const api = createLocalApi(config.dataDir)
  const running = { api, view, full: options.full, signal }
  try {
    view.line('A connector runs on this data folder: it does the work.')
    const targets = findTargets(await listAll(api, '/api/v1/accounts', accountSchema), options.target)
    let failed = !(await request(running, targets))
    const read = async () =>
      (await listRepositories(api)).filter((repository) => targets.some((target) => isWanted(target, repository)))
    failed = !(await followSyncs({ read, view, clock: systemClock, signal })) || failed
    failed = !(await followItsDelivery({ config, log, running })) || failed
    return failed ? EXIT.failed : EXIT.done
  } finally {
    view.stop()
  }
}

type Target = SyncTarget<AccountJson>

const listRepositories = (api: LocalApi) => listAll(api, '/api/v1/repositories', repositorySchema)

const isMeant = ({ account, repository }: Target, { accountId, name }: { accountId: string; name: string }) =>
  account.id === accountId && isTargeted({ account, repository }, name)

const isWanted = (target: Target, repository: z.infer<typeof repositorySchema>) =>
  repository.linked && isMeant(target, repository)

/** False when an account could not be listed. Listings run beside each other: all are asked for before one is waited for. */
async function request(running: Running, targets: readonly Target[]): Promise<boolean> {
  const asked: { readonly target: Target; readonly listing: boolean }[] = []
  for (const target of targets) asked.push(await askForListing(running, target))
  let complete = true
  for (const { target, listing } of asked) {
    if (listing && !(await untilListed(running, target))) complete = false
    else if (running.full || target.repository !== null) await askForSyncs(running, target)
  }
  return complete
}

/** The account as it was before: later its mark or its schedule shows that it was listed. A repository that is linked needs no listing. */
async function askForListing({ api }: Running, target: Target): Promise<{ target: Target; listing: boolean }> {
  if (target.repository !== null && (await listRepositories(api)).some((one) => isWanted(target, one)))
    return { target, listing: false }
  const path = `/api/v1/accounts/${encodeURIComponent(target.account.id)}`
  const account = await api.send({ method: 'GET', path, schema: accountSchema })
  await api.send({ method: 'POST', path: `${path}/refresh`, schema: z.unknown() })
  return { target: { ...target, account }, listing: true }
}

/** Waits for the listing, which asks by itself for what may have changed; false, after it said why, when it failed. */
async function untilListed({ api, view, signal }: Running, { account: before }: Target): Promise<boolean> {
  const startedAt = systemClock.monotonicMs()
  const path = `/api/v1/accounts/${encodeURIComponent(before.id)}`
  for (;;) {
    const now = await api.send({ method: 'GET', path, schema: accountSchema })
    if (now.lastSync !== before.lastSync) {
      view.line(`${now.name}: ${now.repositories.total} repositories, ${now.repositories.linked} linked`)
      return true
    }
    const failure = findFailure(before, now, systemClock.monotonicMs() - startedAt)
    if (failure !== null) {
      view.line(`${now.name}: ${failure.message} ${failure.remedy ?? ''}`.trimEnd())
      return false
    }
    await systemClock.sleep(LOOK_EVERY_MS, signal)
  }
}

/** After every listing the next one is planned; where there is no schedule, a new problem tells, or one that stays. */
function findFailure(before: AccountJson, now: AccountJson, waitedMs: number): AccountJson['problem'] {
  if (now.problem === null) return null
  const ended =
    now.nextSync === null
      ? before.problem?.message !== now.problem.message || waitedMs > SAME_PROBLEM_MS
      : now.nextSync !== before.nextSync
  return ended ? now.problem : null
}

/** What somebody names, or wants in full, is looked into even when nothing says that it changed. */
async function askForSyncs({ api, full }: Running, target: Target): Promise<void> {
  const meant = (await listRepositories(api)).filter((repository) => isMeant(target, repository))
  const linked = meant.filter((repository) => repository.linked)
  if (target.repository !== null && linked.length === 0) throw targetUnmatched(target, meant.length > 0)
  for (const { id } of linked)
    await api.send({
      method: 'POST',
      path: `/api/v1/repositories/${id}/sync?mode=${full ? 'full' : 'soft'}`,
      schema: z.unknown(),
    })
}

/** Read from the database, beside the connector that works with it: what waits for Jira is counted there. */
async function followItsDelivery({
  config,
  log,
  running: { view, signal },
}: Pick<SocketSync, 'config' | 'log'> & { running: Running }): Promise<boolean> {
  const { database, dataDir } = config
  const db = await openDatabase({
    database: database.kind === 'sqlite' ? 'sqlite' : database.url.reveal(),
    dataDir,
    log,
    asItIs: true,
  })
  try {
    return await followDelivery({ db, view, clock: systemClock, signal })
  } finally {
    await db.close()
  }
}

function deliveryNotOptional(): ConnectorError {
  return new ConnectorError('delivery-not-optional', {
    userMessage:
      'A connector runs on this data folder and delivers to Jira what is imported: --no-deliver cannot keep it from that.',
    remedy: 'Leave the option out, or stop the connector first.',
  })
}
