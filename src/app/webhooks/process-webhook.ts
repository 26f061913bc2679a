import { toProblem } from '../../domain/problem.ts'
import { planWebhookSweep } from '../../db/stores/accounts.ts'
import { findRepositoryByHostId } from '../../db/stores/repositories.ts'
import { findWebhook, setWebhookOutcome, type StoredWebhook } from '../../db/stores/webhook-deliveries.ts'
import type { WebhookHint } from '../../hosts/types.ts'
import { isConnectorError } from '../../lib/connector-error.ts'
import type { AppContext } from '../app-context.ts'
import { requestCredentialCheck } from '../credentials/check-credentials.ts'
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
    const ignored = hint.kind === 'ignored' || (repository !== null && !repository.linked)
    await setWebhookOutcome(tx, webhook.id, { state: ignored ? 'ignored' : 'done', problem: null })
    if (ignored) return
    if (hint.kind === 'credentials') {
      await requestCredentialCheck(app, tx, { accountId, runAt: app.clock.now() })
    } else if (repository !== null) {
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
