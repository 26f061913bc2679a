import { abandonSync, failInterruptedSyncs, listSyncsWithoutJob } from '../db/stores/sync-state.ts'
import { buryWebhook } from '../db/stores/webhook-deliveries.ts'
import { toProblem } from '../domain/problem.ts'
import type { JobName, JobPayloads, RunningJobs, WorkOptions } from '../jobs/job-queue.ts'
import type { AppContext } from './app-context.ts'
import { startClockWatch } from './clock-watch.ts'
import { continueDeletion, deletionJobKey } from './accounts/delete-account.ts'
import { planPruning, pruneJournals } from './audit/prune-journals.ts'
import { checkCredentials, scheduleCredentialChecks } from './credentials/check-credentials.ts'
import { deliverIssues } from './delivery/deliver-issues.ts'
import { refreshProjects } from './delivery/refresh-projects.ts'
import { loadFiles, planFiles } from './panel/load-files.ts'
import { looksAfterJira, pollJira } from './jira-events/poll-jira.ts'
import { addExecutionJob } from './smart-commits/execution-job.ts'
import { executeSmartCommits } from './smart-commits/execute-smart-commits.ts'
import { addSyncJob, syncJobKey } from './sync/request-sync.ts'
import { planNextProof, proveAccount } from './sync/prove-account.ts'
import { planNextSweep, sweepAccount, type SweepRequest } from './sync/sweep-account.ts'
import { syncRepository } from './sync/sync-repository.ts'
import { runTriggers } from './triggers/run-triggers.ts'
import { recordMissedWebhooks } from './webhooks/record-missed-webhooks.ts'
import { processWebhook } from './webhooks/process-webhook.ts'
import { processPendingWebhooks } from './webhooks/process-webhooks.ts'
import { addRotationJob, rotateSecret } from './webhooks/rotate-secret.ts'

export interface JobLimits {
  readonly repositoriesAtOnce: number
  /** Plan the next sweep after each one. */
  readonly scheduled: boolean
  readonly random: () => number
}

/** They wait for hosts: one that does not answer holds its account's place for minutes, and no other's. */
const SWEEPS_AT_ONCE = 16
const PROOFS_AT_ONCE = 4
/** Repositories; all of them share the pace of the one Jira. */
const SMART_COMMITS_AT_ONCE = 2

/** What is changed by the start itself goes first. */
const FIRST_FILES_AFTER_MS = 60_000

/** Starts the work of this process: what waits in the queue, and what a dead process left. */
export async function runJobs(app: AppContext, limits: JobLimits): Promise<RunningJobs> {
  await recoverSyncs(app)
  const handlers = {
    'sync-repository': (payload, { signal }) => syncRepository(app, payload, signal),
    'sweep-account': (payload, { signal }) => sweepAndPlan(app, { limits, request: payload }, signal),
    'prove-account': (payload, { signal }) => proveAndPlan(app, { limits, request: payload }, signal),
    'process-webhook': (payload) => processWebhook(app, payload.deliveryId),
    'process-webhooks': (_payload, { signal }) => processPendingWebhooks(app, signal),
    'rotate-webhook-secret': (payload, { signal }) => rotateSecret(app, payload.accountId, signal),
    'check-credentials': ({ accountId }, { signal }) => checkCredentials(app, { accountId, planNext: limits.scheduled }, signal),
    deliver: async (_payload, { signal }) => {
      await app.jiraAccess.refresh()
      await deliverIssues(app, signal)
    },
    'refresh-projects': async (_payload, { signal }) => {
      // The node that connected Jira is another one.
      await app.jiraAccess.refresh()
      await refreshProjects(app, signal)
    },
    'prune-journals': (_payload, { signal }) => pruneJournals(app, signal),
    'poll-jira': async (_payload, { signal }) => {
      await app.jiraAccess.refresh()
      await pollJira(app, signal)
    },
    'load-files': async (_payload, { signal }) => {
      await loadFiles(app, signal)
      await planFiles(app)
    },
    'execute-smart-commits': ({ repositoryId }, { signal }) => executeSmartCommits(app, repositoryId, signal),
    'run-triggers': async (_payload, { signal }) => {
      await app.jiraAccess.refresh()
      await runTriggers(app, signal)
    },
    'delete-account': ({ accountId }, { signal, attempt }) => continueDeletion(app, { accountId, attempt }, signal),
  } satisfies Parameters<AppContext['jobs']['start']>[0]
  const running = await app.jobs.start(handlers, {
    concurrency: toConcurrency(app, limits),
    onGiveUp: (name, payload, error) => giveUp(app, { name, payload, error }),
  })
  if (limits.scheduled) await scheduleCredentialChecks(app)
  if (app.settings.deliver) {
    await app.db.write('interactive', (tx) =>
      app.jobs.add(tx, { name: 'refresh-projects', payload: {}, key: 'refresh-projects' }),
    )
  }
  await planPruning(app, app.clock.now())
  if (limits.scheduled) await planFiles(app, FIRST_FILES_AFTER_MS)
  if (app.settings.deliver && (await looksAfterJira(app))) {
    await app.db.write('interactive', (tx) => app.jobs.add(tx, { name: 'poll-jira', payload: {}, key: 'poll-jira' }))
  }
  const clock = await startClockWatch(app)
  return {
    ...running,
    async stop() {
      await clock.stop()
      await running.stop()
    },
  }
}

