import type { CommitVerification, HostConnection } from '../../hosts/types.ts'
import type { Repository } from '../../domain/repository.ts'
import type { SmartCommitRecord } from '../../domain/smart-commit-record.ts'
import { ConnectorError, isConnectorError } from '../../lib/connector-error.ts'
import type { AppContext } from '../app-context.ts'
import { isOfOneIssue } from '../delivery/delivery-round.ts'

/** Whether the Git host vouches that the author of a commit wrote it; asked when it matters, and once. */
export interface AuthorProof {
  /** @throws ConnectorError of the host, when it may answer later */
  isProved(signal: AbortSignal): Promise<boolean>
}

/** @param proof `mayWait`: false when it was tried often enough, so that a host that fails on this commit alone vouches for nothing */
export function createAuthorProof(
  app: AppContext,
  { repository, commit, mayWait }: { repository: Repository; commit: SmartCommitRecord; mayWait: boolean },
): AuthorProof {
  let asked: Promise<boolean> | null = null
  const ask = async (signal: AbortSignal) => {
    const connection = await app.connections.get(repository.accountId)
    const address = { hostId: repository.hostId, path: repository.name, webUrl: repository.url }
    try {
      return isOfAuthor(await connection.verifyCommit(address, commit.sha, signal), commit)
    } catch (error) {
      // A host that refuses vouches for nothing.
      if (isConnectorError(error) && !error.retryable && !isConnectorError(error, 'rate-limited')) return false
      if (mayWait || signal.aborted || isConnectorError(error, 'rate-limited')) throw error
      await ensureHostWorks(connection, repository, signal)
      app.log.warn({ error, sha: commit.sha }, 'signature not known: the Git host fails on this commit alone')
      return false
    }
  }
  return {
    isProved(signal) {
      asked ??= ask(signal)
      return asked
    },
  }
}

/** @throws ConnectorError the host as a whole fails now; never one that Jira might have failed with on one issue */
async function ensureHostWorks(connection: HostConnection, { hostId }: Repository, signal: AbortSignal): Promise<void> {
  try {
    await connection.findRepository(hostId, signal)
  } catch (error) {
    if (!isOfOneIssue(error)) throw error
    const userMessage = 'The Git host does not answer, so nobody can tell who signed the commit.'
    throw new ConnectorError('host-unavailable', { userMessage, retryable: true, cause: error })
  }
}

/** The host vouches for the committer. Somebody else may be named as the author: then nobody vouches for that. */
function isOfAuthor(found: CommitVerification, { author }: Pick<SmartCommitRecord, 'author'>): boolean {
  return found.verified && author.email !== null && found.email.toLowerCase() === author.email.toLowerCase()
}
