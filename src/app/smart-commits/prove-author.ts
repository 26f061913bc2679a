import type { CommitVerification } from '../../hosts/types.ts'
import type { Repository } from '../../domain/repository.ts'
import type { SmartCommitRecord } from '../../domain/smart-commit-record.ts'
import { isConnectorError } from '../../lib/connector-error.ts'
import type { AppContext } from '../app-context.ts'

/** Whether the Git host vouches that the author of a commit wrote it; asked when it matters, and once. */
export interface AuthorProof {
  /** @throws ConnectorError of the host, when it may answer later */
  isProved(signal: AbortSignal): Promise<boolean>
}

export function createAuthorProof(
  app: AppContext,
  { repository, commit }: { repository: Repository; commit: SmartCommitRecord },
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
      throw error
    }
  }
  return {
    isProved(signal) {
      asked ??= ask(signal)
      return asked
    },
  }
}

/** The host vouches for the committer. Somebody else may be named as the author: then nobody vouches for that. */
function isOfAuthor(found: CommitVerification, { author }: Pick<SmartCommitRecord, 'author'>): boolean {
  return found.verified && author.email !== null && found.email.toLowerCase() === author.email.toLowerCase()
}
