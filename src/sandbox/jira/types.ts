/** What the stand-in Jira knows. Mutable on purpose: it is a small world that tests and the demo change. */
export interface SandboxUser {
  readonly name: string
  readonly displayName: string
  readonly emailAddress: string
  readonly password?: string
  /** Personal access tokens; `expiresAt` absent: never. */
  readonly tokens?: readonly { readonly token: string; readonly expiresAt?: Date }[]
  /** Jira administrator. */
  readonly administrator?: boolean
  /** Default true. */
  readonly active?: boolean
}

export type SandboxRole = 'administrators' | 'developers' | 'viewers'

export interface SandboxProject {
  readonly id: string
  key: string
  readonly formerKeys: string[]
  name: string
  /** User names by role; null: every user is a developer. */
  members: Partial<Record<SandboxRole, readonly string[]>> | null
  /** Whoever is not signed in may browse. */
  anonymousBrowse: boolean
  /** Number of the newest issue. */
  lastNumber: number
}

export interface SandboxComment {
  readonly id: string
  readonly author: string
  body: string
  readonly created: Date
}

export interface SandboxWorklog {
  readonly id: string
  readonly author: string
  readonly comment: string
  readonly started: string
  readonly timeSpentSeconds: number
}

export interface SandboxRemoteLink {
  readonly id: number
  globalId: string | null
  value: Record<string, unknown>
}

export interface SandboxIssue {
  readonly id: string
  key: string
  projectId: string
  summary: string
  description: string
  type: 'Bug' | 'Story' | 'Task'
  priority: 'High' | 'Medium' | 'Low'
  status: SandboxStatus
  assignee: string | null
  reporter: string | null
  readonly created: Date
  updated: Date
  readonly properties: Map<string, unknown>
  readonly remoteLinks: SandboxRemoteLink[]
  readonly comments: SandboxComment[]
  readonly worklogs: SandboxWorklog[]
}

export type SandboxStatus = 'To Do' | 'In Progress' | 'In Review' | 'Done'

/** The workflow: every status by every transition but its own. */
export const TRANSITIONS: readonly { readonly id: string; readonly name: string; readonly to: SandboxStatus }[] = [
  { id: '11', name: 'Reopen Issue', to: 'To Do' },
  { id: '21', name: 'Start Progress', to: 'In Progress' },
  { id: '31', name: 'Start Review', to: 'In Review' },
  { id: '41', name: 'Resolve Issue', to: 'Done' },
]

export const STATUS_CATEGORIES: Readonly<Record<SandboxStatus, 'new' | 'indeterminate' | 'done'>> = {
  'To Do': 'new',
  'In Progress': 'indeterminate',
  'In Review': 'indeterminate',
  Done: 'done',
}
