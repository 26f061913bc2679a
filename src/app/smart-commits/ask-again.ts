import { claimFingerprintAgain, executedAlready, findSmartCommit } from '../../db/stores/smart-commits.ts'
import { askAgain } from '../../db/stores/smart-commit-progress.ts'
import { ConnectorError } from '../../lib/connector-error.ts'
import type { AppContext } from '../app-context.ts'
import { addExecutionJob } from './execution-job.ts'

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
    const other = await claimFingerprintAgain(tx, { ...commit, now })
    if (other !== null) throw new ConnectorError('smart-commit-executed-already', { userMessage: executedAlready(other).message })
    await addExecutionJob(app, tx, { repositoryId: commit.repositoryId })
  })
}

export function smartCommitNotFound(id: string): ConnectorError {
  return new ConnectorError('smart-commit-not-found', { userMessage: `There is no smart commit "${id}".` })
}
