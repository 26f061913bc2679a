import type { Tx } from '../../db/database.ts'
import { listPendingWebhooks, setWebhooksFollowed, type PendingWebhook } from '../../db/stores/webhook-deliveries.ts'
import type { AppContext } from '../app-context.ts'
import { followHint, type FollowedHint } from './follow-hint.ts'

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
    await app.db.write('interactive', (tx) => followAll(app, tx, webhooks))
  }
}

async function followAll(app: AppContext, tx: Tx, webhooks: readonly PendingWebhook[]): Promise<void> {
  // Sorted, so that two nodes lock the same jobs in the same order.
  const groups = [...Map.groupBy(webhooks, ({ accountId, hint }) => JSON.stringify([accountId, hint]))].sort(([a], [b]) =>
    a < b ? -1 : 1,
  )
  const followed: Record<FollowedHint, number[]> = { done: [], ignored: [] }
  for (const [, same] of groups) {
    const [first] = same
    if (first === undefined) continue
    followed[await followHint(app, tx, first)].push(...same.map(({ id }) => id))
  }
  for (const state of ['done', 'ignored'] as const) await setWebhooksFollowed(tx, followed[state], state)
}
