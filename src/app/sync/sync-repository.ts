import { isSignInProblem, type Account } from '../../domain/account.ts'
import { findWebhookOf, type Asker } from '../../domain/asker.ts'
import type { RepositoryId } from '../../domain/ids.ts'
import { toProblem } from '../../domain/problem.ts'
import type { Repository } from '../../domain/repository.ts'
import { findAccount, setAccountState } from '../../db/stores/accounts.ts'
import type { Tx } from '../../db/database.ts'
import { repairDrift } from '../../db/stores/proofs.ts'
import { findRepository } from '../../db/stores/repositories.ts'
import { isRelinkedUnmet } from '../../db/stores/relinked.ts'
import { isRestoredUnmet } from '../../db/stores/restored-work.ts'
import { findWebhookCause } from '../../db/stores/sync-cause.ts'
import { findRememberedAsker } from '../../db/stores/sync-journal.ts'
import {
  beginSync,
  dropSync,
  endSync,
  findSyncAttempts,
  isSyncCancelled,
  type FinishedSync,
  type StartedSync,
  type SyncOutcome,
} from '../../db/stores/sync-state.ts'
import { JOB_CANCELLED } from '../../jobs/job-runner.ts'
import { isConnectorError } from '../../lib/connector-error.ts'
import type { AppContext } from '../app-context.ts'
import { createEventRecorder } from '../triggers/event-recorder.ts'
import { countJobs } from './count-jobs.ts'
import { importBuilds } from './import-builds.ts'
import { importDeployments } from './import-deployments.ts'
import { followNewCommits } from './follow-new-commits.ts'
import { finishHistory, importNewCommits, planHistory } from './import-history.ts'
import { importPullRequests } from './import-pull-requests.ts'
import { mirrorOf, openHistory } from './open-history.ts'
import { addSyncJob } from './request-sync.ts'
import { createProgressReport, syncCancelled, type SyncRun } from './sync-run.ts'

const FIRST_RETRY_MS = 60_000
const LONGEST_RETRY_MS = 60 * 60_000

/** How soon a run notices that another node cancelled it; git then ends within the rest of a second. */
const CANCEL_CHECK_MS = 500

/** One synchronisation of one repository, from queued to its end. Its failures are recorded, not thrown. */
export async function syncRepository(
  app: AppContext,
  request: { repositoryId: RepositoryId; trigger: string; askedBy?: Asker },
  signal: AbortSignal,
): Promise<void> {
  const rules = await app.issueKeyRules.refresh()
  const now = app.clock.now().getTime()
  const begun = await app.db.write('background', (tx) => begin(tx, { ...request, now }))
  if (begun === null) return
  const { repository, account, entry, mode } = begun
  const progress = createProgressReport(app, repository)
  const askedBy = request.askedBy ?? null
  const webhook = findWebhookOf(askedBy)
  const log = app.log.child({
    repositoryId: repository.id,
    repository: repository.name,
    sync: entry,
    ...(webhook === null ? {} : { webhook }),
  })
  log.debug({ mode, trigger: request.trigger, askedBy }, 'sync started')
  const count = { requests: 0 }

  let outcome: SyncOutcome
  const cancel = watchCancel(app, repository.id)
  const either = AbortSignal.any([signal, cancel.signal])
  try {
    const connection = await app.connections.get(account.id)
    const restored = await isRestoredUnmet(app.db.read, repository.id)
    const relinked = await isRelinkedUnmet(app.db.read, repository.id)
    const events = await createEventRecorder(app, { repository, entry, isNews: !restored && !relinked })
    const full = mode === 'full'
    const place = { app, entry, account, repository, connection, full, restored, relinked }
    const run = { ...place, rules, signal: either, progress, events }
    await app.requests.run(count, () => runWithFreshMirror(run))
    outcome = { kind: 'done' }
  } catch (error) {
    const cancelled = isConnectorError(error, JOB_CANCELLED) || isCancelled(either)
    if (signal.aborted && !cancelled) throw error
    outcome = await toOutcome(app, { repository, error, cancelled })
    if (outcome.kind !== 'cancelled') log.warn({ error: toProblem(error), cause: error }, 'sync failed')
  } finally {
    await cancel.end()
  }
  const { requests } = count
  const ending = { steps: progress.steps(), requests }
  await finish(app, { repository, account, entry, outcome, progress: progress.counts, ending, askedBy })
  const ms = app.clock.now().getTime() - now
  log.info({ outcome: outcome.kind, ...progress.counts, requests, ms }, 'sync ended')
  await measure(app, { outcome, ms, askedBy })
}

