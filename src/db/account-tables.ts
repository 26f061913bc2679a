import type { Generated } from 'kysely'
import type { Flag, Json, Millis } from './column-types.ts'

export interface AccountsTable {
  id: string
  name: string
  host: string
  url: string
  git_url: string | null
  owner: string | null
  /** What `owner` led to: a `ResolvedOwner`; null: it was not looked up. */
  owner_kind: 'group' | 'user' | null
  owner_host_id: string | null
  owner_path: string | null
  /** What was looked up, as JSON: the address and the owner. Where these are others now, the columns above count no more. */
  owner_looked_up: Json | null
  managed_by: 'file' | 'browser'
  webhooks: string
  auto_link: Flag
  smart_commits: Flag
  /** Whose smart commits are executed; see `SmartCommitTrust`. */
  smart_commit_trust: 'off' | 'author' | 'verified'
  /** 1: what became of a smart commit is told on the host. */
  smart_commit_replies: Flag
  /** JSON arrays of globs and of project keys. */
  include: Json
  exclude: Json
  jira_projects: Json
  /** Sealed by the secret box; null for an account of the configuration file, whose secrets stay there. */
  token_sealed: string | null
  webhook_admin_token_sealed: string | null
  webhook_secret_sealed: string | null
  state: 'ok' | 'degraded' | 'needs-sign-in'
  /** `{ code, message, remedy }` or null. */
  problem: Json | null
  /** When the last complete sweep began: the mark from which changes are looked for. */
  swept_at: Millis | null
  next_sweep_at: Millis | null
  /** When the last sweep that a webhook asked for runs or ran; null: never. */
  webhook_sweep_at: Millis | null
  /** 1: it is being deleted, with its repositories; nothing new is stored for it. */
  deleting: Generated<Flag>
  created_at: Millis
  /** What kind of caller created or changed it last; null: it was not recorded. */
  configured_by: Generated<string | null>
  /** Whose token it is, as the host told last; null: it did not. */
  token_user: Generated<string | null>
  /** An `AccountDeletion` while it is being deleted; see `stores/account-deletion.ts`. */
  deletion: Generated<Json | null>
}

/** Webhooks of an account; a missing row stands for the first secret, no rotation and no hook of the account itself. */
export interface AccountWebhooksTable {
  account_id: string
  /** Counts the secrets of the account; the newest one is `accounts.webhook_secret_sealed`. */
  secret_generation: Generated<number>
  /** The secret before, during a rotation and a while after it. */
  previous_secret_sealed: string | null
  /** Until when the secret before is taken; null while hooks are being re-saved. */
  previous_until: Millis | null
  rotation_began_at: Millis | null
  /** The one hook for all of its repositories, and whose it is (a group's id); null: there is none, or it is not wanted. */
  hook_level: 'group' | 'system' | null
  hook_owner: string | null
  hook_state: 'live' | 'polling' | 'broken' | null
  hook_reason: string | null
  /** As `repositories.webhook_generation`. */
  hook_generation: number | null
  hook_checked_at: Millis | null
  /** As `repositories.webhook_url`. */
  hook_url: Generated<string | null>
  /** Until when webhooks may have been missed, because nobody could take them; null: never. */
  missed_at: Generated<Millis | null>
  /** When the one hook was found stopped, gone or with an old address and works again; null: never. */
  woken_at: Generated<Millis | null>
}

/** Hooks that the host did not let go, see `stores/left-hooks.ts`. */
export interface LeftHooksTable {
  account_id: string
  host_id: string
  path: string
  web_url: string
  hook_url: string | null
  reason: string
  attempts: number
  next_at: Millis
}

/** Hooks that have signed: from them a token alone is not taken any more. */
export interface WebhookSignersTable {
  account_id: string
  /** Host id of the repository that the delivery is about, empty for none; `*`: the one hook of the account. */
  source: string
}

/** What the rolling proof of an account did in an hour; hour 0 holds what is too old to be told by the hour. */
export interface ProofsTable {
  account_id: string
  hour: Millis
  /** Repositories compared with the host. */
  proved: Generated<number>
  /** Repositories that could not be compared. */
  failed: Generated<number>
  refs_found: Generated<number>
  refs_repaired: Generated<number>
  pull_requests_found: Generated<number>
  pull_requests_repaired: Generated<number>
  missing_found: Generated<number>
  missing_repaired: Generated<number>
  builds_found: Generated<number>
  builds_repaired: Generated<number>
  deployments_found: Generated<number>
  deployments_repaired: Generated<number>
}

/** The OAuth sign-in of an account; its states are drawn in `app/credentials/oauth-tokens.ts`. */
export interface OAuthCredentialsTable {
  account_id: string
  client_id: string
  client_secret_sealed: string
  state: 'signed-in' | 'needs-sign-in'
  /** Sealed `{ accessToken, refreshToken }`; null before the first sign-in. */
  pair_sealed: string | null
  /** The pair before, which the host accepts no more: for diagnosis. */
  previous_pair_sealed: string | null
  /** null: the host told no expiry. */
  expires_at: Millis | null
  /** Raised by every new pair. */
  version: Generated<number>
  /** Who refreshes, and until when nobody else may. */
  lease_holder: string | null
  lease_until: Millis | null
  /** After a failed refresh: not before this time again. */
  retry_at: Millis | null
  refreshed_at: Millis | null
}

/** Sign-ins under way; each is used once. */
export interface OAuthSignInsTable {
  /** SHA-256 of the state that the host hands back. */
  state_hash: string
  account_id: string
  client_id: string
  redirect_uri: string
  verifier_sealed: string
  expires_at: Millis
}

/** What hosts tell about the end of the tokens they were given. */
export interface TokenExpiriesTable {
  account_id: string
  credential: 'token' | 'webhook-admin-token'
  /** null: it does not expire, or the host does not tell. */
  expires_at: Millis | null
  /** The notice given last, in days ahead; null: none yet. */
  warned_days: number | null
  looked_at: Millis
}
