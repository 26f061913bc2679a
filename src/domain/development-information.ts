import type { PullRequestStatus, ReviewerState } from './pull-request.ts'

/**
 * What Git knows about one issue, in the shape of `/api/v1/issues/{KEY}/development`. Field names are the external
 * contract (section 4): scripts, the panel in Jira and the issue page read them. Dates are RFC 3339 texts in UTC;
 * `null` means known to be absent. Newest first everywhere.
 */
export interface DevelopmentInformation {
  /** Issue key as asked. */
  readonly issue: string
  /**
   * The oldest last synchronisation among the repositories that are shown; now, where there is none. Not a change of
   * content by itself.
   */
  readonly asOf: string
  /** The issue's page on the connector. */
  readonly panelUrl: string
  /** Counts everything, also what the lists leave out. */
  readonly summary: DevelopmentSummary
  /** What the option `panel.hide` keeps out of the lists and the summary. */
  readonly hidden: { readonly commits: number; readonly branches: number; readonly pullRequests: number }
  /** At most 100 newest entries of each kind over all repositories. */
  readonly repositories: readonly DevelopmentRepository[]
}

export interface DevelopmentSummary {
  readonly branches: number
  readonly commits: number
  readonly pullRequests: { readonly open: number; readonly merged: number; readonly declined: number }
  readonly builds: { readonly successful: number; readonly failed: number; readonly inProgress: number }
  readonly deployments: { readonly environments: readonly string[] }
  /** null: nothing has happened yet. */
  readonly lastActivity: string | null
}

/** Who linked it by hand, and why. */
export interface ManualMark {
  readonly who: string
  readonly reason: string
  readonly at: string
}

export interface DevelopmentRepository {
  /** The connector's. */
  readonly id: string
  readonly name: string
  readonly url: string
  /** Kind of Git host, such as `gitlab`. */
  readonly host: string
  readonly branches: readonly DevelopmentBranch[]
  readonly commits: readonly DevelopmentCommit[]
  readonly pullRequests: readonly DevelopmentPullRequest[]
  readonly builds: readonly DevelopmentBuild[]
  readonly deployments: readonly DevelopmentDeployment[]
}

export interface DevelopmentBranch {
  readonly name: string
  readonly url: string
  /** Commit hash the branch points to. */
  readonly head: string
  /** null: the host cannot open a pull request by address, or one is open already. */
  readonly createPullRequestUrl: string | null
  readonly hidden: boolean
}

export interface DevelopmentPerson {
  readonly name: string
  /** null: unknown, or the reader may not see it. Never written to Jira. */
  readonly email: string | null
}

export type FileChange = 'ADDED' | 'MODIFIED' | 'DELETED' | 'RENAMED'

export interface DevelopmentFile {
  readonly path: string
  readonly change: FileChange
  /** Lines; null: binary, or the host does not tell. */
  readonly added: number | null
  readonly removed: number | null
}

export interface DevelopmentCommit {
  readonly id: string
  /** First seven digits of `id`. */
  readonly displayId: string
  readonly message: string
  readonly author: DevelopmentPerson
  readonly authoredAt: string
  readonly merge: boolean
  readonly url: string
  /** null until loaded from the host. */
  readonly fileCount: number | null
  readonly files: readonly DevelopmentFile[] | null
  /** Names of other repositories with the same commit, such as forks: it is shown once, with its origin. */
  readonly alsoIn: readonly string[]
  readonly linkedBy: ManualMark | null
  readonly hidden: boolean
}

export interface DevelopmentReviewer {
  readonly name: string
  readonly state: ReviewerState
}

export interface DevelopmentPullRequest {
  /** The number people know, without a sign before it. */
  readonly id: string
  readonly title: string
  readonly status: PullRequestStatus
  readonly draft: boolean
  readonly sourceBranch: string
  readonly targetBranch: string
  readonly url: string
  readonly author: DevelopmentPerson
  readonly reviewers: readonly DevelopmentReviewer[]
  readonly commentCount: number
  readonly updatedAt: string
  readonly linkedBy: ManualMark | null
  readonly hidden: boolean
}

export type RunState = 'PENDING' | 'IN_PROGRESS' | 'SUCCESSFUL' | 'FAILED' | 'CANCELLED' | 'UNKNOWN'

/** Jobs of a build, each in its last try; what neither succeeded nor failed was skipped, cancelled, or waits for a person. */
export interface JobCounts {
  readonly total: number
  readonly successful: number
  readonly failed: number
}

export interface DevelopmentBuild {
  readonly id: string
  readonly number: number
  readonly state: RunState
  /** Branch or tag that was built. */
  readonly ref: string
  readonly url: string
  /** null: not finished. */
  readonly finishedAt: string | null
  /** null: not known, as while it runs. */
  readonly jobs: JobCounts | null
}

export type EnvironmentType = 'production' | 'staging' | 'testing' | 'development' | 'unmapped'

export interface DevelopmentDeployment {
  readonly id: string
  readonly environment: string
  readonly environmentType: EnvironmentType
  readonly state: RunState
  readonly url: string
  /** null: not finished. */
  readonly finishedAt: string | null
}
