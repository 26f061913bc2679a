import { askerOf, type Asker } from '../../domain/asker.ts'
import type { AccountId, RepositoryId } from '../../domain/ids.ts'
import type { SyncMode } from '../../domain/repository.ts'
import type { Tx } from '../../db/database.ts'
import { findAccountOf } from '../../db/stores/repositories.ts'
import { rememberAskers } from '../../db/stores/sync-journal.ts'
import { requestSync, requestSyncs } from '../../db/stores/sync-state.ts'
import type { JobRequest } from '../../jobs/job-queue.ts'
import type { AppContext } from '../app-context.ts'

export interface SyncRequest {
  readonly repositoryId: RepositoryId
  readonly mode: SyncMode
  /** Why: `schedule`, `webhook`, `manual`, `command-line`, `link`, `retry`, `requested`. */
  readonly trigger: string
  /** Who asked; default: as the trigger tells. */
  readonly askedBy?: Asker
  /** Default: now. A later time is a retry: it leaves the state that says why. */
  readonly runAt?: Date
  readonly priority?: NonNullable<JobRequest['priority']>
  /** Orders first imports of one account. */
  readonly rank?: number
}

export const syncJobKey = (id: RepositoryId): string => `sync:${id}`

/** Asks for a synchronisation: queued, or remembered when one is running. */
export async function addSyncJob(app: Pick<AppContext, 'jobs'>, tx: Tx, request: SyncRequest): Promise<void> {
  const { trigger, askedBy = askerOf(trigger) } = request
  if (request.runAt === undefined) {
    const state = await requestSync(tx, request.repositoryId, request.mode)
    if (state === 'remembered') {
      await rememberAskers(tx, [{ repositoryId: request.repositoryId, askedBy }])
      return
    }
  }
  const account = await findAccountOf(tx, request.repositoryId)
  await app.jobs.add(tx, {
    name: 'sync-repository',
    payload: { repositoryId: request.repositoryId, trigger, askedBy },
    key: syncJobKey(request.repositoryId),
    ...(request.runAt === undefined ? {} : { runAt: request.runAt }),
    ...(request.priority === undefined ? {} : { priority: request.priority }),
    ...(request.rank === undefined ? {} : { rank: request.rank }),
    // Places are shared out among accounts.
    ...(account === null ? {} : { party: account }),
  })
}

export interface WebhookSync {
  readonly repositoryId: RepositoryId
  readonly accountId: AccountId
  readonly askedBy: Asker
}

/** Asks for what webhooks ask for, like `addSyncJob`: of hundreds that come together with a statement for each kind of change. */
export async function addWebhookSyncs(app: Pick<AppContext, 'jobs'>, tx: Tx, wanted: readonly WebhookSync[]): Promise<void> {
  if (wanted.length === 0) return
  const running = await requestSyncs(
    tx,
    wanted.map(({ repositoryId }) => repositoryId),
    'soft',
  )
  await rememberAskers(
    tx,
    wanted.filter(({ repositoryId }) => running.has(repositoryId)),
  )
  const queued = wanted.filter(({ repositoryId }) => !running.has(repositoryId))
  await app.jobs.addAll(
    tx,
    queued.map(({ repositoryId, accountId, askedBy }) => ({
      name: 'sync-repository' as const,
      payload: { repositoryId, trigger: 'webhook', askedBy },
      key: syncJobKey(repositoryId),
      priority: 'webhook' as const,
      party: accountId,
    })),
  )
}
