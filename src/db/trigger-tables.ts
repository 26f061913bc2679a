import type { Generated } from 'kysely'
import type { TriggerEvent } from '../domain/trigger.ts'
import type { Flag, Json, Millis } from './column-types.ts'

interface TriggerRulesTable {
  id: Generated<number>
  name: string
  /** The lowest that fits acts. */
  position: number
  enabled: Flag
  event: TriggerEvent
  conditions: Json
  transition: string | null
  comment: string | null
  changed_by: string
  changed_at: Millis
}

/** What happened and a rule waits for: stored with what it happened to, judged afterwards. */
interface DevelopmentEventsTable {
  id: Generated<number>
  repository_id: number
  event: TriggerEvent
  subject: string
  at: Millis
  keys: Json
  facts: Json
  recorded_at: Millis
  state: 'pending' | 'done'
  /** The synchronisation that met it; null: an older program stored it. */
  sync_id: number | null
}

/** What a rule did on an issue because of an event: at most one rule acts. */
interface TriggerRunsTable {
  id: Generated<number>
  event_id: number
  rule_id: number
  rule_name: string
  issue_key: string
  /** Jira's id of the issue; null: it was not found, or an older version recorded it. */
  issue_id: Generated<string | null>
  /** acting: the call to Jira may or may not have been made. */
  state: 'acting' | 'done' | 'skipped' | 'failed'
  /** What was done, or why not. */
  summary: string
  problem: Json | null
  /** The issue was moved. */
  moved: Generated<Flag>
  /** While acting: the status that it is moved to. */
  target_status: string | null
  at: Millis
  /** Raised whenever it is stored: who read an older one was overtaken. */
  attempt: Generated<number>
}

export interface TriggerSchema {
  trigger_rules: TriggerRulesTable
  development_events: DevelopmentEventsTable
  trigger_runs: TriggerRunsTable
}
