import type { Account } from '../../domain/account.ts'
import type { AccountId } from '../../domain/ids.ts'
import { toProblem } from '../../domain/problem.ts'
import {
  beginAccountDeletion,
  findAccountDeletion,
  saveDeletionProgress,
  type AccountDeletion,
} from '../../db/stores/account-deletion.ts'
import { deleteAccount as deleteStoredAccount, findAccount } from '../../db/stores/accounts.ts'
import { settleKeptIssues } from '../../db/stores/kept-issues.ts'
import { listKnownRepositories, type KnownRepository } from '../../db/stores/repositories.ts'
import { ConnectorError } from '../../lib/connector-error.ts'
import type { AppContext } from '../app-context.ts'
import { keepDeliverySettings } from '../delivery/delivery-settings.ts'
import { removeRepository } from '../repositories/remove-repository.ts'
import { sweepJobKey } from '../sync/sweep-account.ts'
import { removeAccountHook } from '../webhooks/account-hook.ts'
import { reconcileWebhook } from '../webhooks/reconcile-webhook.ts'
import { getAccount, managedByFile } from './change-accounts.ts'

export type DeletionChoice = Pick<AccountDeletion, 'removeHooks' | 'removeFromJira'>

/** A host that does not answer for this long (about ten minutes) keeps its hooks: they then lead nowhere. */
const TRIES_FOR_HOOKS = 8

export const deletionJobKey = (id: AccountId): string => `delete:${id}`

/**
 * Begins the deletion of an account with its repositories, mirrors and hooks; a job does it, and goes on after a restart.
 * Asked for again it only goes on.
 *
 * @throws ConnectorError `account-not-found`, `managed-by-file` while the file has it
 */
export async function requestAccountDeletion(app: AppContext, id: AccountId, choice: DeletionChoice): Promise<void> {
  const account = await getAccount(app, id)
  if (account.managedBy === 'file' && account.problem?.code !== 'account-not-configured') throw managedByFile(id)
  await app.db.write('interactive', async (tx) => {
    if ((await findAccountDeletion(tx, id)) === null) {
      // First, so that a sweep that runs, on whatever node, stores no repository any more.
      await beginAccountDeletion(tx, id, { ...choice, total: 0, done: 0, problem: null })
      const total = (await listKnownRepositories(tx, id)).length
      await beginAccountDeletion(tx, id, { ...choice, total, done: 0, problem: null })
    }
    await app.jobs.cancel(tx, sweepJobKey(id))
    await app.jobs.add(tx, { name: 'delete-account', payload: { accountId: id }, key: deletionJobKey(id) })
  })
}

/**
 * Does what is left of a deletion, repository by repository. Does nothing when the account is gone, or when the
 * configuration file has it again.
 *
 * @param work `attempt`: which try of the job it is; after a few nothing is asked of a host that does not answer
 */
export async function continueDeletion(
  app: AppContext,
  work: { readonly accountId: AccountId; readonly attempt: number },
  signal: AbortSignal,
): Promise<void> {
  const { accountId, attempt } = work
  const [account, deletion] = await Promise.all([
    findAccount(app.db.read, accountId),
    findAccountDeletion(app.db.read, accountId),
  ])
  if (account === null || deletion === null) return
  const withHooks = deletion.removeHooks && attempt <= TRIES_FOR_HOOKS
  try {
    await removeEverything(app, { account, deletion, withHooks }, signal)
  } catch (error) {
    if (signal.aborted) throw error
    const known = await findAccountDeletion(app.db.read, accountId)
    const problem = toProblem(error)
    if (known !== null) await app.db.write('background', (tx) => saveDeletionProgress(tx, accountId, { ...known, problem }))
    throw error
  }
}

interface Removal {
  readonly account: Account
  readonly deletion: AccountDeletion
  readonly withHooks: boolean
}

async function removeEverything(app: AppContext, { account, deletion, withHooks }: Removal, signal: AbortSignal): Promise<void> {
  const { id } = account
  if (withHooks && !(await removeAccountHook(app, account, signal))) throw hooksStay(account)
  const left = await listKnownRepositories(app.db.read, id)
  const total = Math.max(deletion.total, left.length)
  for (const [index, repository] of left.entries()) {
    signal.throwIfAborted()
    if ((await findAccountDeletion(app.db.read, id)) === null) return
    await removeOne(app, { account, repository, withHooks, keepInJira: !deletion.removeFromJira }, signal)
    const done = total - left.length + index + 1
    await app.db.write('background', (tx) => saveDeletionProgress(tx, id, { ...deletion, total, done, problem: null }))
  }
  await app.db.write('background', async (tx) => {
    if ((await findAccountDeletion(tx, id)) === null) return
    if (!deletion.removeFromJira) await settleKeptIssues(tx, app.clock.now().getTime())
    await app.jobs.cancel(tx, sweepJobKey(id))
    const remove = () => deleteStoredAccount(tx, id)
    if (deletion.removeFromJira) await remove()
    else await keepDeliverySettings(app, tx, remove)
  })
  app.connections.forget(id)
}

interface OneRemoval {
  readonly account: Account
  readonly repository: KnownRepository
  readonly withHooks: boolean
  readonly keepInJira: boolean
}

async function removeOne(app: AppContext, removal: OneRemoval, signal: AbortSignal): Promise<void> {
  const { account, repository, withHooks, keepInJira } = removal
  if (withHooks && (repository.webhookGeneration !== null || repository.webhookUrl !== null)) {
    const request = { account: { ...account, webhooks: 'off' as const }, hostId: repository.hostId }
    if ((await reconcileWebhook(app, request, signal)) === 'limited') throw hooksStay(account)
  }
  await removeRepository(app, { id: repository.id, keepInJira }, signal)
}

function hooksStay({ id, url }: Account): ConnectorError {
  return new ConnectorError('webhooks-not-removed', {
    userMessage: `The webhooks of the account "${id}" could not be removed: ${url} does not answer as it should.`,
    remedy: 'It is tried again by itself; after some tries the account is deleted without them.',
    retryable: true,
  })
}