/** A process that does not deliver leaves what is Jira's to others. */
function toConcurrency({ settings }: AppContext, { repositoriesAtOnce }: JobLimits): WorkOptions['concurrency'] {
  const once = settings.deliver ? 1 : 0
  return {
    'sync-repository': repositoriesAtOnce,
    'sweep-account': SWEEPS_AT_ONCE,
    'prove-account': PROOFS_AT_ONCE,
    'process-webhook': 4,
    deliver: once,
    'refresh-projects': once,
    'prune-journals': 1,
    'poll-jira': once,
    'execute-smart-commits': once * SMART_COMMITS_AT_ONCE,
    'run-triggers': once,
  }
}

/**
 * On the schedule a failed sweep is planned anew instead of being tried again by the queue: the plan, remembered while
 * the job runs, would take the place of that try and its count, and an account in trouble would be knocked at for ever.
 */
async function sweepAndPlan(
  app: AppContext,
  { limits, request }: { limits: JobLimits; request: SweepRequest },
  signal: AbortSignal,
): Promise<void> {
  let failure: unknown = null
  try {
    await recordMissedWebhooks(app, request.accountId)
    await sweepAccount(app, request, signal)
  } catch (error) {
    if (signal.aborted || !limits.scheduled || app.settings.sweepIntervalMs === null) throw error
    failure = error
  }
  if (!limits.scheduled) return
  await planNextSweep(app, request.accountId, { random: limits.random, failure })
  // Of an account that is new; else one is planned already.
  await planNextProof(app, request.accountId, limits.random)
}

/** The part of the next hour does not wait for this one to succeed; what it left is due then. */
async function proveAndPlan(
  app: AppContext,
  { limits, request }: { limits: JobLimits; request: JobPayloads['prove-account'] },
  signal: AbortSignal,
): Promise<void> {
  if (limits.scheduled && request.step === 'compare') await planNextProof(app, request.accountId, limits.random)
  await proveAccount(app, request, signal)
}

/** Jira, or the database, may be away for longer than the queue tries. */
const AFTER_GIVING_UP_MS = 5 * 60_000
/** A Git host that is away for longer than the queue tries. */
const ROTATION_PAUSE_MS = 60 * 60_000

/** What concerns everybody goes on for ever, slowly. */
const LASTING_JOBS = [
  'deliver',
  'refresh-projects',
  'process-webhooks',
  'prune-journals',
  'poll-jira',
  'load-files',
  'run-triggers',
] as const
type LastingJob = (typeof LASTING_JOBS)[number]

const isLasting = (name: JobName): name is LastingJob => (LASTING_JOBS as readonly JobName[]).includes(name)

async function giveUp(app: AppContext, job: { name: JobName; payload: JobPayloads[JobName]; error: unknown }): Promise<void> {
  const { name, payload, error } = job
  await app.db.write('background', async (tx) => {
    if (isLasting(name)) {
      await app.jobs.add(tx, { name, payload: {}, key: name, runAt: new Date(app.clock.now().getTime() + AFTER_GIVING_UP_MS) })
    } else if (name === 'delete-account' && 'accountId' in payload) {
      const runAt = new Date(app.clock.now().getTime() + AFTER_GIVING_UP_MS)
      const { accountId } = payload
      await app.jobs.add(tx, { name, payload: { accountId }, key: deletionJobKey(accountId), runAt })
    } else if (name === 'rotate-webhook-secret' && 'accountId' in payload) {
      // The old secret stays valid as long as a hook carries it.
      await addRotationJob(app, tx, { id: payload.accountId, runAt: new Date(app.clock.now().getTime() + ROTATION_PAUSE_MS) })
    } else if (name === 'execute-smart-commits' && 'repositoryId' in payload) {
      const runAt = new Date(app.clock.now().getTime() + AFTER_GIVING_UP_MS)
      await addExecutionJob(app, tx, { repositoryId: payload.repositoryId, runAt })
    } else if ('deliveryId' in payload) {
      const event = await buryWebhook(tx, payload.deliveryId, { problem: toProblem(error), now: app.clock.now().getTime() })
      if (event !== null) app.metrics.webhookProcessed(event, 'dead')
    } else if (name === 'sync-repository' && 'repositoryId' in payload) {
      const { repositoryId } = payload
      const requested = await abandonSync(tx, repositoryId, { problem: toProblem(error), now: app.clock.now().getTime() })
      if (requested !== null) await addSyncJob(app, tx, { repositoryId, mode: requested, trigger: 'requested' })
    }
  })
}

/**
 * The embedded queue belongs to this process, so what runs at its start was left by one that died. The queue keeps its
 * jobs and counts their tries; only what has none is asked for again. Of many nodes others may be at work: there the
 * queue brings the jobs of dead ones back, and the next run ends the journal entry of the last.
 */
async function recoverSyncs(app: AppContext): Promise<void> {
  if (app.db.kind === 'sqlite') await askForSyncsAgain(app)
}

/** What was synchronising, or waited for it, in a database on which nobody works. */
export async function askForSyncsAgain(app: Pick<AppContext, 'db' | 'jobs' | 'clock'>): Promise<void> {
  const now = app.clock.now().getTime()
  await app.db.write('interactive', async (tx) => {
    await failInterruptedSyncs(tx, now)
    for (const { id, mode } of await listSyncsWithoutJob(tx, syncJobKey)) {
      await addSyncJob(app, tx, { repositoryId: id, mode, trigger: 'restart' })
    }
  })
}
