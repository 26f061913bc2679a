import { atOnce } from '../../db/at-once.ts'
import type { Tx } from '../../db/database.ts'
import {
  listPendingWebhooks,
  setWebhooksFollowed,
  type FollowedWebhook,
  type PendingWebhook,
} from '../../db/stores/webhook-deliveries.ts'
import type { AccountId } from '../../domain/ids.ts'
import type { AppContext } from '../app-context.ts'
import { followHint } from './follow-hint.ts'

/** Deliveries followed in one transaction. */
const AT_ONCE = 500

/** Follows every pending delivery: a hundred pushes to one repository are one request to look at it. */
export async function processPendingWebhooks(app: AppContext, signal: AbortSignal): Promise<void> {
  for (let after = 0; ;) {
    signal.throwIfAborted()
    const webhooks = await listPendingWebhooks(app.db.read, { after, limit: AT_ONCE })
    const last = webhooks.at(-1)
    if (last === undefined) return
    after = last.id
    const groups = await app.db.write('interactive', (tx) => followAll(app, tx, webhooks))
    for (const { followed, same } of groups) for (const webhook of same) reportFollowed(app, webhook, followed)
  }
}

interface FollowedGroup {
  readonly followed: FollowedWebhook
  /** Deliveries of one account with the same hint. */
  readonly same: readonly PendingWebhook[]
}

async function followAll(app: AppContext, tx: Tx, webhooks: readonly PendingWebhook[]): Promise<FollowedGroup[]> {
  // Sorted, so that two nodes lock the same jobs in the same order.
  const groups = [...Map.groupBy(webhooks, ({ accountId, hint }) => JSON.stringify([accountId, hint]))].sort(([a], [b]) =>
    a < b ? -1 : 1,
  )
  const swept = new Set<AccountId>()
  const followings = groups.flatMap(([, same]) => {
    const newest = same.at(-1)
    return newest === undefined
      ? []
      : async () => {
          const followed = await followHint(app, tx, { ...newest, swept })
          const ids = same.map(({ id }) => id)
          await setWebhooksFollowed(tx, ids, { ...followed, now: app.clock.now().getTime() })
          return { followed, same }
        }
  })
  return atOnce(tx, followings)
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
