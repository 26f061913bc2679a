import type { Generated } from 'kysely'
import type { EnvironmentType, RunState } from '../domain/development-information.ts'

/** Milliseconds since 1970 in UTC. */
type Millis = number
/** 0 or 1: SQLite has no boolean. */
type Flag = 0 | 1
/** JSON text. */
type Json = string

export interface SettingsTable {
  key: string
  value: string
}

export interface AccountsTable {
  id: string
  name: string
  host: string
  url: string
  git_url: string | null
  owner: string | null
  managed_by: 'file' | 'browser'
  webhooks: string
  auto_link: Flag
  smart_commits: Flag
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
}

export interface RepositoriesTable {
  id: Generated<number>
  account_id: string
  host_id: string
  path: string
  web_url: string
  default_branch: string | null
  host_activity_at: Millis | null
  archived: Flag
  empty: Flag
  git_enabled: Flag
  pull_requests_enabled: Flag
  fork_of: string | null
  linked: Flag
  smart_commits: Flag
  /** First complete listing in which it was absent; null while it is listed. */
  missing_since: Millis | null
  /** Newest commit or pull request stored. */
  last_activity_at: Millis | null
  sync_state: 'idle' | 'queued' | 'running' | 'retrying' | 'paused'
  sync_mode: 'soft' | 'full'
  /** A request that came during a run and is served after it. */
  sync_requested: 'soft' | 'full' | null
  /** 1: somebody, on any node, asked the running synchronisation to end. */
  cancel_requested: Generated<Flag>
  sync_step: string | null
  sync_started_at: Millis | null
  sync_finished_at: Millis | null
  sync_retry_at: Millis | null
  sync_attempts: number
  sync_error: Json | null
  progress_commits: number
  progress_branches: number
  progress_pull_requests: number
  progress_issues: number
  /** 0 while a synchronisation stores commits: found at the start of one, it says that the last one broke off. */
  history_complete: Flag
  /** Raised by every full sync; what still carries an older one at its end is gone. */
  generation: number
  /** Issue-key rule with which the stored history was read. */
  rules_version: number
  /** Update time of the newest pull request read: the next listing starts here. */
  pull_requests_since: Millis | null
  /** Where a listing of all pull requests broke off: `{ since, generation, rulesVersion }`; null: none is unfinished. */
  pull_requests_cursor: Json | null
  webhook_state: 'live' | 'polling' | 'broken' | 'off'
  webhook_reason: string | null
  /** When its webhook was last looked for or installed; null: never. */
  webhook_checked_at: Millis | null
  /** When it was last compared with the host; null: never. */
  proved_at: Millis | null
  /** When a difference was seen that nothing explained yet; null: none is looked into. */
  drift_suspected_at: Millis | null
  /** JSON array of the kinds of drift that were found and not repaired yet; null: none. */
  drift: Json | null
  /** Who asked for `sync_requested`, see `domain/asker.ts`; null: it is not known. */
  sync_requested_by: Generated<string | null>
  /** Generation of the secret that the repository's own hook carries; null: it has none of ours. */
  webhook_generation: number | null
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
}

/** Hooks that have signed: from them a token alone is not taken any more. */
export interface WebhookSignersTable {
  account_id: string
  /** Host id of the repository that the delivery is about, empty for none; `*`: the one hook of the account. */
  source: string
}

export interface BranchesTable {
  repository_id: number
  name: string
  /** Everything reachable from here is stored. */
  head: string
  head_at: Millis
}

export interface BranchKeysTable {
  issue_key: string
  repository_id: number
  name: string
}

/** Heads of pull requests kept in the mirror because no branch reaches them. */
export interface KeptHeadsTable {
  repository_id: number
  number: number
  head: string
}

export interface CommitsTable {
  id: Generated<number>
  repository_id: number
  sha: string
  message: string
  author_name: string
  author_email: string | null
  authored_at: Millis
  merge: Flag
  generation: number
  /** The synchronisation that first met it; null: before these were recorded. */
  sync_id: Generated<number | null>
}

export interface CommitKeysTable {
  issue_key: string
  commit_id: number
  authored_at: Millis
}

export interface PullRequestsTable {
  id: Generated<number>
  repository_id: number
  number: number
  title: string
  status: 'OPEN' | 'MERGED' | 'DECLINED'
  draft: Flag
  source_branch: string
  target_branch: string
  source_host_id: string | null
  head_sha: string | null
  url: string
  author_name: string
  author_email: string | null
  reviewers: Json
  comment_count: number
  created_at: Millis
  updated_at: Millis
  generation: number
}

export interface PullRequestKeysTable {
  issue_key: string
  pull_request_id: number
}

export interface BuildsTable {
  id: Generated<number>
  repository_id: number
  /** The host's number of it: identity within the repository. */
  host_id: string
  /** What people count by within the repository. */
  number: number
  state: RunState
  ref: string
  sha: string
  url: string
  created_at: Millis
  updated_at: Millis
  finished_at: Millis | null
  generation: number
}

export interface BuildKeysTable {
  issue_key: string
  build_id: number
}

export interface DeploymentsTable {
  id: Generated<number>
  repository_id: number
  host_id: string
  number: number
  environment: string
  environment_type: EnvironmentType
  state: RunState
  sha: string
  url: string
  created_at: Millis
  updated_at: Millis
  finished_at: Millis | null
  generation: number
}

