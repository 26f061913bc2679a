import { listWebhookCauses } from '../../db/stores/sync-cause.ts'
import type { IssueKey } from '../../domain/ids.ts'
import type { AppContext } from '../app-context.ts'

/** An issue key that Jira holds now, and the synchronisation whose change that is; null: no change, it was compared again. */
export interface TracedDelivery {
  readonly key: IssueKey
  readonly syncId: number | null
}

/** Follows deliveries back to the webhooks that caused them: into the log, and as the time that it took. */
export async function traceDeliveries(app: AppContext, delivered: readonly TracedDelivery[]): Promise<void> {
  const syncIds = [...new Set(delivered.flatMap(({ syncId }) => (syncId === null ? [] : [syncId])))]
  const causes = await listWebhookCauses(app.db.read, syncIds)
  const now = app.clock.now().getTime()
  for (const { key, syncId } of delivered) {
    const cause = syncId === null ? undefined : causes.get(syncId)
    if (cause === undefined) {
      app.log.debug({ issue: key, sync: syncId }, 'issue delivered')
      continue
    }
    const ms = now - cause.receivedAt
    app.metrics.delivered(ms)
    app.log.info({ issue: key, sync: syncId, webhook: cause.deliveryId, ms }, 'issue delivered')
  }
}
