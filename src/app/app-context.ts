import type { Database } from '../db/database.ts'
import type { Noise } from '../domain/noise.ts'
import type { IssueKeySettings } from '../domain/issue-key-settings.ts'
import type { GitProgram } from '../git/git-program.ts'
import type { JobQueue } from '../jobs/job-queue.ts'
import type { Clock } from '../lib/clock.ts'
import type { HttpClient } from '../lib/http-client.ts'
import type { Logger } from '../lib/logger.ts'
import type { RequestMeter } from '../lib/request-meter.ts'
import type { Connections } from './accounts/connections.ts'
import type { JiraConnection } from './delivery/jira-connection.ts'
import type { IssueKeyRules } from './issue-keys/issue-key-rules.ts'
import type { JiraAccess } from './jira/jira-access.ts'
import type { Metrics } from './metrics/metrics.ts'
import type { PersonalTokens } from './smart-commits/personal-tokens.ts'
import type { WebhookIntake } from './webhooks/webhook-intake.ts'

/** What the use cases work with; put together once, in the composition root. */
export interface AppContext {
  readonly db: Database
  readonly jobs: JobQueue
  readonly git: GitProgram
  readonly http: HttpClient
  readonly clock: Clock
  readonly log: Logger
  readonly connections: Connections
  readonly webhooks: WebhookIntake
  /** The Jira that is connected at this moment: read it once for a piece of work. null: none is. */
  readonly jira: JiraConnection | null
  /** Where that comes from, and how it becomes another one. */
  readonly jiraAccess: JiraAccess
  /** Seals what people entrust to the connector; see `smart-commits/personal-tokens.ts`. */
  readonly personalTokens: PersonalTokens
  /** Where `settings.issueKeys` comes from, and how it becomes another one. */
  readonly issueKeyRules: IssueKeyRules
  readonly settings: AppSettings
  readonly metrics: Metrics
  /** Counts the requests of a piece of work; fed by the HTTP client. */
  readonly requests: RequestMeter
}

export interface AppSettings {
  /** Public address of the connector, without a slash at the end. */
  readonly serverUrl: string
  /** Mirrors live in `git/` below it. */
  readonly dataDir: string
  /** Time between two sweeps of an account in ms; null: no schedule. */
  readonly sweepIntervalMs: number | null
  /** In force at this moment: read it once for a piece of work. */
  readonly issueKeys: IssueKeySettings
  /** Largest repository, in bytes, that is cloned in full where the server offers no partial clone. */
  readonly fullCloneLimitBytes: number
  /** This process delivers to Jira, as soon as one is connected. */
  readonly deliver: boolean
  readonly retention: RetentionSettings
  readonly panel: PanelSettings
  readonly smartCommits: SmartCommitSettings
}

export interface SmartCommitSettings {
  /** Written longer ago, by the author date in ms, they are not executed unasked. */
  readonly maxAgeMs: number
  /** Merge commits are executed as others are. */
  readonly mergeCommits: boolean
}

export interface PanelSettings {
  /** What is not shown unasked; `rules` as configured. */
  readonly noise: Noise
  readonly rules: readonly string[]
  /** Template of the name of a new branch. */
  readonly branchName: string
  /** Commits of one account whose files are loaded unasked within an hour; 0: none. */
  readonly filesPerHour: number
}

/** How long is kept what people look into afterwards, in ms. */
export interface RetentionSettings {
  /** Payloads of webhooks. */
  readonly payloadsMs: number
  /** Journals of webhooks, synchronisations and writes to Jira. */
  readonly journalsMs: number
  /** What became of smart commits. */
  readonly smartCommitsMs: number
}

/** A burst of changes of one issue within this time is one write to Jira. */
export const DELIVERY_DELAY_MS = 250