export interface DeploymentKeysTable {
  issue_key: string
  deployment_id: number
}

/** Successful deployments, with and without keys: from one to the next an environment gets its commits. */
export interface EnvironmentDeploymentsTable {
  repository_id: number
  /** The host's id of the environment. */
  environment_id: string
  number: number
  environment_type: EnvironmentType
  sha: string
  generation: number
}

/** How far a repository's builds and deployments were read; see `stores/listing-marks.ts`. */
export interface ListingMarksTable {
  repository_id: number
  kind: 'builds' | 'deployments'
  /** Update time of the newest one read; null: none was met. */
  since: Millis | null
  generation: number
  rules_version: number
  complete: Flag
}

/** One row per issue key that any stored entity names: the queue of deliveries to Jira. */
export interface IssuesTable {
  issue_key: string
  project_key: string
  state: 'clean' | 'dirty' | 'retrying' | 'refused' | 'unknown'
  /** Raised by every change, so that a change while sending is not forgotten. */
  version: number
  /** When it is to be sent; null: not waiting. */
  due_at: Millis | null
  /** When a refused or unknown issue is looked at again although nothing changed; null: at the next opportunity. */
  check_at: Millis | null
  newest_at: Millis
  attempts: number
  /** Numeric id in Jira, shared by all keys that an issue ever had; null until looked up. */
  jira_id: string | null
  /** The key that Jira calls it by today. */
  current_key: string | null
  /** Hash of what Jira holds; null: nothing; `?`: a write began whose end was not recorded, or it is to be looked at again. */
  content_hash: string | null
  reason: Json | null
  delivered_at: Millis | null
  /** The newest synchronisation that changed it since it was last delivered; null: none did. */
  changed_by_sync: Generated<number | null>
}

export interface ProjectsTable {
  key: string
  jira_id: string
  name: string
  /** 1: a key the project had before. */
  former: Flag
}

export interface SyncsTable {
  id: Generated<number>
  repository_id: number
  trigger: string
  mode: 'soft' | 'full'
  started_at: Millis
  finished_at: Millis | null
  outcome: 'running' | 'done' | 'failed' | 'cancelled'
  error: Json | null
  commits: number
  branches: number
  pull_requests: number
  issues: number
  /** See `domain/asker.ts`; null: before this was recorded. */
  asked_by: Generated<string | null>
  /** `[{ step, startedAt, finishedAt }]`, times in ms; null while it runs. */
  steps: Generated<Json | null>
  /** Requests made to the host. */
  requests: Generated<number>
}

export interface WebhookDeliveriesTable {
  id: Generated<number>
  account_id: string
  delivery_id: string
  event: string
  received_at: Millis
  body: string
  headers: Json
  state: 'pending' | 'done' | 'failed' | 'ignored' | 'dead'
  attempts: number
  error: Json | null
  /** A `WebhookHint`; null when its body could not be read. */
  hint: Json | null
  /** The repository that it is about, once that was found out. */
  repository_id: Generated<number | null>
  /** When it was last looked at; null: not yet. */
  processed_at: Generated<Millis | null>
}

/** What was written to Jira. */
export interface JiraWritesTable {
  id: Generated<number>
  issue_key: string
  jira_id: string
  kind: 'property' | 'link' | 'property-deletion' | 'link-deletion'
  written_at: Millis
  /** How long it took. */
  ms: number
  outcome: 'done' | 'failed'
  /** HTTP status; null: it failed, and `error` tells. */
  status: number | null
  error: Json | null
  /** Of the content sent; null: a deletion. */
  bytes: number | null
  content_hash: string | null
  /** The synchronisation whose change caused it; null: none did, it was compared or replayed. */
  sync_id: number | null
}

export interface JobsTable {
  id: Generated<number>
  name: string
  /** At most one waiting job has a key; null: no such limit. */
  key: string | null
  payload: Json
  priority: number
  run_at: Millis
  attempts: number
  /** Set while a process works on it; falls back when the lease runs out. */
  locked_until: Millis | null
  locked_by: string | null
  last_error: string | null
  /** Whom it is for: places are shared out evenly; null: for nobody in particular. */
  party: string | null
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

export interface Schema {
  settings: SettingsTable
  accounts: AccountsTable
  repositories: RepositoriesTable
  branches: BranchesTable
  branch_keys: BranchKeysTable
  kept_heads: KeptHeadsTable
  commits: CommitsTable
  commit_keys: CommitKeysTable
  pull_requests: PullRequestsTable
  pull_request_keys: PullRequestKeysTable
  builds: BuildsTable
  build_keys: BuildKeysTable
  deployments: DeploymentsTable
  deployment_keys: DeploymentKeysTable
  environment_deployments: EnvironmentDeploymentsTable
  listing_marks: ListingMarksTable
  issues: IssuesTable
  projects: ProjectsTable
  syncs: SyncsTable
  webhook_deliveries: WebhookDeliveriesTable
  jira_writes: JiraWritesTable
  account_webhooks: AccountWebhooksTable
  webhook_signers: WebhookSignersTable
  jobs: JobsTable
  proofs: ProofsTable
  oauth_credentials: OAuthCredentialsTable
  oauth_sign_ins: OAuthSignInsTable
  token_expiries: TokenExpiriesTable
}
