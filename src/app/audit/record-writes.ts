import { saveJiraWrites } from '../../db/stores/jira-writes.ts'
import { issueKey } from '../../domain/ids.ts'
import { toProblem, type Problem } from '../../domain/problem.ts'
import type { JiraClient } from '../../jira/client.ts'
import type { JiraIssueRef } from '../../jira/find-issues.ts'
import type { JiraIssueActions } from '../../jira/issue-actions.ts'
import type { JiraWebhooks } from '../../jira/webhook-admin.ts'
import { isConnectorError, type ConnectorError } from '../../lib/connector-error.ts'
import type { AppContext } from '../app-context.ts'
import { createWriteLog, type NotedWrite } from '../delivery/write-log.ts'

/**
 * The same client, whose comments, work logs and transitions stand in the journal of writes once Jira has answered, or has
 * not. Of their texts only the size is kept.
 *
 * @param syncId the synchronisation that met what is acted on; null: it is not known
 */
export function recordWrites(
  app: AppContext,
  { client, syncId }: { readonly client: JiraClient; readonly syncId: number | null },
): JiraClient {
  const { actions } = client
  const toIssue = ({ id, key }: JiraIssueRef) => ({ key: issueKey(key), jiraId: id, syncId })
  const own: Pick<JiraIssueActions, 'addComment' | 'addWorklog' | 'doTransition'> = {
    addComment: (issue, text, signal) =>
      record(app, { issue: toIssue(issue), kind: 'comment', content: toContent(text), signal }, () =>
        actions.addComment(issue, text, signal),
      ),
    addWorklog: (issue, worklog, signal) =>
      record(app, { issue: toIssue(issue), kind: 'worklog', content: toContent(worklog.comment), signal }, () =>
        actions.addWorklog(issue, worklog, signal),
      ),
    doTransition: (issue, transition, signal) =>
      record(app, { issue: toIssue(issue), kind: 'transition', content: toContent(transition.comment ?? ''), signal }, () =>
        actions.doTransition(issue, transition, signal),
      ),
  }
  return { ...client, actions: { ...actions, ...own } }
}

/**
 * The same webhooks of Jira, whose changes stand in the journal.
 *
 * @param reasonOf tells a failure without the address, which may end with the secret
 */
export function recordWebhookWrites(
  app: AppContext,
  { webhooks, reasonOf }: { readonly webhooks: JiraWebhooks; readonly reasonOf: (error: ConnectorError) => string },
): JiraWebhooks {
  const describe = (error: unknown): Problem =>
    isConnectorError(error) ? { code: error.code, message: reasonOf(error), remedy: null } : toProblem(error)
  const noted = { issue: { key: null, jiraId: null, syncId: null }, content: null, describe }
  const send = async (write: RecordedWrite, answer: () => Promise<number>) =>
    (await record(app, write, async () => ({ status: await answer() }))).status
  return {
    ...webhooks,
    create: (settings, signal) => send({ ...noted, kind: 'webhook', signal }, () => webhooks.create(settings, signal)),
    change: (id, settings, signal) => send({ ...noted, kind: 'webhook', signal }, () => webhooks.change(id, settings, signal)),
    remove: (id, signal) => send({ ...noted, kind: 'webhook-deletion', signal }, () => webhooks.remove(id, signal)),
  }
}

const toContent = (text: string) => (text === '' ? null : { bytes: Buffer.byteLength(text), hash: null })

interface RecordedWrite extends NotedWrite {
  /** Of the call. */
  readonly signal: AbortSignal
}

async function record<Answer extends { readonly status: number }>(
  app: AppContext,
  { signal, describe = toProblem, ...write }: RecordedWrite,
  send: () => Promise<Answer>,
): Promise<Answer> {
  const log = createWriteLog(app)
  const toReason = (error: unknown) => (signal.aborted ? STOPPED : describe(error))
  try {
    return await log.note({ ...write, describe: toReason }, send)
  } finally {
    await app.db.write('background', (tx) => saveJiraWrites(tx, log.writes()))
  }
}

const STOPPED: Problem = {
  code: 'job-interrupted',
  message: 'The connector was stopped before Jira answered: Jira may have done it.',
  remedy: null,
}
