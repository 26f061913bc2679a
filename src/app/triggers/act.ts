import { saveTriggerRun, type FoundTriggerRun, type TriggerRun } from '../../db/stores/trigger-runs.ts'
import type { PendingEvent } from '../../db/stores/development-events.ts'
import { toProblem } from '../../domain/problem.ts'
import { sameName } from '../../domain/trigger.ts'
import { fillComment } from '../../domain/trigger-comment.ts'
import type { JiraClient } from '../../jira/client.ts'
import type { JiraIssueRef } from '../../jira/find-issues.ts'
import { toWikiAddress, toWikiText } from '../../jira/attribution.ts'
import { jobOvertaken } from '../../jobs/job-overtaken.ts'
import type { AppContext } from '../app-context.ts'
import { recordWrites } from '../audit/record-writes.ts'
import { isOfIssue, type Verdict } from './judge-event.ts'

/** Clocks of the connector and of Jira may differ by this much. */
const CLOCKS_MS = 120_000
/** Strangers' texts in a comment. */
const LONGEST_VALUE = 1_000

export interface ActingRule {
  readonly client: JiraClient
  readonly event: PendingEvent
  readonly verdict: Extract<Verdict, { kind: 'act' }>
  readonly issueKey: TriggerRun['issueKey']
  /** The attempt that is stored as acting; null: nothing is. */
  readonly over: number | null
}

/**
 * Does what a rule says, recorded before Jira is asked, so that a kill in between is noticed. What Jira refuses for this
 * issue is recorded; what concerns Jira as a whole is thrown, and the same is done again later.
 *
 * @throws ConnectorError those of the Jira client; `job-interrupted` another process acts on it now
 */
export async function act(app: AppContext, acting: ActingRule, signal: AbortSignal): Promise<void> {
  const { transition } = acting.verdict
  const summary = describeAction(acting.verdict)
  const begun = { ...acting, moved: false, since: null, summary, targetStatus: transition?.status ?? null }
  await finish(app, { ...begun, over: await begin(app, begun) }, signal)
}

/**
 * Goes on with what was recorded as acting when the process died. An issue that stands where it was to be moved is taken
 * for moved. Returns false when it was not moved: then it is to be judged anew.
 */
export async function resume(
  app: AppContext,
  { found, ...acting }: ActingRule & { readonly found: FoundTriggerRun },
  signal: AbortSignal,
): Promise<boolean> {
  const { targetStatus } = found
  if (targetStatus !== null && !sameName(targetStatus, acting.verdict.issue.status)) return false
  const begun = { ...acting, moved: targetStatus !== null, since: found.at, summary: found.summary, targetStatus }
  await finish(app, { ...begun, over: await begin(app, begun) }, signal)
  return true
}

interface BegunRule extends ActingRule {
  readonly moved: boolean
  /** When it was begun before; null: now. */
  readonly since: Date | null
  /** What is recorded as done. */
  readonly summary: string
  readonly targetStatus: string | null
}

/** Records that it is under way, in the place of what was read; the time stays that of the first time. */
function begin(app: AppContext, { since, ...begun }: BegunRule): Promise<number> {
  const { summary, targetStatus } = begun
  return save(app, begun, { state: 'acting', summary, targetStatus, ...(since === null ? {} : { at: since }) })
}

async function finish(app: AppContext, acting: BegunRule, signal: AbortSignal): Promise<void> {
  const { event, verdict, summary, since } = acting
  const client = recordWrites(app, { client: acting.client, syncId: event.syncId })
  const { issue, transition, rule } = verdict
  let { moved, over } = acting
  try {
    if (transition !== null && !moved) {
      await client.actions.doTransition(issue, { id: transition.id, comment: null }, signal)
      moved = true
    }
    const text = commentOf(acting)
    const isThere = text !== null && since !== null && (await hasComment(client, { issue, text, since }, signal))
    if (text !== null && !isThere) {
      // Time has passed since it was recorded.
      if (moved || since !== null) over = await begin(app, { ...acting, over, since: since ?? app.clock.now() })
      await client.actions.addComment(issue, text, signal)
    }
  } catch (error) {
    if (!isOfIssue(error)) throw error
    await save(app, { ...acting, over }, { state: 'failed', summary, moved, problem: toProblem(error) })
    return
  }
  app.log.info({ rule: rule.name, issue: issue.key, event: event.happened.event }, 'rule acted')
  await save(app, { ...acting, over }, { state: 'done', summary, moved })
}

/** Whether the comment was added before the process died: the same text since then. */
async function hasComment(
  client: JiraClient,
  { issue, text, since }: { readonly issue: JiraIssueRef; readonly text: string; readonly since: Date },
  signal: AbortSignal,
): Promise<boolean> {
  for await (const comment of client.actions.listComments(issue, signal)) {
    if (comment.text.trim() === text.trim() && comment.created.getTime() >= since.getTime() - CLOCKS_MS) return true
  }
  return false
}

function commentOf({ verdict, event }: ActingRule): string | null {
  const { comment } = verdict.rule
  if (comment === null) return null
  const { happened, place } = event
  return fillComment(
    comment,
    { happened, place, issue: verdict.issue.key },
    {
      text: (text) => toWikiText(text, LONGEST_VALUE),
      url: (address) => toWikiAddress(address) ?? '',
    },
  )
}

/** What it does, such as `from "To Do" to "Done" by "Resolve Issue", a comment`. */
export function describeAction({ transition, issue, rule }: ActingRule['verdict']): string {
  const moved = transition === null ? [] : [`from "${issue.status}" to "${transition.status}" by "${transition.name}"`]
  return [...moved, ...(rule.comment === null ? [] : ['a comment'])].join(', ')
}

type Outcome = Pick<TriggerRun, 'state' | 'summary'> & Partial<Pick<TriggerRun, 'moved' | 'problem' | 'targetStatus' | 'at'>>

async function save(app: AppContext, { event, verdict, issueKey, over }: ActingRule, outcome: Outcome): Promise<number> {
  const { rule, issue } = verdict
  const run: TriggerRun = {
    problem: null,
    moved: false,
    targetStatus: null,
    at: app.clock.now(),
    ...outcome,
    eventId: event.id,
    issueKey,
    issueId: issue.id,
    rule: { id: rule.id, name: rule.name },
  }
  const saved = await app.db.write('interactive', (tx) => saveTriggerRun(tx, run, over))
  if (saved === null) throw jobOvertaken()
  return saved
}
