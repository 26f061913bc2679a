import type { PropertyLevel } from '../../jira/issue-property.ts'
import type { JiraAuth } from '../../jira/jira-transport.ts'
export type { JiraAuth } from '../../jira/jira-transport.ts'
import type { JiraEventSettings } from '../delivery/jira-connection.ts'

/** Everything that a connection to Jira is made of; the secrets are in it. */
export interface JiraSettings {
  /** Without a slash at its end. */
  readonly url: string
  readonly auth: JiraAuth
  /** Detail of the issue property, by project key. */
  readonly property: JiraPropertyLevels
  readonly delivery: readonly ('property' | 'link')[]
  readonly webhooks: JiraEventSettings['webhooks']
  /** null: the connector makes one. */
  readonly webhookSecret: string | null
  readonly poll: JiraEventSettings['poll']
  /** An OAuth application of Jira by which people sign in; default: there is none. */
  readonly oauth?: { readonly clientId: string; readonly clientSecret: string }
}

export interface JiraPropertyLevels {
  readonly others: PropertyLevel
  readonly projects: Readonly<Record<string, PropertyLevel>>
}

/** A connection as it is told to people: without its secrets. */
export interface JiraDescription {
  readonly managedBy: 'file' | 'browser'
  readonly url: string
  readonly auth: 'token' | 'password'
  readonly property: JiraPropertyLevels
  readonly delivery: readonly ('property' | 'link')[]
  readonly webhooks: JiraEventSettings['webhooks']
  /** What kind of caller connected it, in the browser. */
  readonly connectedBy: string | null
  readonly connectedAt: Date | null
}
