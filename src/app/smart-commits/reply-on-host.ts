import { findSmartCommit } from '../../db/stores/smart-commits.ts'
import { beginReply, endReply, failBrokenOffReplies, findNextReply } from '../../db/stores/smart-commit-replies.ts'
import { findRepository } from '../../db/stores/repositories.ts'
import type { RepositoryId, Sha } from '../../domain/ids.ts'
import { toProblem, type Problem } from '../../domain/problem.ts'
import type { SmartCommitAction, SmartCommitRecord } from '../../domain/smart-commit-record.ts'
import type { HostConnection } from '../../hosts/types.ts'
import type { AppContext } from '../app-context.ts'

type Repository = NonNullable<Awaited<ReturnType<typeof findRepository>>>

/** Of a commit with more commands the first ones are told of by themselves. */
const MOST_TOLD = 20

/**
 * Tells authors on the host what became of their smart commits, each once: a failure is recorded and not tried again,
 * because the comment may be there.
 */
export async function replyOnHost(app: AppContext, repositoryId: RepositoryId, signal: AbortSignal): Promise<void> {
  for (;;) {
    signal.throwIfAborted()
    const id = await findNextReply(app.db.read, repositoryId)
    if (id === null) return
    const commit = await findSmartCommit(app.db.read, id)
    const repository = await findRepository(app.db.read, repositoryId)
    if (commit === null || repository === null) return
    await app.db.write('background', (tx) => beginReply(tx, id))
    const problem = await post(app, { repository, commit }, signal)
    await app.db.write('background', (tx) => endReply(tx, id, problem))
  }
}

/** At the start of a run: those of a process that died. */
export async function endBrokenOffReplies(app: AppContext, repositoryId: RepositoryId): Promise<void> {
  await app.db.write('background', (tx) => failBrokenOffReplies(tx, repositoryId, BROKEN_OFF))
}

async function post(
  app: AppContext,
  { repository, commit }: { repository: Repository; commit: SmartCommitRecord },
  signal: AbortSignal,
): Promise<Problem | null> {
  const address = toAddress(repository)
  try {
    const connection = await app.connections.get(repository.accountId)
    const text = toReply(commit)
    const number = await findConversation({ repository, connection, commit: commit.sha }, signal)
    if (number === null) await connection.commentOnCommit(address, { commit: commit.sha, text }, signal)
    else await connection.commentOnPullRequest(address, { number, text }, signal)
    return null
  } catch (error) {
    const problem = toProblem(error)
    app.log.warn({ repositoryId: repository.id, sha: commit.sha, error: problem }, 'author of a smart commit was not told')
    return problem
  }
}

/**
 * The open pull request that the commit is in, where its author will look; null: none. Of several the oldest, as that of
 * the branch on which others were begun. What is stored says nothing here: the synchronisation that met the commit may have
 * the pull requests still before it, and one that names an issue for the first time by this commit is not stored until then.
 */
async function findConversation(
  { repository, connection, commit }: { repository: Repository; connection: HostConnection; commit: Sha },
  signal: AbortSignal,
): Promise<number | null> {
  if (!repository.pullRequestsEnabled) return null
  const holding = await connection.listOpenPullRequestsOf(toAddress(repository), commit, signal)
  return holding.length === 0 ? null : Math.min(...holding)
}

const toAddress = ({ hostId, name, url }: Repository) => ({ hostId, path: name, webUrl: url })

/**
 * What the commit says already, and how it ended, by code: readers of the repository may not be allowed to see the issue.
 */
export function toReply({ actions }: Pick<SmartCommitRecord, 'actions'>): string {
  const failed = actions.filter(({ state }) => state === 'failed').length
  const asked = actions.filter(({ state }) => state !== 'skipped').length
  const head =
    failed === 0
      ? `Jira: ${count(asked, 'smart commit command')} executed.`
      : `Jira: ${failed} of ${count(asked, 'smart commit command')} not executed.`
  const rest = actions.length - MOST_TOLD
  const more = rest > 0 ? [`- and ${rest} more`] : []
  return [head, '', ...actions.slice(0, MOST_TOLD).map(toLine), ...more].join('\n')
}

/** Words and keys of commands hold nothing that Markdown reads. */
function toLine({ key, name, state, problem }: SmartCommitAction): string {
  const outcome = state === 'done' ? 'done' : `not executed (${problem?.code ?? 'not begun'})`
  return `- \`${key} #${name}\`: ${outcome}`
}

const count = (number: number, what: string) => `${number} ${what}${number === 1 ? '' : 's'}`

const BROKEN_OFF: Problem = {
  code: 'interrupted',
  message: 'The connector stopped while it told the author; the comment may be there.',
  remedy: null,
}
