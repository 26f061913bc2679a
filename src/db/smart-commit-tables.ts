import type { Generated } from 'kysely'
import type { Flag, Json, Millis } from './column-types.ts'
import type { SmartCommitActionState, SmartCommitActor, SmartCommitState } from '../domain/smart-commit-record.ts'

/** Commits that command something; the states are drawn in `domain/smart-commit-record.ts`. */
export interface SmartCommitsTable {
  /** Rises in the order of execution within a repository. */
  id: Generated<number>
  repository_id: number
  sha: string
  author_name: string
  author_email: string | null
  authored_at: Millis
  offset_minutes: number
  /** 1: it has several parents. */
  merge: Generated<Flag>
  lines: string
  /** Of all its commands as one, see `app/smart-commits/smart-commit-fingerprint.ts`. */
  fingerprint: string
  state: SmartCommitState
  problem: Json | null
  /** The synchronisation that met it. */
  sync_id: number | null
  recorded_at: Millis
  /** When its last command came to an end; null: none did. */
  executed_at: Millis | null
  asked_by: string | null
  /** What became of the comment on the host; null: none is wanted, or it is not its time yet. */
  reply_state: Generated<'waiting' | 'posting' | 'posted' | 'failed' | null>
  reply_problem: Generated<Json | null>
}

interface SmartCommitActionsTable {
  id: Generated<number>
  smart_commit_id: number
  position: number
  issue_key: string
  /** Jira's id of the issue, where the command was given for several keys and this one was looked up. */
  issue_id: Generated<string | null>
  name: string
  argument: string
  state: SmartCommitActionState
  attempts: Generated<number>
  summary: Generated<string | null>
  problem: Generated<Json | null>
  jira_id: Generated<string | null>
  actor: Generated<SmartCommitActor | null>
  user_name: Generated<string | null>
  /** Jira's key of that user, which stays when they are renamed. */
  user_key: Generated<string | null>
  started_at: Generated<Millis | null>
  ended_at: Generated<Millis | null>
}

/** Which commit holds each command, see `stores/smart-commit-claims.ts`; kept for ever, so that no copy is executed again. */
interface SmartCommitFingerprintsTable {
  fingerprint: string
  repository_id: number
  sha: string
  /** Of the command in its commit. null: it is history; or, before commands had fingerprints, all commands of a commit as one. */
  position: Generated<number | null>
  /** 1: it was met where nothing is recorded, such as a first import. */
  history: Generated<Flag>
  claimed_at: Millis
}

/** Whose commits those of an e-mail address are, where Jira alone does not tell. */
interface SmartCommitAliasesTable {
  /** In lower case. */
  email: string
  /** Jira's name of the user. */
  user_name: string
  /** Of the user for whom it was confirmed, or who asked. */
  user_key: Generated<string | null>
  /** asked: by the person, and without effect until an administrator confirms it. */
  state: 'asked' | 'confirmed'
  asked_by: string | null
  created_at: Millis
  confirmed_by: string | null
  confirmed_at: Millis | null
}

/** Tokens with which people let the connector act in Jira as themselves. */
interface SmartCommitTokensTable {
  /** Jira's key of the user, which stays when they are renamed. */
  user_key: string
  user_name: string
  token_sealed: string
  created_at: Millis
  /** Why it is not used any more. */
  problem: Json | null
}

export interface SmartCommitSchema {
  smart_commits: SmartCommitsTable
  smart_commit_actions: SmartCommitActionsTable
  smart_commit_fingerprints: SmartCommitFingerprintsTable
  smart_commit_aliases: SmartCommitAliasesTable
  smart_commit_tokens: SmartCommitTokensTable
}
