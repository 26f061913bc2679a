import { saveTriggerRun, type FoundTriggerRun, type TriggerRun } from '../../db/stores/trigger-runs.ts'
import type { PendingEvent } from '../../db/stores/development-events.ts'
import { toProblem } from '../../domain/problem.ts'
import { sameName } from '../../domain/trigger.ts'
import { fillComment } from '../../domain/trigger-comment.ts'
import type { JiraClient } from '../../jira/client.ts'
import type { JiraIssueRef } from '../../jira/find-issues.ts'
import { toWikiAddress, toWikiText } from '../../jira/attribution.ts'
import type { AppContext } from '../app-context.ts'
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
}

/**
 * Does what a rule says, recorded before Jira is asked, so that a kill in between is noticed. What Jira refuses for this
 * issue is recorded; what concerns Jira as a whole is thrown, and the same is done again later.
 */
export async function act(app: AppContext, acting: ActingRule, signal: AbortSignal): Promise<void> {
  const { transition } = acting.verdict
  const summary = describeAction(acting.verdict)
  await save(app, acting, { state: 'acting', summary, targetStatus: transition?.status ?? null })
  await finish(app, { ...acting, moved: false, since: null, summary }, signal)
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
  await finish(app, { ...acting, moved: targetStatus !== null, since: found.at, summary: found.summary }, signal)
  return true
}

interface BegunRule extends ActingRule {
  readonly moved: boolean
  /** When it was begun before; null: now. */
  readonly since: Date | null
  /** What is recorded as done. */
  readonly summary: string
}

async function finish(app: AppContext, acting: BegunRule, signal: AbortSignal): Promise<void> {
  const { client, verdict, summary, since } = acting
  const { issue, transition, rule } = verdict
  let { moved } = acting
  try {
    if (transition !== null && !moved) {
      await client.actions.doTransition(issue, { id: transition.id, comment: null }, signal)
      moved = true
    }
    const text = commentOf(acting)
    const isThere = text !== null && since !== null && (await hasComment(client, { issue, text, since }, signal))
    if (text !== null && !isThere) await client.actions.addComment(issue, text, signal)
  } catch (error) {
    if (!isOfIssue(error)) throw error
    await save(app, acting, { state: 'failed', summary, moved, problem: toProblem(error) })
    return
  }
  app.log.info({ rule: rule.name, issue: issue.key, event: acting.event.happened.event }, 'rule acted')
  await save(app, acting, { state: 'done', summary, moved })
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

type Outcome = Pick<TriggerRun, 'state' | 'summary'> & Partial<Pick<TriggerRun, 'moved' | 'problem' | 'targetStatus'>>

async function save(app: AppContext, { event, verdict, issueKey }: ActingRule, outcome: Outcome): Promise<void> {
  const { rule, issue } = verdict
  const at = app.clock.now()
  const rest = { eventId: event.id, issueKey, issueId: issue.id, rule: { id: rule.id, name: rule.name }, at }
  const run: TriggerRun = { problem: null, moved: false, targetStatus: null, ...outcome, ...rest }
  await app.db.write('interactive', (tx) => saveTriggerRun(tx, run))
}
