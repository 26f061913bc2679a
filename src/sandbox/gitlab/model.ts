/** Access levels of GitLab; the numbers are what its API sends and compares. */
export const ROLES = { guest: 10, reporter: 20, developer: 30, maintainer: 40, owner: 50 } as const
export type Role = keyof typeof ROLES

export type Visibility = 'private' | 'internal' | 'public'
/** `private` means members only. */
export type FeatureAccess = 'enabled' | 'private' | 'disabled'
export type ProjectFeature = 'repository' | 'mergeRequests' | 'builds' | 'environments' | 'issues'

export interface User {
  readonly id: number
  readonly namespaceId: number
  username: string
  name: string
  email: string
  /** Shown to everyone; empty when the user shows none. */
  publicEmail: string
  admin: boolean
  bot: boolean
  state: 'active' | 'blocked'
  readonly createdAt: Date
}

/** A group, or the personal namespace of a user. */
export interface Namespace {
  readonly id: number
  readonly kind: 'group' | 'user'
  name: string
  path: string
  description: string
  parentId: number | null
  /** The user of a personal namespace. */
  readonly userId: number | null
  visibility: Visibility
  readonly createdAt: Date
  /** Access level by user id. */
  readonly members: Map<number, number>
}

export interface Project {
  readonly id: number
  name: string
  path: string
  namespaceId: number
  description: string
  visibility: Visibility
  defaultBranch: string
  readonly objectFormat: 'sha1' | 'sha256'
  archived: boolean
  /** Day from which on GitLab removes it; null: not scheduled. */
  deletionOn: string | null
  readonly createdAt: Date
  updatedAt: Date
  lastActivityAt: Date
  readonly creatorId: number
  forkedFromId: number | null
  /** The bare repository. */
  readonly folder: string
  readonly access: Record<ProjectFeature, FeatureAccess>
  readonly members: Map<number, number>
  /** Group id to access level. */
  readonly sharedWith: Map<number, number>
  /** Branches and tags as of the last push seen: full ref name to object. */
  refs: Map<string, string>
  readonly mergeRequests: MergeRequest[]
  /** What GitLab found out about the signatures of commits: the word `verification_status`, by hash. */
  readonly signatures: Map<string, string>
  readonly commitComments: CommitComment[]
  readonly pipelines: Pipeline[]
  readonly environments: Environment[]
  readonly deployments: Deployment[]
  readonly events: PushEvent[]
}

export interface CommitComment {
  readonly sha: string
  readonly note: string
  readonly author: User
  readonly createdAt: Date
}

export interface Token {
  readonly id: number
  readonly name: string
  readonly value: string
  readonly userId: number
  readonly scopes: readonly string[]
  /** `YYYY-MM-DD`: not valid from this day (UTC) on. */
  expiresAt: string | null
  /** End of an OAuth access token; null: a personal, group or project access token. */
  readonly oauthUntil: Date | null
  revoked: boolean
  readonly createdAt: Date
  lastUsedAt: Date | null
}

export type MergeRequestState = 'opened' | 'closed' | 'merged' | 'locked'
export type ReviewState = 'unreviewed' | 'review_started' | 'reviewed' | 'requested_changes' | 'approved' | 'unapproved'

export interface MergeRequest {
  readonly id: number
  readonly iid: number
  /** The target project's. */
  readonly projectId: number
  /** null when the fork is gone. */
  sourceProjectId: number | null
  readonly sourceBranch: string
  targetBranch: string
  /** A draft's starts with `Draft: `, as GitLab's. */
  title: string
  description: string
  state: MergeRequestState
  readonly authorId: number
  assigneeIds: number[]
  reviewers: { userId: number; state: ReviewState; readonly createdAt: Date }[]
  approvals: { readonly userId: number; readonly at: Date }[]
  labels: string[]
  sha: string
  baseSha: string
  mergeCommitSha: string | null
  squashCommitSha: string | null
  readonly createdAt: Date
  updatedAt: Date
  lastEditedAt: Date | null
  mergedAt: Date | null
  mergedById: number | null
  closedAt: Date | null
  closedById: number | null
  readonly notes: Note[]
}

export interface Note {
  readonly id: number
  readonly authorId: number
  body: string
  readonly system: boolean
  readonly createdAt: Date
  updatedAt: Date
}

export interface Job {
  readonly id: number
  readonly name: string
  readonly stage: string
  status: string
}

export interface Pipeline {
  readonly id: number
  readonly iid: number
  sha: string
  ref: string
  status: string
  source: string
  name: string | null
  readonly createdAt: Date
  updatedAt: Date
  startedAt: Date | null
  finishedAt: Date | null
  readonly jobs: readonly Job[]
}

export interface Environment {
  readonly id: number
  readonly name: string
  readonly tier: 'production' | 'staging' | 'testing' | 'development' | 'other'
  readonly externalUrl: string | null
  state: 'available' | 'stopped'
  readonly createdAt: Date
  updatedAt: Date
}

export interface Deployment {
  readonly id: number
  readonly iid: number
  readonly ref: string
  readonly sha: string
  status: string
  readonly environmentId: number
  readonly userId: number
  readonly createdAt: Date
  updatedAt: Date
}

export interface PushEvent {
  readonly id: number
  readonly userId: number
  readonly action: 'pushed to' | 'pushed new' | 'deleted'
  readonly ref: string
  readonly refType: 'branch' | 'tag'
  readonly before: string | null
  readonly after: string | null
  readonly commitCount: number
  readonly createdAt: Date
}
