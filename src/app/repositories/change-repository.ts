import type { Asker } from '../../domain/asker.ts'
import type { RepositoryId } from '../../domain/ids.ts'
import type { Repository, SyncMode } from '../../domain/repository.ts'
import { findAccount } from '../../db/stores/accounts.ts'
import { markRepositoryIssuesDirty } from '../../db/stores/issues.ts'
import { recheckRepositoryIssues } from '../../db/stores/issue-rechecks.ts'
import { markRelinked } from '../../db/stores/relinked.ts'
import { findRepository, setRepositorySettings } from '../../db/stores/repositories.ts'
import { cancelRunningSync, cancelWaitingSync } from '../../db/stores/sync-state.ts'
import { ConnectorError } from '../../lib/connector-error.ts'
import type { AppContext } from '../app-context.ts'
import { addSyncJob, syncJobKey } from '../sync/request-sync.ts'
import { writeChanges } from '../sync/sync-run.ts'
import { reconcileWebhook } from '../webhooks/reconcile-webhook.ts'

/** Switches linking or smart commits. Linking starts a synchronisation at once; unlinking keeps the data, hidden. */
export async function changeRepository(
  app: AppContext,
  { id, linked, smartCommits }: { id: RepositoryId; linked?: boolean; smartCommits?: boolean },
  signal: AbortSignal,
): Promise<Repository> {
  const before = await getRepository(app, id)
  const toggled = linked !== undefined && linked !== before.linked
  await writeChanges(app, async (tx, dueAt) => {
    await setRepositorySettings(tx, id, {
      ...(linked === undefined ? {} : { linked }),
      ...(smartCommits === undefined ? {} : { smartCommits }),
    })
    if (!toggled) return
    await markRepositoryIssuesDirty(tx, id, dueAt)
    if (linked) {
      await markRelinked(tx, [id])
      await addSyncJob(app, tx, { repositoryId: id, mode: 'soft', trigger: 'link' })
    } else {
      await cancelWaitingSync(tx, id)
      await app.jobs.cancel(tx, syncJobKey(id))
    }
  })
  if (toggled) await changeWebhook(app, before, signal)
  return getRepository(app, id)
}

async function changeWebhook(app: AppContext, { accountId, hostId }: Repository, signal: AbortSignal): Promise<void> {
  const account = await findAccount(app.db.read, accountId)
  if (account !== null) await reconcileWebhook(app, { account, hostId }, signal)
}

/** Starts a synchronisation, or remembers the request while one is running. A full one also compares what Jira holds. */
export async function requestRepositorySync(
  app: AppContext,
  request: { id: RepositoryId; mode: SyncMode; trigger: string; askedBy?: Asker | null },
): Promise<Repository> {
  const repository = await getRepository(app, request.id)
  if (!repository.linked) {
    throw new ConnectorError('repository-not-linked', {
      userMessage: `${repository.name} is not linked.`,
      remedy: 'Link it first.',
    })
  }
  await app.db.write('interactive', (tx) =>
    addSyncJob(app, tx, {
      repositoryId: request.id,
      mode: request.mode,
      trigger: request.trigger,
      priority: 'webhook',
      ...(request.askedBy ? { askedBy: request.askedBy } : {}),
    }),
  )
  if (request.mode === 'full') await writeChanges(app, (tx, dueAt) => recheckRepositoryIssues(tx, request.id, dueAt))
  return getRepository(app, request.id)
}

/** Cancels a waiting or a running synchronisation, on whatever node, and what was asked for meanwhile; what is stored stays, and the next one begins where it counts. */
export async function cancelRepositorySync(
  app: AppContext,
  id: RepositoryId,
  abortRunning: (key: string) => void,
): Promise<Repository> {
  await getRepository(app, id)
  await app.db.write('interactive', async (tx) => {
    await cancelWaitingSync(tx, id)
    await cancelRunningSync(tx, id)
    await app.jobs.cancel(tx, syncJobKey(id))
  })
  abortRunning(syncJobKey(id))
  return getRepository(app, id)
}

async function getRepository(app: AppContext, id: RepositoryId): Promise<Repository> {
  const repository = await findRepository(app.db.read, id)
  if (repository !== null) return repository
  throw new ConnectorError('repository-not-found', { userMessage: `There is no repository ${id}.` })
}
