import { findAccount } from '../../db/stores/accounts.ts'
import { findRepository } from '../../db/stores/repositories.ts'
import { findNextSmartCommit } from '../../db/stores/smart-commits.ts'
import { skipSmartCommit } from '../../db/stores/smart-commit-progress.ts'
import type { Account } from '../../domain/account.ts'
import type { RepositoryId } from '../../domain/ids.ts'
import type { Problem } from '../../domain/problem.ts'
import type { Repository } from '../../domain/repository.ts'
import type { SmartCommitRecord } from '../../domain/smart-commit-record.ts'
import type { AppContext } from '../app-context.ts'
import { findDeliveryHold } from '../delivery/delivery-hold.ts'
import { ensureSameJira } from '../identity/ensure-same-jira.ts'
import { executeSmartCommit } from './execute-smart-commit.ts'
import { createKnownProjects, type KnownProjects } from './known-projects.ts'
import { findReasonToSkip } from './find-reason-to-skip.ts'
import { NOT_LINKED, SWITCHED_OFF } from './reasons-to-skip.ts'
import { endBrokenOffReplies, replyOnHost } from './reply-on-host.ts'
import { addExecutionJob } from './execution-job.ts'

/** Nothing tells this job that a Jira was connected. */
const WITHOUT_JIRA_MS = 60_000

/**
 * Executes what waits in one repository, oldest first, one after the other. When Jira as a whole fails it rejects, and the
 * next run goes on at the same command: nothing overtakes it.
 */
export async function executeSmartCommits(app: AppContext, repositoryId: RepositoryId, signal: AbortSignal): Promise<void> {
  await app.jiraAccess.refresh()
  await endBrokenOffReplies(app, repositoryId)
  let projects: KnownProjects | null = null
  for (;;) {
    signal.throwIfAborted()
    // After the outcome is stored, and before the next one may have to wait for Jira.
    await replyOnHost(app, repositoryId, signal)
    const commit = await findNextSmartCommit(app.db.read, repositoryId)
    if (commit === null) return
    const { jira } = app
    const waitUntil = jira === null ? app.clock.now().getTime() + WITHOUT_JIRA_MS : await findHoldEnd(app)
    if (jira === null || waitUntil !== null) {
      const runAt = new Date(waitUntil ?? 0)
      await app.db.write('background', (tx) => addExecutionJob(app, tx, { repositoryId, runAt }))
      return
    }
    const place = await findPlace(app, repositoryId)
    const reason = 'closed' in place ? place.closed : findReasonToSkip(app, commit)
    if ('closed' in place || reason !== null) {
      await skip(app, commit, reason ?? NOT_LINKED)
      continue
    }
    try {
      await ensureSameJira(app, jira, signal)
      projects ??= createKnownProjects(app, jira)
      await executeSmartCommit(app, { ...place, jira, commit, projects }, signal)
    } catch (error) {
      // The next try begins with the question whether this is the Jira that was connected, and works.
      if (!signal.aborted) jira.identityCheck.trustedUntilMs = Number.NEGATIVE_INFINITY
      throw error
    }
  }
}

/** While Jira as a whole is given time, nothing is sent. */
async function findHoldEnd(app: AppContext): Promise<number | null> {
  const hold = await findDeliveryHold(app.db.read)
  return hold !== null && hold.until > app.clock.now().getTime() ? hold.until : null
}

/** Where it is executed, or why it is not there any more. */
async function findPlace(
  app: AppContext,
  repositoryId: RepositoryId,
): Promise<{ readonly repository: Repository; readonly account: Account } | { readonly closed: Problem }> {
  const repository = await findRepository(app.db.read, repositoryId)
  const account = repository === null ? null : await findAccount(app.db.read, repository.accountId)
  if (repository === null || account === null || !repository.linked) return { closed: NOT_LINKED }
  return repository.smartCommits ? { repository, account } : { closed: SWITCHED_OFF }
}

async function skip(app: AppContext, commit: SmartCommitRecord, problem: Problem): Promise<void> {
  await app.db.write('background', (tx) => skipSmartCommit(tx, commit.id, problem))
  app.metrics.smartCommit('skipped')
}
