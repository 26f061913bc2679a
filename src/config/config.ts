import type { Secret } from '../lib/secret.ts'
import type { ShownOption } from './shown-options.ts'
import type { ByProject, DatabaseChoice, ListenAddress } from './value-types.ts'

export type PropertyDetail = 'full' | 'titles' | 'counts'
export type SmartCommitTrust = 'off' | 'author' | 'verified'
export type WebhookMode = 'auto' | 'group' | 'project' | 'system' | 'manual' | 'off'

/** The whole configuration, checked and with defaults. Secrets show themselves to `reveal()` only. */
export interface Config {
  /** Absolute path of the file; null: none was given. */
  readonly file: string | null
  /** Paths of the options that the file or the environment sets, such as `sync.interval`, and `accounts`: read-only in the browser. */
  readonly declared: ReadonlySet<string>
  /** What administrators may see of it. */
  readonly shown: readonly ShownOption[]
  readonly server: ServerConfig
  /** Absolute path. */
  readonly dataDir: string
  readonly database: DatabaseChoice
  /** null: not configured here. */
  readonly jira: JiraConfig | null
  /** Empty: none configured here. Ids are unique. */
  readonly accounts: readonly AccountConfig[]
  /** `intervalMs` null: the schedule is off. */
  readonly sync: { readonly intervalMs: number | null; readonly concurrency: number }
  readonly panel: { readonly branchName: string; readonly hide: readonly string[]; readonly filesPerHour: number }
  readonly issueKeys: { readonly anyCaseIn: readonly ('branch' | 'commit' | 'title')[]; readonly pullRequestCommits: boolean }
  readonly git: { readonly fullCloneLimitBytes: number }
  readonly smartCommits: { readonly maxAgeMs: number; readonly mergeCommits: boolean }
  readonly retention: { readonly payloadsMs: number; readonly journalsMs: number; readonly smartCommitsMs: number }
  readonly network: NetworkConfig
  /** `format` null: pretty on a terminal, else JSON. */
  readonly log: { readonly level: 'debug' | 'info' | 'warn' | 'error'; readonly format: 'json' | 'pretty' | null }
}

export interface ServerConfig {
  /** Public address without a slash at its end; null: not known, the address listened on is all there is. */
  readonly url: string | null
  readonly listen: ListenAddress
  /** Of nodes that only work: health and metrics; null: nowhere. */
  readonly workerListen: ListenAddress | null
  readonly adminToken: Secret | null
  /** null: the key file in dataDir. */
  readonly secretKey: Secret | null
  readonly trustProxy: boolean
}

export type JiraCredentials =
  | { readonly kind: 'token'; readonly token: Secret }
  | { readonly kind: 'password'; readonly username: string; readonly password: Secret }

export interface JiraConfig {
  /** With its context path, without a slash at its end. */
  readonly url: string
  readonly credentials: JiraCredentials
  readonly property: ByProject<PropertyDetail>
  readonly delivery: readonly ('property' | 'link')[]
  readonly webhooks: 'auto' | 'manual' | 'off'
  /** null: the connector makes one; set where `webhooks` is `manual`. */
  readonly webhookSecret: Secret | null
  /** null: people do not sign in through Jira's OAuth. */
  readonly oauth: { readonly clientId: string; readonly clientSecret: Secret } | null
  /** Milliseconds between two looks for what no webhook told; null: never. */
  readonly poll: number | 'auto' | null
}

export interface AccountConfig {
  readonly id: string
  readonly name: string
  readonly host: 'gitlab'
  /** Without a slash at its end. */
  readonly url: string
  /** null: the same as `url`. */
  readonly gitUrl: string | null
  /** null: all that the token can read. */
  readonly owner: string | null
  readonly token: Secret
  /** null: `token` manages webhooks. */
  readonly webhookAdminToken: Secret | null
  readonly webhooks: WebhookMode
  /** Set exactly when `webhooks` is `manual`. */
  readonly webhookSecret: Secret | null
  readonly autoLink: boolean
  readonly smartCommits: boolean
  readonly smartCommitTrust: SmartCommitTrust
  readonly smartCommitReplies: boolean
  readonly include: readonly string[]
  readonly exclude: readonly string[]
  /** Empty: all. */
  readonly jiraProjects: readonly string[]
}

export interface NetworkConfig {
  /** Absolute paths of PEM files that could be read when the configuration was loaded. */
  readonly ca: readonly string[]
  /** `network.proxy`, else HTTPS_PROXY; may hold credentials. */
  readonly proxy: Secret | null
  /** NO_PROXY as it stands: hosts to reach directly, separated by commas; null when not set. */
  readonly noProxy: string | null
  readonly allowPrivateAddresses: boolean
}
