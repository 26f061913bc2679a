import type { Tx } from '../../db/database.ts'
import { findAccount, planWebhookSweep } from '../../db/stores/accounts.ts'
import { findProjectHook, saveProjectHook } from '../../db/stores/hooks.ts'
import { findLeftHook } from '../../db/stores/left-hooks.ts'
import { findRepositoryByHostId } from '../../db/stores/repositories.ts'
import type { FollowedWebhook } from '../../db/stores/webhook-deliveries.ts'
import { webhookAsker } from '../../domain/asker.ts'
import type { AccountId } from '../../domain/ids.ts'
import type { Repository } from '../../domain/repository.ts'
import type { WebhookHint } from '../../domain/webhook-hint.ts'
import type { AppContext } from '../app-context.ts'
import { requestCredentialCheck } from '../credentials/check-credentials.ts'
import { addSyncJob } from '../sync/request-sync.ts'
import { sweepJobKey } from '../sync/sweep-account.ts'

/** Between two sweeps that webhooks ask for: those of repositories that are not wanted ask for one each. */
export const SWEEP_PAUSE_MS = 5 * 60_000

export interface HintedWebhook {
  readonly id: number
  readonly accountId: AccountId
  readonly hint: WebhookHint
  /** Accounts of which a sweep was asked for in this transaction already; one that is asked for is added. */
  readonly swept: Set<AccountId>
}

/** Asks for what a webhook hints at: a look at its repository, or at the account's list when that repository is not known. */
export async function followHint(
  app: AppContext,
  tx: Tx,
  { id, accountId, hint, swept }: HintedWebhook,
): Promise<FollowedWebhook> {
  if (hint.kind === 'ignored') return { state: 'ignored' }
  if (hint.kind === 'credentials') {
    await requestCredentialCheck(app, tx, { accountId, runAt: app.clock.now() })
    return { state: 'done' }
  }
  const askedBy = webhookAsker(id)
  const repository = hint.kind === 'repository' ? await findRepositoryByHostId(tx, accountId, hint.repository) : null
  if (repository === null) {
    if (isForeign(hint)) return { state: 'ignored' }
    if (await isOfLeftHook(app, tx, { accountId, hint })) return { state: 'ignored' }
    if (swept.has(accountId)) return { state: 'done' }
    swept.add(accountId)
    const at = await planWebhookSweep(tx, accountId, { now: app.clock.now().getTime(), pauseMs: SWEEP_PAUSE_MS })
    if (at !== null) {
      await app.jobs.add(tx, {
        name: 'sweep-account',
        payload: { accountId, trigger: 'webhook', askedBy },
        key: sweepJobKey(accountId),
        runAt: new Date(at),
      })
    }
    return { state: 'done' }
  }
  const repositoryId = repository.id
  if (!repository.linked) return { state: 'ignored', repositoryId }
  if (repository.webhook.state !== 'live') await markArrived(tx, repository)
  await addSyncJob(app, tx, { repositoryId, mode: 'soft', trigger: 'webhook', askedBy, priority: 'webhook' })
  return { state: 'done', repositoryId }
}

/**
 * A repository that left the account keeps our hook where the host does not let it be removed, and pushes to it would ask for
 * a sweep each. They do when its removal is tried again.
 */
async function isOfLeftHook(
  { clock }: AppContext,
  tx: Tx,
  { accountId, hint }: Pick<HintedWebhook, 'accountId' | 'hint'>,
): Promise<boolean> {
  const left = hint.kind === 'repository' ? await findLeftHook(tx, accountId, hint.repository) : null
  return left !== null && left.nextAt > clock.now().getTime()
}

/** A system hook tells of everybody's repositories. */
function isForeign(hint: WebhookHint): boolean {
  return hint.kind === 'repository' && hint.elsewhere === true
}

/** Of a hook that people installed, only what arrives tells that it is there; one of ours that is to go does not count. */
async function markArrived(tx: Tx, { id, accountId, hostId }: Repository): Promise<void> {
  const account = await findAccount(tx, accountId)
  const own = await findProjectHook(tx, accountId, hostId)
  if (account?.webhooks !== 'manual' || own?.hook.generation !== null) return
  await saveProjectHook(tx, id, { state: 'live', reason: null, generation: null })
}
