import { claimCommands, toCopyProblem } from '../../db/stores/smart-commit-claims.ts'
import { askAgain, skipActions } from '../../db/stores/smart-commit-progress.ts'
import { findSmartCommit } from '../../db/stores/smart-commits.ts'
import type { Tx } from '../../db/database.ts'
import type { SmartCommitRecord } from '../../domain/smart-commit-record.ts'
import { ConnectorError } from '../../lib/connector-error.ts'
import type { AppContext } from '../app-context.ts'
import { addExecutionJob } from './execution-job.ts'
import { toCommandFingerprints } from './smart-commit-fingerprint.ts'

/**
 * A person asks that a skipped or failed smart commit be executed: what is done of it stays done.
 *
 * @throws ConnectorError `smart-commit-not-found`; `smart-commit-not-waiting` it is done, or under way;
 *   `smart-commit-executed-already` another commit of the same commands was executed
 */
export async function executeAgain(app: AppContext, { id, who }: { id: string; who: string }): Promise<void> {
  const now = app.clock.now().getTime()
  await app.db.write('interactive', async (tx) => {
    const commit = await findSmartCommit(tx, id)
    if (commit === null) throw smartCommitNotFound(id)
    if (!(await askAgain(tx, id, who)))
      throw new ConnectorError('smart-commit-not-waiting', {
        userMessage: `Smart commit ${id} is ${commit.state}: there is nothing to execute again.`,
      })
    await claimAgain(tx, commit, now)
    await addExecutionJob(app, tx, { repositoryId: commit.repositoryId })
  })
}

/** What other commits did of it stays skipped; all of it: there is nothing to execute. */
async function claimAgain(tx: Tx, commit: SmartCommitRecord, now: number): Promise<void> {
  const fingerprints = toCommandFingerprints(commit, commit.actions)
  const open = commit.actions.flatMap(({ state, position }, index) =>
    state === 'done' ? [] : [{ position, fingerprint: fingerprints[index] ?? '' }],
  )
  const { repositoryId, sha, fingerprint: whole } = commit
  const held = await claimCommands(tx, { repositoryId, sha, now, whole, commands: open }, true)
  const [first] = held.values()
  if (first !== undefined && held.size === open.length)
    throw new ConnectorError('smart-commit-executed-already', { userMessage: toCopyProblem(first).message })
  await skipActions(tx, commit.id, new Map([...held].map(([position, holder]) => [position, toCopyProblem(holder)])))
}

export function smartCommitNotFound(id: string): ConnectorError {
  return new ConnectorError('smart-commit-not-found', { userMessage: `There is no smart commit "${id}".` })
}
