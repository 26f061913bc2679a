import { readPastEvents, UNTOLD_EVENTS, type PastEvent } from '../../db/views/past-events.ts'
import { isForEvent, TRIGGER_WINDOW_MS, type TriggerEvent, type TriggerRule } from '../../domain/trigger.ts'
import { isConnectorError } from '../../lib/connector-error.ts'
import type { AppContext } from '../app-context.ts'
import { getConnected } from '../jira/connect-jira.ts'
import { describeAction } from './act.ts'
import { judgeEvent, type Verdict } from './judge-event.ts'

const MOST_EVENTS = 5_000
/** Three requests each. */
const MOST_EXAMPLES = 20

export interface TriggerDryRun {
  /** Pairs of event and issue for which the conditions on the host's side hold. */
  readonly matched: number
  readonly complete: boolean
  readonly note: string | null
  readonly examples: readonly DryRunExample[]
}

export interface DryRunExample {
  readonly past: PastEvent
  readonly outcome: 'acts' | 'skipped' | 'not-for-issue'
  readonly text: string
}

/**
 * What a rule would have done with what is stored of the last two weeks, with the issues as they are today. Changes nothing.
 *
 * @throws ConnectorError `jira-not-connected`, and those of the Jira client
 */
export async function dryRunTrigger(app: AppContext, rule: TriggerRule, signal: AbortSignal): Promise<TriggerDryRun> {
  const { client } = getConnected(app)
  const since = new Date(app.clock.now().getTime() - TRIGGER_WINDOW_MS)
  const past = await readPastEvents(app.db.read, { event: rule.event, since, limit: MOST_EVENTS })
  const fitting = past.filter((event) => isForEvent(rule, event))
  const examples: DryRunExample[] = []
  const seen = new Set<string>()
  for (const event of firstOfEachKey(fitting)) {
    const judged = { event, key: event.key, rules: [{ ...rule, enabled: true }] }
    const verdict = await judgeToday(app, { client, judged }, signal)
    const issueId = verdict.kind === 'act' ? verdict.issue.id : verdict.issueId
    // A moved issue, named by another of its keys before.
    if (issueId !== null && seen.has(issueId)) continue
    if (issueId !== null) seen.add(issueId)
    examples.push(toExample(event, verdict))
  }
  return { matched: fitting.length, complete: past.length < MOST_EVENTS, note: noteOf(rule.event), examples }
}

/** An issue that Jira's index does not hold leaves the others their answer. */
async function judgeToday(app: AppContext, asked: Parameters<typeof judgeEvent>[1], signal: AbortSignal): Promise<Verdict> {
  try {
    return await judgeEvent(app, asked, signal)
  } catch (error) {
    const [rule] = asked.judged.rules
    if (!isConnectorError(error, 'jira-index-behind') || rule === undefined) throw error
    return { kind: 'skipped', rule, reason: error.userMessage, issueId: null }
  }
}

function firstOfEachKey(events: readonly PastEvent[]): PastEvent[] {
  const first = new Map<string, PastEvent>()
  for (const event of events) if (!first.has(event.key)) first.set(event.key, event)
  return [...first.values()].slice(0, MOST_EXAMPLES)
}

function toExample(past: PastEvent, verdict: Verdict): DryRunExample {
  switch (verdict.kind) {
    case 'act':
      return { past, outcome: 'acts', text: describeAction(verdict) }
    case 'skipped':
      return { past, outcome: 'skipped', text: verdict.reason }
    case 'none':
      return { past, outcome: 'not-for-issue', text: 'Its type, status or project is another, or the query does not find it.' }
  }
}

function noteOf(event: TriggerEvent): string | null {
  if (UNTOLD_EVENTS.includes(event)) return 'That a pull request was reopened cannot be told afterwards.'
  if (event === 'branch-created')
    return 'When a branch was made cannot be told afterwards: these are branches that moved within two weeks.'
  return null
}