/** Every webhook that asked since the last run is served by this one; the newest is measured. */
async function measure(app: AppContext, run: { outcome: SyncOutcome; ms: number; askedBy: Asker | null }): Promise<void> {
  const { kind } = run.outcome
  app.metrics.syncEnded(kind === 'done' || kind === 'cancelled' ? kind : 'failed', run.ms)
  if (kind !== 'done') return
  const webhook = await findWebhookCause(app.db.read, run.askedBy)
  if (webhook !== null) app.metrics.stored(app.clock.now().getTime() - webhook.receivedAt)
}

interface Begun extends StartedSync {
  readonly repository: Repository
  readonly account: Account
}

/** In one transaction, so that what is asked for meanwhile is either served by this run or remembered in it. */
async function begin(
  tx: Tx,
  { repositoryId, now, ...asked }: { repositoryId: RepositoryId; trigger: string; askedBy?: Asker; now: number },
): Promise<Begun | null> {
  const repository = await findRepository(tx, repositoryId)
  if (repository === null) return null
  const account = repository.linked ? await findAccount(tx, repository.accountId) : null
  if (account === null) {
    await dropSync(tx, repositoryId, now)
    return null
  }
  return { repository, account, ...(await beginSync(tx, repositoryId, { ...asked, now })) }
}

interface CancelWatch {
  /** Aborted when somebody cancels the run, on whatever node. */
  readonly signal: AbortSignal
  end(): Promise<void>
}

/** Looks at the row now and then: a fetch of Git stores nothing for minutes. */
function watchCancel(app: AppContext, id: RepositoryId): CancelWatch {
  const cancelled = new AbortController()
  const ended = new AbortController()
  const watch = async () => {
    while (!cancelled.signal.aborted) {
      await app.clock.sleep(CANCEL_CHECK_MS, ended.signal)
      if (await isSyncCancelled(app.db.read, id)) cancelled.abort(syncCancelled())
    }
  }
  const watching = watch().catch((error: unknown) => {
    // The run's own writes look as well.
    if (!ended.signal.aborted)
      app.log.warn({ repositoryId: id, error: String(error) }, 'could not look whether the sync was cancelled')
  })
  return {
    signal: cancelled.signal,
    end() {
      ended.abort()
      return watching
    },
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

async function runSteps(asked: SyncRun): Promise<void> {
  const { run, history } = await openHistory(asked)
  const plan = await planHistory(run, history)
  await importNewCommits(run, history, plan)
  await followNewCommits(run, history, plan)
  const touched = await importPullRequests(run, history, plan)
  if (touched || plan.whole || !history.unchanged) await finishHistory(run, history, plan)
  run.progress.step('builds')
  await importBuilds(run)
  await importDeployments(run, history)
  await countJobs(run)
}

/** Cancelled by a person; any other abort means that the process ends and the job waits again. */
const isCancelled = (signal: AbortSignal) => signal.aborted && isConnectorError(signal.reason, JOB_CANCELLED)

async function toOutcome(
  app: AppContext,
  failure: { repository: Repository; error: unknown; cancelled: boolean },
): Promise<SyncOutcome> {
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
  readonly ending: NonNullable<FinishedSync['account']>
  readonly askedBy: Asker | null
}

async function finish(app: AppContext, { repository, account, outcome, askedBy, ...run }: Ending): Promise<void> {
  const now = app.clock.now().getTime()
  const again = outcome.kind === 'retrying' ? outcome.at : outcome.kind === 'paused' ? outcome.until : null
  const gone = await app.db.write('background', async (tx) => {
    const requested = await endSync(tx, repository.id, {
      entry: run.entry,
      outcome,
      progress: run.progress,
      now,
      account: run.ending,
    })
    if (requested === 'gone') return true
    if (outcome.kind === 'done') await repairDrift(tx, repository.id, now)
    if (requested !== null) {
      const asker = await findRememberedAsker(tx, repository.id)
      await addSyncJob(app, tx, {
        repositoryId: repository.id,
        mode: requested,
        trigger: 'requested',
        ...(asker === null ? {} : { askedBy: asker }),
      })
    } else if (again !== null)
      await addSyncJob(app, tx, {
        repositoryId: repository.id,
        mode: repository.sync.mode,
        trigger: 'retry',
        ...(askedBy === null ? {} : { askedBy }),
        runAt: new Date(again),
      })
    if ('problem' in outcome && isSignInProblem(outcome.problem)) {
      await setAccountState(tx, account.id, 'needs-sign-in', outcome.problem)
    }
    return false
  })
  // Deleted while it ran: what it fetched since then goes as well.
  if (gone) await mirrorOf(app, repository).discard()
}
