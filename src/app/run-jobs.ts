import { listInterruptedSyncs, failInterruptedEntries } from '../db/stores/sync-state.ts'
import type { RunningJobs, WorkOptions } from '../jobs/job-queue.ts'
import type { AppContext } from './app-context.ts'
import { deliverIssues } from './delivery/deliver-issues.ts'
import { refreshProjects } from './delivery/refresh-projects.ts'
import { addSyncJob } from './sync/request-sync.ts'
import { planNextSweep, sweepAccount } from './sync/sweep-account.ts'
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
  }
  const handlers = {
    'sync-repository': (payload, { signal }) => syncRepository(app, payload, signal),
    'sweep-account': async (payload, { signal }) => {
      try {
        await sweepAccount(app, payload, signal)
      } finally {
        if (limits.scheduled && !signal.aborted) await planNextSweep(app, payload.accountId, limits.random)
      }
    },
    'process-webhook': (payload) => processWebhook(app, payload.deliveryId),
    deliver: async (_payload, { signal }) => {
      await deliverIssues(app, signal)
    },
    'refresh-projects': (_payload, { signal }) => refreshProjects(app, signal),
  } satisfies Parameters<AppContext['jobs']['start']>[0]
  const running = await app.jobs.start(handlers, { concurrency })
  if (app.settings.deliver) {
    await app.db.write('interactive', (tx) => app.jobs.add(tx, { name: 'refresh-projects', payload: {}, key: 'refresh-projects' }))
  }
  return running
}

/** Puts back into the queue what was running or waiting when the process died; its journal entries say so. */
async function recoverSyncs(app: AppContext): Promise<void> {
  const interrupted = await listInterruptedSyncs(app.db.read)
  const now = app.clock.now().getTime()
  await app.db.write('interactive', async (tx) => {
    await failInterruptedEntries(tx, now)
    for (const { id, mode } of interrupted) await addSyncJob(app, tx, { repositoryId: id, mode, trigger: 'restart' })
  })
}
