import { repositoryId, type IssueKey, type RepositoryId } from '../../domain/ids.ts'
import type { Problem } from '../../domain/problem.ts'
import type { EventFacts, TriggerEvent } from '../../domain/trigger.ts'
import type { Reader } from '../database.ts'
import type { TriggerRun, TriggerRunState } from '../stores/trigger-runs.ts'

export interface TriggerRunEntry extends Pick<TriggerRun, 'issueKey' | 'rule' | 'state' | 'summary' | 'problem' | 'at'> {
  readonly id: number
  readonly happened: {
    readonly event: TriggerEvent
    readonly subject: string
    readonly at: Date
    readonly facts: EventFacts
    readonly repositoryId: RepositoryId
    readonly repository: string
  }
}

export interface TriggerRunPage {
  /** null: from the newest. */
  readonly before: number | null
  readonly limit: number
  /** null: of every rule, issue, state. */
  readonly rule: string | null
  readonly issue: IssueKey | null
  readonly state: TriggerRunState | null
}

/** What rules did, newest first. */
export async function readTriggerRuns(
  db: Reader,
  { before, limit, rule, issue, state }: TriggerRunPage,
): Promise<{ readonly items: readonly TriggerRunEntry[]; readonly next: number | null }> {
  let select = db
    .selectFrom('trigger_runs as t')
    .innerJoin('development_events as e', 'e.id', 't.event_id')
    .innerJoin('repositories as r', 'r.id', 'e.repository_id')
    .select(['t.id', 't.issue_key', 't.rule_id', 't.rule_name', 't.state', 't.summary', 't.problem', 't.at'])
    .select(['e.event', 'e.subject', 'e.at as happened_at', 'e.facts', 'e.repository_id', 'r.path'])
    .orderBy('t.id', 'desc')
    .limit(limit + 1)
  if (before !== null) select = select.where('t.id', '<', before)
  if (rule !== null) select = select.where('t.rule_id', '=', Number(rule))
  if (issue !== null) select = select.where('t.issue_key', '=', issue)
  if (state !== null) select = select.where('t.state', '=', state)
  const rows = await select.execute()
  const items = rows.slice(0, limit).map((row) => ({
    id: row.id,
    issueKey: row.issue_key as IssueKey,
    rule: { id: String(row.rule_id), name: row.rule_name },
    state: row.state,
    summary: row.summary,
    problem: row.problem === null ? null : (JSON.parse(row.problem) as Problem),
    at: new Date(row.at),
    happened: {
      event: row.event,
      subject: row.subject,
      at: new Date(row.happened_at),
      facts: JSON.parse(row.facts) as EventFacts,
      repositoryId: repositoryId(String(row.repository_id)),
      repository: row.path,
    },
  }))
  return { items, next: rows.length > limit ? (items.at(-1)?.id ?? null) : null }
}
