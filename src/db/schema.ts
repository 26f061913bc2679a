import type { Generated } from 'kysely'
import type {
  AccountsTable,
  AccountWebhooksTable,
  LeftHooksTable,
  WebhookSignersTable,
  OAuthCredentialsTable,
  OAuthSignInsTable,
  TokenExpiriesTable,
  ProofsTable,
} from './account-tables.ts'
import type { Flag, Json, Millis } from './column-types.ts'
import type { IdentitySchema } from './identity-tables.ts'
import type { RunSchema } from './run-tables.ts'
import type { SmartCommitSchema } from './smart-commit-tables.ts'
import type { TriggerSchema } from './trigger-tables.ts'

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
  /** Number of the newest synchronisation when it was linked again; null: one of its own has ended well since, or it always was linked. */
  relinked_after: Generated<number | null>
  /** 1: the host is filling it, so that what is not there yet is no news when it comes. */
  arriving: Generated<Flag>
  /** 1: every import that ended found it empty; 0: it held something, or may have; null: no import has ended. */
  always_empty: Generated<Flag | null>
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
  /** Address with which a hook of ours was last installed; null: there is none, or it was installed before these were recorded. */
  webhook_url: Generated<string | null>
  /** When the host was last asked for its newest build and deployment alone; null: never. */
  runs_looked_at: Generated<Millis | null>
  /** 1: it is unlinked because the account's `include` and `exclude` leave it out, not because a person unlinked it. */
  left_out: Generated<Flag>
  /** The synchronisation that finished the stored history: what later ones met first is newer than its branches. */
  history_sync_id: Generated<number | null>
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
  /** When somebody last asked to look at it again. */
  refreshed_at: Generated<Millis | null>
  /** The version for which the files of its newest commits were loaded. */
  files_version: Generated<number>
}

/** What administrators said about one commit or pull request and one issue; see `stores/manual-links.ts`. */
export interface ManualLinksTable {
  id: Generated<number>
  issue_key: string
  action: 'link' | 'unlink'
  kind: 'commit' | 'pullRequest'
  repository_id: number
  /** Hash of the commit, number of the pull request. */
  entity: string
  who: string
  reason: string
  created_at: Millis
}

/** Files of commits, loaded from the host. */
export interface CommitFilesTable {
  commit_id: number
  account_id: string
  /** null: the host does not have the commit, or does not show it. */
  file_count: number | null
  /** 0: there are more than the host told. */
  exact: Generated<Flag>
  /** JSON array of `DevelopmentFile`, at most 100. */
  files: Json
  loaded_at: Millis
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
  headers: Json
  state: 'pending' | 'done' | 'failed' | 'ignored' | 'dead'
  attempts: number
  error: Json | null
  /** A `WebhookHint`; null when its payload could not be read. */
  hint: Json | null
  /** The repository that it is about, once that was found out. */
  repository_id: Generated<number | null>
  /** When it was last looked at; null: not yet. */
  processed_at: Generated<Millis | null>
}

/** What webhooks brought, as long as it is kept. */
export interface WebhookPayloadsTable {
  webhook_id: number
  body: string
}

/** What was written to Jira. */
export interface JiraWritesTable {
  id: Generated<number>
  /** Empty, as the next: it is about no issue. */
  issue_key: string
  jira_id: string
  kind: InformationWriteKind | 'comment' | 'worklog' | 'transition' | 'webhook' | 'webhook-deletion'
  written_at: Millis
  /** How long it took. */
  ms: number
  outcome: 'done' | 'failed'
  /** HTTP status; null: it failed, and `error` tells. */
  status: number | null
  error: Json | null
  /** Of the content sent, or of the text that people read; null: there is none, such as in a deletion. */
  bytes: number | null
  content_hash: string | null
  /** The synchronisation whose change caused it; null: none did, it was compared or replayed. */
  sync_id: number | null
}

/** Writes that keep what Jira holds of an issue as it is here: they can be repeated at any time. */
export type InformationWriteKind = 'property' | 'link' | 'property-deletion' | 'link-deletion'

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

export interface Schema extends IdentitySchema, RunSchema, SmartCommitSchema, TriggerSchema {
  accounts: AccountsTable
  repositories: RepositoriesTable
  branches: BranchesTable
  branch_keys: BranchKeysTable
  kept_heads: KeptHeadsTable
  commits: CommitsTable
  commit_keys: CommitKeysTable
  pull_requests: PullRequestsTable
  pull_request_keys: PullRequestKeysTable
  issues: IssuesTable
  projects: ProjectsTable
  manual_links: ManualLinksTable
  commit_files: CommitFilesTable
  syncs: SyncsTable
  webhook_deliveries: WebhookDeliveriesTable
  webhook_payloads: WebhookPayloadsTable
  jira_writes: JiraWritesTable
  account_webhooks: AccountWebhooksTable
  webhook_signers: WebhookSignersTable
  left_hooks: LeftHooksTable
  jobs: JobsTable
  proofs: ProofsTable
  oauth_credentials: OAuthCredentialsTable
  oauth_sign_ins: OAuthSignInsTable
  token_expiries: TokenExpiriesTable
}
