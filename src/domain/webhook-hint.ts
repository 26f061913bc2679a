import type { HostId } from './ids.ts'

/** What a webhook says: look at this again. */
export type WebhookHint =
  | {
      readonly kind: 'repository'
      readonly repository: HostId
      /** The host says that it belongs to another owner than the account's. */
      readonly elsewhere?: true
    }
  | { readonly kind: 'repository-list' }
  /** A token ends soon; it may be one of ours. */
  | { readonly kind: 'credentials' }
  | { readonly kind: 'ignored'; readonly event: string }
