import type { HostId } from './ids.ts'

/** What a webhook says: look at this again. */
export type WebhookHint =
  | { readonly kind: 'repository'; readonly repository: HostId }
  | { readonly kind: 'repository-list' }
  | { readonly kind: 'ignored'; readonly event: string }
