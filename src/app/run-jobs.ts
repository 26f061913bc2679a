import { abandonSync, failInterruptedSyncs, listSyncsWithoutJob } from '../db/stores/sync-state.ts'
import { setWebhookOutcome } from '../db/stores/webhook-deliveries.ts'
import { toProblem } from '../domain/problem.ts'
import type { JobName, JobPayloads, RunningJobs, WorkOptions } from '../jobs/job-queue.ts'
import type { AppContext } from './app-context.ts'
import { deliverIssues } from './delivery/deliver-issues.ts'
import { refreshProjects } from './delivery/refresh-projects.ts'
import { looksAfterJira, pollJira } from './jira-events/poll-jira.ts'
import { addSyncJob, syncJobKey } from './sync/request-sync.ts'
import { planNextSweep, sweepAccount, type SweepRequest } from './sync/sweep-account.ts'
import { syncRepository } from './sync/sync-repository.ts'
import { processWebhook } from './webhooks/process-webhook.ts'

export interface JobLimits {
  readonly repositoriesAtOnce: number
  /** Plan the next sweep after each one. */
  readonly scheduled: boolean
  readonly random: () => number
}

/** Starts the work of this process: what waits in the queue, and what a dead process left. */
export async function runJobs(app: AppContext, limits: JobLimits): Promise<RunningJobs> {
  await recoverSyncs(app)
  const concurrency: WorkOptions['concurrency'] = {
    'sync-repository': limits.repositoriesAtOnce,
    'sweep-account': 4,
    'process-webhook': 4,
    deliver: app.settings.deliver ? 1 : 0,
    'refresh-projects': app.settings.deliver ? 1 : 0,
    'poll-jira': app.settings.deliver ? 1 : 0,
  }
  const handlers = {
    'sync-repository': (payload, { signal }) => syncRepository(app, payload, signal),
    'sweep-account': (payload, { signal }) => sweepAndPlan(app, { limits, request: payload }, signal),
    'process-webhook': (payload) => processWebhook(app, payload.deliveryId),
    deliver: async (_payload, { signal }) => {
      await deliverIssues(app, signal)
    },
    'refresh-projects': (_payload, { signal }) => refreshProjects(app, signal),
    'poll-jira': (_payload, { signal }) => pollJira(app, signal),
  } satisfies Parameters<AppContext['jobs']['start']>[0]
  const running = await app.jobs.start(handlers, {
    concurrency,
    onGiveUp: (name, payload, error) => giveUp(app, { name, payload, error }),
  })
  if (app.settings.deliver) {
    await app.db.write('interactive', (tx) =>
      app.jobs.add(tx, { name: 'refresh-projects', payload: {}, key: 'refresh-projects' }),
    )
  }
  if (app.settings.deliver && looksAfterJira(app)) {
    await app.db.write('interactive', (tx) => app.jobs.add(tx, { name: 'poll-jira', payload: {}, key: 'poll-jira' }))
  }
  return running
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
    await sweepAccount(app, request, signal)
  } catch (error) {
    if (signal.aborted || !limits.scheduled || app.settings.sweepIntervalMs === null) throw error
    failure = error
  }
  if (limits.scheduled) await planNextSweep(app, request.accountId, { random: limits.random, failure })
}

/** Jira may be away for longer than the queue tries: what concerns it goes on for ever, slowly. */
const AFTER_GIVING_UP_MS = 5 * 60_000

async function giveUp(app: AppContext, job: { name: JobName; payload: JobPayloads[JobName]; error: unknown }): Promise<void> {
  const { name, payload, error } = job
  await app.db.write('background', async (tx) => {
    if (name === 'deliver' || name === 'refresh-projects' || name === 'poll-jira') {
      await app.jobs.add(tx, { name, payload: {}, key: name, runAt: new Date(app.clock.now().getTime() + AFTER_GIVING_UP_MS) })
    } else if ('deliveryId' in payload) {
      await setWebhookOutcome(tx, payload.deliveryId, { state: 'failed', problem: toProblem(error) })
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
  if (app.db.kind !== 'sqlite') return
  const now = app.clock.now().getTime()
  await app.db.write('interactive', async (tx) => {
    await failInterruptedSyncs(tx, now)
    for (const { id, mode } of await listSyncsWithoutJob(tx, syncJobKey)) {
      await addSyncJob(app, tx, { repositoryId: id, mode, trigger: 'restart' })
    }
  })
}
