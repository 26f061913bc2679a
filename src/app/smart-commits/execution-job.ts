import type { RepositoryId } from '../../domain/ids.ts'
import type { Tx } from '../../db/database.ts'
import type { AppContext } from '../app-context.ts'

export const executionJobKey = (id: RepositoryId): string => `smart-commits:${id}`

/** Asks that what waits in a repository is executed, as part of the transaction that lets it wait. */
export async function addExecutionJob(
  app: Pick<AppContext, 'jobs'>,
  tx: Tx,
  { repositoryId, runAt }: { repositoryId: RepositoryId; runAt?: Date },
): Promise<void> {
  await app.jobs.add(tx, {
    name: 'execute-smart-commits',
    payload: { repositoryId },
    key: executionJobKey(repositoryId),
    ...(runAt === undefined ? {} : { runAt }),
  })
}
