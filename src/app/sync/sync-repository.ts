import type { Account } from '../../domain/account.ts'
import type { RepositoryId } from '../../domain/ids.ts'
import { toProblem } from '../../domain/problem.ts'
import type { Repository, SyncMode } from '../../domain/repository.ts'
import { findAccount, setAccountState } from '../../db/stores/accounts.ts'
import { findRepository, setRepositoryPath } from '../../db/stores/repositories.ts'
import { beginSync, cancelWaitingSync, endSync, findSyncAttempts, type SyncOutcome } from '../../db/stores/sync-state.ts'
import { JOB_CANCELLED } from '../../jobs/job-runner.ts'
import { isConnectorError } from '../../lib/connector-error.ts'
import type { AppContext } from '../app-context.ts'
import { finishHistory, importNewCommits, planHistory } from './import-history.ts'
import { importPullRequests } from './import-pull-requests.ts'
import { mirrorOf, openHistory } from './open-history.ts'
import { addSyncJob } from './request-sync.ts'
import { createProgressReport, type SyncRun } from './sync-run.ts'

const FIRST_RETRY_MS = 60_000
const LONGEST_RETRY_MS = 60 * 60_000

/** One synchronisation of one repository, from queued to its end. Its failures are recorded, not thrown. */
export async function syncRepository(app: AppContext, request: { repositoryId: RepositoryId; trigger: string }, signal: AbortSignal): Promise<void> {
  const repository = await findRepository(app.db.read, request.repositoryId)
  if (repository === null) return
  if (!repository.linked) {
    await app.db.write('background', (tx) => cancelWaitingSync(tx, repository.id))
    return
  }
  const account = await findAccount(app.db.read, repository.accountId)
  if (account === null) return
  const mode: SyncMode = repository.sync.mode
  const now = app.clock.now().getTime()
  const entry = await app.db.write('background', (tx) => beginSync(tx, repository.id, { mode, trigger: request.trigger, now }))
  const progress = createProgressReport(app, repository)
  const log = app.log.child({ repositoryId: repository.id, repository: repository.name, sync: entry })

  let outcome: SyncOutcome
  try {
    const connection = await app.connections.get(account.id)
    const run: SyncRun = { app, account, repository, connection, full: mode === 'full', signal, progress }
    await runUnderTodaysName(run)
    outcome = { kind: 'done' }
  } catch (error) {
    if (signal.aborted && !isCancelled(signal)) throw error
    outcome = await toOutcome(app, { repository, error, cancelled: isCancelled(signal) })
    if (outcome.kind !== 'cancelled') log.warn({ error: toProblem(error), cause: error }, 'sync failed')
  }
  await finish(app, { repository, account, entry, outcome, progress: progress.counts })
  log.info({ outcome: outcome.kind, ...progress.counts, ms: app.clock.now().getTime() - now }, 'sync ended')
}

/** Git knows names, not ids, and the stored name is as old as the last listing: a renamed repository is asked for by its id. */
async function runUnderTodaysName(run: SyncRun): Promise<void> {
  const { app, repository, connection, signal } = run
  try {
    await runWithFreshMirror(run)
  } catch (error) {
    if (!isConnectorError(error, 'redirect-refused') && !isConnectorError(error, 'not-found')) throw error
    const found = await connection.findRepository(repository.hostId, signal)
    if (found === null || found.path === repository.name) throw error
    app.log.info({ repositoryId: repository.id, from: repository.name, to: found.path }, 'repository was renamed')
    await app.db.write('background', (tx) => setRepositoryPath(tx, repository.id, found))
    await runWithFreshMirror({ ...run, repository: (await findRepository(app.db.read, repository.id)) ?? repository })
  }
}

/** Runs the steps; a damaged mirror is thrown away and fetched again, once. */
async function runWithFreshMirror(run: SyncRun): Promise<void> {
  try {
    await runSteps(run)
  } catch (error) {
    if (!isConnectorError(error, 'mirror-corrupt')) throw error
    run.app.log.warn({ repositoryId: run.repository.id, error: error.userMessage }, 'mirror thrown away')
    await mirrorOf(run.app, run.repository).discard()
    const repository = await findRepository(run.app.db.read, run.repository.id)
    await runSteps({ ...run, repository: { ...(repository ?? run.repository), historyComplete: false } })
  }
}

async function runSteps(run: SyncRun): Promise<void> {
  const history = await openHistory(run)
  const plan = await planHistory(run, history)
  await importNewCommits(run, history, plan)
  const touched = await importPullRequests(run, history, plan)
  if (touched || plan.whole || !history.unchanged) await finishHistory(run, history, plan)
}

/** Cancelled by a person; any other abort means that the process ends and the job waits again. */
const isCancelled = (signal: AbortSignal) => signal.aborted && isConnectorError(signal.reason, JOB_CANCELLED)

async function toOutcome(app: AppContext, failure: { repository: Repository; error: unknown; cancelled: boolean }): Promise<SyncOutcome> {
  if (failure.cancelled) return { kind: 'cancelled' }
  const { error } = failure
  const problem = toProblem(error)
  if (isConnectorError(error, 'rate-limited')) return { kind: 'paused', problem, until: error.retryAt?.getTime() ?? null }
  // What nobody but a person can mend waits for the next sweep or request instead of knocking every minute.
  if (isConnectorError(error) && !error.retryable) return { kind: 'paused', problem, until: null }
  const attempts = await findSyncAttempts(app.db.read, failure.repository.id)
  const wait = Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** Math.min(attempts, 10))
  return { kind: 'retrying', problem, at: app.clock.now().getTime() + wait }
}

interface Ending {
  readonly repository: Repository
  readonly account: Account
  readonly entry: number
  readonly outcome: SyncOutcome
  readonly progress: Repository['sync']['progress']
}

async function finish(app: AppContext, { repository, account, entry, outcome, progress }: Ending): Promise<void> {
  const now = app.clock.now().getTime()
  const again = outcome.kind === 'retrying' ? outcome.at : outcome.kind === 'paused' ? outcome.until : null
  await app.db.write('background', async (tx) => {
    const requested = await endSync(tx, repository.id, { entry, outcome, progress, now })
    if (requested !== null) await addSyncJob(app, tx, { repositoryId: repository.id, mode: requested, trigger: 'requested' })
    else if (again !== null) await addSyncJob(app, tx, { repositoryId: repository.id, mode: repository.sync.mode, trigger: 'retry', runAt: new Date(again) })
    if ('problem' in outcome && outcome.problem.code === 'credentials-refused') {
      await setAccountState(tx, account.id, 'needs-sign-in', outcome.problem)
    }
  })
}
