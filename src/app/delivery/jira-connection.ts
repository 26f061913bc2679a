import type { JiraClient } from '../../jira/client.ts'
import type { JiraAuth } from '../../jira/jira-transport.ts'
import type { JiraOAuth } from '../../jira/oauth.ts'
import type { PropertyLevel } from '../../jira/issue-property.ts'

/** Remembers when the connected Jira was last found to be the same one. */
export interface IdentityCheck {
  trustedUntilMs: number
}

/** How the connector learns what happens in Jira. */
export interface JiraEventSettings {
  readonly webhooks: 'auto' | 'manual' | 'off'
  /** Milliseconds between two looks for what no webhook told; null: never. */
  readonly poll: number | 'auto' | null
  /** Any of them makes a webhook Jira's; the first is installed. One is made when first asked for. */
  webhookSecrets(): Promise<readonly [string, ...string[]]>
  /** Whether this process saved its secret in Jira's webhook, or cannot. */
  readonly installation: { saved: boolean }
}

/** The connected Jira and what it gets. */
export interface JiraConnection {
  readonly client: JiraClient
  /** A client of the same Jira with somebody else's credentials, and a pace of their own. */
  clientOf(auth: JiraAuth): JiraClient
  /** Detail of the issue property, by project key. */
  propertyLevel(projectKey: string): PropertyLevel
  readonly delivery: readonly ('property' | 'link')[]
  /** Id of this installation, in the global id of remote links. */
  readonly installationId: string
  readonly identityCheck: IdentityCheck
  readonly events: JiraEventSettings
  /** Signs people of Jira in; absent: no OAuth application of Jira is configured. */
  readonly oauth?: JiraOAuth
}
