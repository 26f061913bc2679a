import { isSignInProblem } from '../../domain/account.ts'
import type { Repository } from '../../domain/repository.ts'
import type { HostConnection, HostRepositoryRef } from '../../hosts/types.ts'
import { ConnectorError, isConnectorError } from '../../lib/connector-error.ts'
import type { AppContext } from '../app-context.ts'
import { isOfOneIssue } from '../delivery/delivery-round.ts'

export interface HostQuestion<T> {
  readonly repository: Repository
  /** False when it was tried often enough: a host that fails on this question alone is taken to say nothing. */
  readonly mayWait: boolean
  readonly ask: (connection: HostConnection, repository: HostRepositoryRef) => Promise<T>
  /** What counts when the host says nothing. */
  readonly otherwise: T
}

/**
 * Asks the Git host about a commit, such that it does not stop for ever what waits behind it.
 *
 * @throws ConnectorError of the host, when it may answer later
 */
export async function askHost<T>(app: AppContext, question: HostQuestion<T>, signal: AbortSignal): Promise<T> {
  const { repository, mayWait, ask, otherwise } = question
  const connection = await app.connections.get(repository.accountId)
  try {
    return await ask(connection, { hostId: repository.hostId, path: repository.name, webUrl: repository.url })
  } catch (error) {
    // Somebody has to sign in again: until then nothing is decided without the host.
    if (isConnectorError(error) && isSignInProblem(error)) throw error
    if (isConnectorError(error) && !error.retryable && !isConnectorError(error, 'rate-limited')) return otherwise
    if (mayWait || signal.aborted || isConnectorError(error, 'rate-limited')) throw error
    await ensureHostWorks(connection, repository, signal)
    app.log.warn({ error, repositoryId: repository.id }, 'a smart commit is judged without the Git host, which fails on it alone')
    return otherwise
  }
}

/** @throws ConnectorError the host as a whole fails now; never one that Jira might have failed with on one issue */
async function ensureHostWorks(connection: HostConnection, { hostId }: Repository, signal: AbortSignal): Promise<void> {
  try {
    await connection.findRepository(hostId, signal)
  } catch (error) {
    if (!isOfOneIssue(error)) throw error
    const userMessage = 'The Git host does not answer, so nobody can tell what it knows of the commit.'
    throw new ConnectorError('host-unavailable', { userMessage, retryable: true, cause: error })
  }
}
