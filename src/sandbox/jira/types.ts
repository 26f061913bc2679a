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
  /** Its workflow; a test may put another here. */
  transitions: readonly SandboxTransition[]
  /** Permissions that somebody lacks although their role has them, by user name. */
  withheld: Readonly<Record<string, readonly string[]>>
}

/** One arrow of a workflow. */
export interface SandboxTransition {
  readonly id: string
  readonly name: string
  readonly to: SandboxStatus
  /** Default: every status but `to`. */
  readonly from?: readonly SandboxStatus[]
  /** What Jira asks for on the way; default: no screen, so no comment either. */
  readonly screen?: SandboxScreen
  /** A condition of the workflow: only these people, by name. */
  readonly onlyFor?: readonly string[]
}

export interface SandboxScreen {
  readonly fields?: readonly {
    readonly id: string
    readonly name: string
    readonly required: boolean
    readonly hasDefaultValue?: boolean
  }[]
  /** Screens of transitions have the comment field unless an administrator took it off. Default true. */
  readonly comment?: boolean
}

/** Settings of the whole Jira that change what smart commits can do. */
export interface SandboxInstance {
  /** "User email visibility": as they are, `ann at example dot com`, or not at all. */
  emails: 'shown' | 'masked' | 'hidden'
  timeTracking: boolean
}

/** One entry of an issue's history. */
export interface SandboxHistory {
  readonly id: string
  readonly author: string | null
  readonly created: Date
  readonly items: readonly { readonly field: string; readonly from: string; readonly to: string }[]
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
  /** When it was logged; the work itself was `started`. */
  readonly created: Date
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
  /** Oldest first. */
  readonly history: SandboxHistory[]
}

export type SandboxStatus = 'To Do' | 'In Progress' | 'In Review' | 'Done'

/** The usual workflow: every status by every transition but its own. */
export const TRANSITIONS: readonly SandboxTransition[] = [
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
