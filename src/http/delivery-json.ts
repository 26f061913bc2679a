import type { JiraDeliveryJson, WebhookDeliveryJson } from '../contract/delivery.ts'
import type { WebhookEntry, WriteEntry } from '../db/views/deliveries.ts'

export function toWebhookDeliveryJson({ id, receivedAt, processedAt, ...entry }: WebhookEntry): WebhookDeliveryJson {
  return {
    ...entry,
    id: `in-${id}`,
    direction: 'in',
    receivedAt: receivedAt.toISOString(),
    processedAt: processedAt?.toISOString() ?? null,
  }
}

export function toJiraDeliveryJson({ id, key, jiraId, writtenAt, syncId, ...entry }: WriteEntry): JiraDeliveryJson {
  return {
    ...entry,
    id: `out-${id}`,
    direction: 'out',
    issue: key,
    issueId: jiraId,
    writtenAt: writtenAt.toISOString(),
    syncId: syncId === null ? null : String(syncId),
  }
}
