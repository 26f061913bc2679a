import type { WebhookEntry, WriteEntry } from '../../db/views/deliveries.ts'
import type { Repository } from '../../domain/repository.ts'

export type Change =
  | { readonly kind: 'repository'; readonly repository: Repository }
  | { readonly kind: 'webhook'; readonly webhook: WebhookEntry }
  | { readonly kind: 'write'; readonly write: WriteEntry }

export interface FeedEvent {
  /** Given back as `after`, it brings what came since. */
  readonly id: string
  readonly change: Change
}
