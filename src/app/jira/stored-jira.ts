import type { Reader, Tx } from '../../db/database.ts'
import { findSetting, saveSetting } from '../../db/stores/settings.ts'
import type { JiraAuth } from '../../jira/jira-transport.ts'
import type { SecretBox } from '../../lib/secret-box.ts'
import type { JiraSettings } from './jira-settings.ts'

/** The Jira that was connected in the browser, as the setting `jira.connection` holds it. */
export interface StoredJira extends Omit<JiraSettings, 'auth' | 'webhookSecret' | 'poll' | 'oauth'> {
  /** null: the secret is a token. */
  readonly username: string | null
  /** Token or password; opens for this address alone. */
  readonly secretSealed: string
  readonly connectedBy: string | null
  readonly connectedAt: number
}

/** Bound to the address: what is stored cannot be sent to another one. */
const contextOf = (url: string) => `jira:credentials:${url}`

/** The text as it stands there, to notice a change; null: none was connected in the browser. */
export function findStoredJira(db: Reader): Promise<string | null> {
  return findSetting(db, 'jira.connection')
}

export function parseStoredJira(text: string): StoredJira {
  return JSON.parse(text) as StoredJira
}

export async function saveStoredJira(
  tx: Tx,
  secretBox: SecretBox,
  { auth, ...jira }: Omit<StoredJira, 'username' | 'secretSealed'> & { readonly auth: JiraAuth },
): Promise<void> {
  const isToken = 'token' in auth
  const stored: StoredJira = {
    ...jira,
    username: isToken ? null : auth.username,
    secretSealed: secretBox.seal(isToken ? auth.token : auth.password, contextOf(jira.url)),
  }
  await saveSetting(tx, 'jira.connection', JSON.stringify(stored))
}

/** @throws ConnectorError `secret-unreadable` */
export function openStoredAuth(secretBox: SecretBox, { url, username, secretSealed }: StoredJira): JiraAuth {
  const secret = secretBox.open(secretSealed, contextOf(url))
  return username === null ? { token: secret } : { username, password: secret }
}
