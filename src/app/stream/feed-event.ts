import type { AccountOverview } from '../../db/views/accounts.ts'
import type { WebhookEntry, WriteEntry } from '../../db/views/deliveries.ts'
import type { AccountId } from '../../domain/ids.ts'
import type { Repository } from '../../domain/repository.ts'

export type Change =
  | { readonly kind: 'repository'; readonly repository: Repository }
  | { readonly kind: 'account'; readonly account: AccountOverview }
  | { readonly kind: 'account-gone'; readonly id: AccountId }
  | { readonly kind: 'webhook'; readonly webhook: WebhookEntry }
  | { readonly kind: 'write'; readonly write: WriteEntry }

export interface FeedEvent {
  /** Given back as `after`, it brings what came since. */
  readonly id: string
  readonly change: Change
}
