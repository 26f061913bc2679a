import { ConnectorError, isConnectorError } from '../../lib/connector-error.ts'
import type { SecretBox } from '../../lib/secret-box.ts'

/** Tokens with which people let the connector act in Jira as themselves, each bound to whose it is and to Jira's address. */
export interface PersonalTokens {
  seal(owner: TokenOwner, token: string): string
  /** @throws ConnectorError `secret-unreadable`: also when it was stored for another address */
  open(owner: TokenOwner, sealed: string): string
}

export interface TokenOwner {
  readonly userKey: string
  /** Address of the Jira that the token is of, as `JiraClient.base` has it. */
  readonly jira: URL
}

export function createPersonalTokens(box: SecretBox): PersonalTokens {
  // No address has a space in it: no other pair makes the same text.
  const context = ({ userKey, jira }: TokenOwner) => `jira-user:token:${jira.href} ${userKey}`
  return {
    seal: (owner, token) => box.seal(token, context(owner)),
    open(owner, sealed) {
      try {
        return box.open(sealed, context(owner))
      } catch (error) {
        throw isConnectorError(error, 'secret-unreadable') ? tokenUnreadable(error) : error
      }
    },
  }
}

function tokenUnreadable(cause: ConnectorError): ConnectorError {
  return new ConnectorError('secret-unreadable', {
    userMessage:
      'The stored token is not for the Jira that is connected: its address was another one, or it was stored by an older version or under another secret key.',
    remedy: 'Store the token again, under "Profile and sessions".',
    cause,
  })
}
