import type { SecretBox } from '../../lib/secret-box.ts'

/** Tokens with which people let the connector act in Jira as themselves, each bound to whose it is. */
export interface PersonalTokens {
  seal(userKey: string, token: string): string
  /** @throws ConnectorError `secret-unreadable` */
  open(userKey: string, sealed: string): string
}

export function createPersonalTokens(box: SecretBox): PersonalTokens {
  const context = (userKey: string) => `jira-user:${userKey}:token`
  return {
    seal: (userKey, token) => box.seal(token, context(userKey)),
    open: (userKey, sealed) => box.open(sealed, context(userKey)),
  }
}
