import type { FileChange } from '../../domain/development-information.ts'
import type { Sha } from '../../domain/ids.ts'
import { isConnectorError } from '../../lib/connector-error.ts'
import type { HostCommitFile, HostCommitFiles, HostRepositoryRef } from '../types.ts'
import type { GitLabClient } from './client.ts'
import { countChangedLines } from './diff-lines.ts'
import { listPages, PER_PAGE } from './paging.ts'
import { diffSchema, type DiffJson } from './schema.ts'

/** GitLab itself tells at most 3,000 files of a commit (`diff_max_files`). */
const MAX_PAGES = 30
/** Every file comes with its whole patch, of up to 500 KiB. */
const MAX_BYTES = 16 * 1024 * 1024

/** The files of a commit against its first parent, the first `most` of them; all are counted. */
export async function getCommitFiles(
  client: GitLabClient,
  { repository, commit, most }: { repository: HostRepositoryRef; commit: Sha; most: number },
  signal: AbortSignal,
): Promise<HostCommitFiles> {
  const url = client.address(`projects/${repository.hostId}/repository/commits/${commit}/diff`, { per_page: PER_PAGE })
  const files: HostCommitFile[] = []
  let count = 0
  let pages = 0
  try {
    for await (const page of listPages(client, url, { item: diffSchema, signal, maxBytes: MAX_BYTES })) {
      pages += 1
      count += page.items.length
      files.push(...page.items.slice(0, most - files.length).map(toFile))
      // Told at once where it is told at all; patches of further pages would be thrown away.
      if (page.total !== null && files.length >= Math.min(most, page.total)) {
        return { files, count: Math.max(count, page.total), exact: true }
      }
      if (pages === MAX_PAGES && page.next !== null) return { files, count, exact: false }
    }
  } catch (error) {
    // Patches beyond the limit: what came before is true all the same.
    if (!isConnectorError(error, 'response-too-large')) throw error
    return { files, count, exact: false }
  }
  return { files, count, exact: true }
}

function toFile(diff: DiffJson): HostCommitFile {
  const change = toChange(diff)
  const lines = diff.too_large === true || diff.collapsed === true ? null : countChangedLines(diff.diff ?? '')
  // Without a patch: an empty file, or a new name alone, unless the host left the patch out.
  const isPlain = change !== 'MODIFIED' && (diff.diff ?? '') === '' && diff.too_large === false && diff.collapsed === false
  return {
    path: change === 'DELETED' ? diff.old_path : diff.new_path,
    change,
    added: lines?.added ?? (isPlain ? 0 : null),
    removed: lines?.removed ?? (isPlain ? 0 : null),
  }
}

function toChange({ new_file, deleted_file, renamed_file }: DiffJson): FileChange {
  if (new_file === true) return 'ADDED'
  if (deleted_file === true) return 'DELETED'
  return renamed_file === true ? 'RENAMED' : 'MODIFIED'
}
