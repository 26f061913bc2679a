import { toProblem } from '../../domain/problem.ts'
import type { Repository } from '../../domain/repository.ts'
import type { Tx } from '../../db/database.ts'
import { findAccount, planWebhookSweep } from '../../db/stores/accounts.ts'
import { findProjectHook, saveProjectHook } from '../../db/stores/hooks.ts'
import { findRepositoryByHostId } from '../../db/stores/repositories.ts'
import { findWebhook, setWebhookOutcome, type StoredWebhook } from '../../db/stores/webhook-deliveries.ts'
import type { WebhookHint } from '../../hosts/types.ts'
import { isConnectorError } from '../../lib/connector-error.ts'
import type { AppContext } from '../app-context.ts'
import { addSyncJob } from '../sync/request-sync.ts'
import { sweepJobKey } from '../sync/sweep-account.ts'

/** Between two sweeps that webhooks ask for: those of repositories that are not wanted ask for one each. */
const SWEEP_PAUSE_MS = 5 * 60_000

/** Turns a stored webhook into the request that it hints at. The payload's own data is never used. */
export async function processWebhook(app: AppContext, deliveryId: number): Promise<void> {
  const webhook = await findWebhook(app.db.read, deliveryId)
  if (webhook === null) return
  const connection = await app.connections.get(webhook.accountId)
  let hint: WebhookHint
  try {
    hint = connection.webhooks.parse(webhook.headers, JSON.parse(webhook.body))
  } catch (error) {
    if (!isConnectorError(error)) throw error
    await app.db.write('interactive', (tx) => setWebhookOutcome(tx, deliveryId, { state: 'failed', problem: toProblem(error) }))
    return
  }
  await follow(app, webhook, hint)
}

async function follow(app: AppContext, webhook: StoredWebhook, hint: WebhookHint): Promise<void> {
  const { accountId } = webhook
  const repository = hint.kind === 'repository' ? await findRepositoryByHostId(app.db.read, accountId, hint.repository) : null
  await app.db.write('interactive', async (tx) => {
    const ignored = hint.kind === 'ignored' || (repository === null ? isForeign(hint) : !repository.linked)
    await setWebhookOutcome(tx, webhook.id, { state: ignored ? 'ignored' : 'done', problem: null })
    if (ignored) return
    if (repository !== null) {
      if (repository.webhook.state !== 'live') await markArrived(tx, repository)
      await addSyncJob(app, tx, { repositoryId: repository.id, mode: 'soft', trigger: 'webhook', priority: 'webhook' })
    } else {
      // A repository that is not known yet, or a change of the list itself.
      const at = await planWebhookSweep(tx, accountId, { now: app.clock.now().getTime(), pauseMs: SWEEP_PAUSE_MS })
      if (at === null) return
      await app.jobs.add(tx, {
        name: 'sweep-account',
        payload: { accountId, trigger: 'webhook' },
        key: sweepJobKey(accountId),
        runAt: new Date(at),
      })
    }
  })
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
