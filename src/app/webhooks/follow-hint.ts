import type { Tx } from '../../db/database.ts'
import { planWebhookSweep } from '../../db/stores/accounts.ts'
import { findRepositoryByHostId } from '../../db/stores/repositories.ts'
import type { AccountId } from '../../domain/ids.ts'
import type { WebhookHint } from '../../domain/webhook-hint.ts'
import type { AppContext } from '../app-context.ts'
import { addSyncJob } from '../sync/request-sync.ts'
import { sweepJobKey } from '../sync/sweep-account.ts'

/** Between two sweeps that webhooks ask for: those of repositories that are not wanted ask for one each. */
const SWEEP_PAUSE_MS = 5 * 60_000

export type FollowedHint = 'done' | 'ignored'

/** Asks for what a webhook hints at: a look at its repository, or at the account's list when that repository is not known. */
export async function followHint(
  app: AppContext,
  tx: Tx,
  { accountId, hint }: { readonly accountId: AccountId; readonly hint: WebhookHint },
): Promise<FollowedHint> {
  if (hint.kind === 'ignored') return 'ignored'
  const repository = hint.kind === 'repository' ? await findRepositoryByHostId(tx, accountId, hint.repository) : null
  if (repository === null) {
    const at = await planWebhookSweep(tx, accountId, { now: app.clock.now().getTime(), pauseMs: SWEEP_PAUSE_MS })
    if (at !== null) {
      await app.jobs.add(tx, {
        name: 'sweep-account',
        payload: { accountId, trigger: 'webhook' },
        key: sweepJobKey(accountId),
        runAt: new Date(at),
      })
    }
    return 'done'
  }
  if (!repository.linked) return 'ignored'
  await addSyncJob(app, tx, { repositoryId: repository.id, mode: 'soft', trigger: 'webhook', priority: 'webhook' })
  return 'done'
}
