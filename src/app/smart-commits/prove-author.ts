import type { CommitVerification } from '../../hosts/types.ts'
import type { Repository } from '../../domain/repository.ts'
import type { SmartCommitRecord } from '../../domain/smart-commit-record.ts'
import type { AppContext } from '../app-context.ts'
import { askHost } from './ask-host.ts'

/** Whether the Git host vouches that the author of a commit wrote it; asked when it matters, and once. */
export interface AuthorProof {
  /** @throws ConnectorError of the host, when it may answer later */
  isProved(signal: AbortSignal): Promise<boolean>
}

/** @param proof `mayWait` as in `askHost`: a host that refuses, or fails on this commit alone, vouches for nothing */
export function createAuthorProof(
  app: AppContext,
  { repository, commit, mayWait }: { repository: Repository; commit: SmartCommitRecord; mayWait: boolean },
): AuthorProof {
  let asked: Promise<boolean> | null = null
  return {
    isProved(signal) {
      asked ??= askHost(
        app,
        {
          repository,
          mayWait,
          ask: async (connection, address) => isOfAuthor(await connection.verifyCommit(address, commit.sha, signal), commit),
          otherwise: false,
        },
        signal,
      )
      return asked
    },
  }
}

/** The host vouches for the committer. Somebody else may be named as the author: then nobody vouches for that. */
function isOfAuthor(found: CommitVerification, { author }: Pick<SmartCommitRecord, 'author'>): boolean {
  return found.verified && author.email !== null && found.email.toLowerCase() === author.email.toLowerCase()
}
