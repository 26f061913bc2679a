import { beginAction, endAction, isAttempt, type ActionAuthor, type ActionEnd } from '../../db/stores/smart-commit-progress.ts'
import { toProblem } from '../../domain/problem.ts'
import type { SmartCommitAction, SmartCommitRecord } from '../../domain/smart-commit-record.ts'
import { executeCommand, isOfCommand, type CommandOnIssue } from '../../jira/execute-command.ts'
import type { JiraClient } from '../../jira/client.ts'
import { findExecuted } from '../../jira/find-executed.ts'
import { jobOvertaken } from '../../jobs/job-overtaken.ts'
import type { AppContext } from '../app-context.ts'
import { recordWrites } from '../audit/record-writes.ts'
import type { JiraConnection } from '../delivery/jira-connection.ts'
import type { Actor } from './choose-actor.ts'

export interface ActionToRun {
  readonly jira: JiraConnection
  readonly commit: Pick<SmartCommitRecord, 'id' | 'syncId'>
  readonly action: SmartCommitAction
  /** As it was counted: who has not counted last, because it was held up, changes nothing any more. */
  readonly attempt: number
  readonly actor: Actor
  readonly asked: CommandOnIssue & { readonly author: ActionAuthor }
}

/**
 * Brings one action to its end, see `domain/smart-commit-record.ts`. What it is about to do is stored before the call that
 * changes something in Jira, and what came of it afterwards; in between, and only there, the next run asks Jira whether it was
 * done.
 *
 * @throws ConnectorError Jira failed, or an own token was refused (`isTokenRefused`): the action stays executing;
 *   `job-interrupted` another process has the action now
 */
export async function runAction(app: AppContext, run: ActionToRun, signal: AbortSignal): Promise<void> {
  const { action, attempt, asked, actor } = run
  const end = await findEnd(app, run, signal)
  // Jira refused the only call that there was: nothing of it is to be looked for when a person asks for it again.
  const undone = end.kind === 'failed' && action.startedAt === null
  const now = app.clock.now().getTime()
  const ended = await app.db.write('background', (tx) =>
    endAction(tx, { id: action.id, attempt }, { end, now, author: asked.author, undone }),
  )
  if (!ended) throw jobOvertaken()
  app.metrics.smartCommit(end.kind)
  const fields = { key: asked.issue.key, command: action.name, actor: actor.kind, outcome: end.kind }
  app.log.info({ ...fields, ...(end.kind === 'failed' ? { problem: end.problem.code } : {}) }, 'smart commit command ended')
}

async function findEnd(app: AppContext, run: ActionToRun, signal: AbortSignal): Promise<ActionEnd> {
  const { action, attempt, actor } = run
  const beforeChange = async (target: string | null) => {
    const begun = await app.db.write('background', (tx) =>
      beginAction(tx, {
        commitId: run.commit.id,
        actionId: action.id,
        attempt,
        startedAt: action.startedAt,
        actor: actor.kind,
        author: run.asked.author,
        target,
        now: app.clock.now().getTime(),
      }),
    )
    if (!begun) throw jobOvertaken()
  }
  const beforeComment = async () => {
    if (!(await isAttempt(app.db.read, { id: action.id, attempt }))) throw jobOvertaken()
  }
  const asked = { ...run.asked, beforeComment }
  const recorded = (client: JiraClient) => recordWrites(app, { client, syncId: run.commit.syncId })
  try {
    // Also one that was given up, and is asked for again.
    if (action.startedAt !== null) {
      // In the way of whoever began it: who acts may have changed since.
      const attemptedOwn = action.actor === 'author'
      const own = attemptedOwn && run.asked.own
      const tried = { own, attemptedOwn, attemptedAt: action.startedAt, target: action.jiraId }
      const client = own ? actor.client : run.jira.client
      const done = await findExecuted(recorded(client), { ...asked, ...tried }, signal)
      if (done !== null) return done
    }
    return await executeCommand(recorded(actor.client), { ...asked, beforeChange }, signal)
  } catch (error) {
    if (signal.aborted || !isOfCommand(error)) throw error
    return { kind: 'failed', problem: toProblem(error) }
  }
}
