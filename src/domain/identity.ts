/** Where people are known: here, by a password, or in Jira. */
export type UserSource = 'local' | 'jira'
/** A viewer sees the development information of issues that Jira lets them see. */
export type UserRole = 'administrator' | 'viewer'
/** What an API token may: everything, read what can be read, or /metrics alone. */
export type TokenScope = 'admin' | 'read' | 'metrics'

/** Somebody who may sign in. */
export interface User {
  readonly id: string
  readonly name: string
  readonly displayName: string
  readonly source: UserSource
  /** Jira's key of a user of Jira, which stays when they are renamed; null: a local user. */
  readonly jiraUserKey: string | null
  readonly createdAt: Date
  readonly disabled: boolean
}

/** Names are the same in any case, and however letters with marks are composed. */
export function nameKey(name: string): string {
  return name.normalize('NFKC').toLowerCase()
}

/** Who changed something, for the journal of administrators. */
export interface Actor {
  /** `local`: a command on this machine; `anonymous`: somebody with the set-up link. */
  readonly kind: 'user' | 'jira-user' | 'token' | 'local' | 'anonymous'
  /** Of the user or the API token. */
  readonly name: string | null
}
