import type { Generated } from 'kysely'
import type { Flag, Json, Millis } from './column-types.ts'

/** Small facts about this installation; see `stores/settings.ts`. */
interface SettingsTable {
  key: string
  value: string
}

interface UsersTable {
  id: Generated<number>
  name: string
  /** The name in one case: what names are compared by. */
  name_key: string
  display_name: string
  source: 'local' | 'jira'
  /** Of a local user, see `lib/passwords.ts`. */
  password_hash: string | null
  /** Jira's own key of a user of Jira: it stays when they are renamed. */
  jira_user_key: string | null
  created_at: Millis
  disabled: Generated<Flag>
}

interface SessionsTable {
  id: Generated<number>
  /** SHA-256 of what the cookie holds. */
  id_hash: string
  user_id: number
  role: 'administrator' | 'viewer'
  created_at: Millis
  /** To the minute. */
  last_seen_at: Millis
  expires_at: Millis
  user_agent: string | null
}

interface ApiTokensTable {
  id: Generated<number>
  name: string
  scope: 'admin' | 'read' | 'metrics'
  /** SHA-256; the value itself has 256 bits of chance. */
  value_hash: string
  prefix: string
  created_by: string | null
  created_at: Millis
  /** To the minute. */
  last_used_at: Millis | null
  expires_at: Millis | null
  revoked: Generated<Flag>
}

export interface AdminLogTable {
  id: Generated<number>
  at: Millis
  actor_kind: 'user' | 'jira-user' | 'token' | 'local' | 'anonymous'
  actor_name: string | null
  action: string
  target: string | null
  details: Json
}

/** The one-time link to the set-up; SHA-256 of what stands in it. */
interface SetupCodesTable {
  code_hash: string
  expires_at: Millis
}

export interface IdentitySchema {
  settings: SettingsTable
  users: UsersTable
  sessions: SessionsTable
  api_tokens: ApiTokensTable
  admin_log: AdminLogTable
  setup_codes: SetupCodesTable
}
