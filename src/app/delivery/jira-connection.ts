import type { JiraClient } from '../../jira/client.ts'
import type { PropertyLevel } from '../../jira/issue-property.ts'

/** Remembers when the connected Jira was last found to be the same one. */
export interface IdentityCheck {
  trustedUntilMs: number
}

/** The connected Jira and what it gets. */
export interface JiraConnection {
  readonly client: JiraClient
  /** Detail of the issue property, by project key. */
  propertyLevel(projectKey: string): PropertyLevel
  readonly delivery: readonly ('property' | 'link')[]
  /** Id of this installation, in the global id of remote links. */
  readonly installationId: string
  readonly identityCheck: IdentityCheck
}
