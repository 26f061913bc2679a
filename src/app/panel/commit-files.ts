import { findCommitFiles, saveCommitFiles, type CommitFiles } from '../../db/stores/commit-files.ts'
import { listKeysOfSameIssue, markIssuesDirty } from '../../db/stores/issues.ts'
import { findRepository } from '../../db/stores/repositories.ts'
import { listRepositoriesOfIssue } from '../../db/views/issue-repositories.ts'
import { findCommitsOfIssue } from '../../db/views/linkable.ts'
import type { IssueKey, RepositoryId, Sha } from '../../domain/ids.ts'
import { toStorableText } from '../../domain/storable-text.ts'
import type { HostConnection, HostRepositoryRef } from '../../hosts/types.ts'
import { ConnectorError } from '../../lib/connector-error.ts'
import type { AppContext } from '../app-context.ts'
import { writeChanges } from '../sync/sync-run.ts'

/** Files kept of one commit; all of them are counted. */
export const MOST_FILES = 100
const MAX_PATH_BYTES = 1_000
/** An issue is in a handful of repositories. */
const MOST_REPOSITORIES = 200

export interface CommitFilesRequest {
  readonly key: IssueKey
  readonly sha: Sha
  /** null: where it is shown first. */
  readonly repositoryId: RepositoryId | null
}

/** Files of a commit of an issue that are known. */
export type KnownCommitFiles = CommitFiles & { readonly fileCount: number }

/**
 * The files of one commit of an issue, loaded from the host now unless they were before.
 *
 * @throws ConnectorError `commit-not-found` when it does not belong to the issue, those of the host
 */
export async function loadFilesOfCommit(
  app: AppContext,
  request: CommitFilesRequest,
  signal: AbortSignal,
): Promise<KnownCommitFiles> {
  const keys = await listKeysOfSameIssue(app.db.read, request.key)
  const repositoryIds = await listRepositoriesOfIssue(app.db.read, keys, MOST_REPOSITORIES)
  const copies = await findCommitsOfIssue(app.db.read, keys, { sha: request.sha, repositoryIds })
  const commit = copies.find(({ repositoryId }) => request.repositoryId === null || repositoryId === request.repositoryId)
  const repository = commit === undefined ? null : await findRepository(app.db.read, commit.repositoryId)
  if (commit === undefined || repository === null) {
    throw new ConnectorError('commit-not-found', { userMessage: `${request.key} has no commit ${request.sha}.` })
  }
  const stored = await findCommitFiles(app.db.read, commit.id)
  if (stored !== null && isKnown(stored)) return stored
  const connection = await app.connections.get(repository.accountId)
  const at = { hostId: repository.hostId, path: repository.name, webUrl: repository.url }
  const loaded = await fetchFiles({ app, connection }, { repository: at, sha: request.sha }, signal)
  await writeChanges(app, async (tx, dueAt) => {
    await saveCommitFiles(tx, { id: commit.id, accountId: repository.accountId }, loaded)
    await markIssuesDirty(tx, [{ key: request.key, at: 0 }], dueAt)
  })
  return loaded
}

const isKnown = (files: CommitFiles): files is KnownCommitFiles => files.fileCount !== null

/** Asks the host; paths are made fit for storing. */
export async function fetchFiles(
  { app, connection }: { readonly app: AppContext; readonly connection: HostConnection },
  { repository, sha }: { readonly repository: HostRepositoryRef; readonly sha: Sha },
  signal: AbortSignal,
): Promise<KnownCommitFiles> {
  const { files, count, exact } = await connection.getCommitFiles(repository, { commit: sha, most: MOST_FILES }, signal)
  return {
    fileCount: count,
    exact,
    files: files.map((file) => ({ ...file, path: toStorableText(file.path, { maxBytes: MAX_PATH_BYTES }) })),
    loadedAt: app.clock.now(),
  }
}
