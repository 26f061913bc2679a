import type { Tx } from '../../db/database.ts'
import {
  listPendingWebhooks,
  setWebhooksFollowed,
  type FollowedWebhook,
  type PendingWebhook,
} from '../../db/stores/webhook-deliveries.ts'
import type { AppContext } from '../app-context.ts'
import { followHints } from './follow-hints.ts'

/** Deliveries followed in one transaction. */
const AT_ONCE = 500
/** More at once are a flood. */
const FLOOD = 50
/** Of a flood, what comes meanwhile is looked at together: receiving goes first, and a push to a repository is one among many. */
const PAUSE_IN_FLOOD_MS = 200

/** Follows every pending delivery: a hundred pushes to one repository are one request to look at it. */
export async function processPendingWebhooks(app: AppContext, signal: AbortSignal): Promise<void> {
  for (let after = 0; ;) {
    signal.throwIfAborted()
    const webhooks = await listPendingWebhooks(app.db.read, { after, limit: AT_ONCE })
    const last = webhooks.at(-1)
    if (last === undefined) return
    after = last.id
    for (const [webhook, followed] of await app.db.write('interactive', (tx) => followAll(app, tx, webhooks)))
      reportFollowed(app, webhook, followed)
    if (webhooks.length >= FLOOD) await app.clock.sleep(PAUSE_IN_FLOOD_MS, signal)
  }
}

async function followAll(
  app: AppContext,
  tx: Tx,
  webhooks: readonly PendingWebhook[],
): Promise<(readonly [PendingWebhook, FollowedWebhook])[]> {
  const outcomes = await followHints(app, tx, webhooks)
  const followed = webhooks.flatMap((webhook, index) => {
    const outcome = outcomes[index]
    return outcome === undefined ? [] : [[webhook, outcome] as const]
  })
  await setWebhooksFollowed(
    tx,
    followed.map(([{ id }, outcome]) => ({ id, ...outcome })),
    app.clock.now().getTime(),
  )
  return followed
}

/** For the log and the metrics, after the commit. */
export function reportFollowed(
  app: Pick<AppContext, 'log' | 'metrics'>,
  { id, accountId, event }: Pick<PendingWebhook, 'id' | 'accountId' | 'event'>,
  { state, repositoryId }: FollowedWebhook,
): void {
  app.metrics.webhookProcessed(event, state)
  app.log.info({ webhook: id, account: accountId, event, repositoryId, outcome: state }, 'webhook followed')
}
