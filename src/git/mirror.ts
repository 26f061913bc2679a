import { resolve } from 'node:path'
import type { Sha } from '../domain/ids.ts'
import type { Logger } from '../lib/logger.ts'
import { readCommits, readNamedCommits, type LoggedCommit } from './commit-log.ts'
import type { GitProgram } from './git-program.ts'
import { fetchBranches, fetchRefs, type FetchBranchesOptions, type FetchRefsOptions } from './mirror-fetch.ts'
import { discardFolder, listPackFiles, prepareFolder } from './mirror-folder.ts'
import { maintainMirror } from './mirror-maintenance.ts'
import { deleteRefs, listRefs, type MirrorRef } from './mirror-refs.ts'
import type { ObjectFormat } from './protocol.ts'
import { findCommits, findCommitsByPrefix, listShas, type RevisionRange } from './revisions.ts'

export type { LoggedCommit } from './commit-log.ts'
export type { FetchBranchesOptions, FetchFilter, FetchRefsOptions } from './mirror-fetch.ts'
export type { MirrorRef } from './mirror-refs.ts'
export type { RevisionRange } from './revisions.ts'

/**
 * The local copy of one repository: a bare repository that holds commits, without files where the host offers that.
 * It is only a copy: after `mirror-corrupt`, `discard` and start anew. One process, and one call at a time, works on it
 * (reading beside reading is fine). Every list is complete or throws; leaving its loop early ends git.
 */
export interface Mirror {
  readonly folder: string
  /** Whether anything was ever fetched. */
  holdsNothing(): Promise<boolean>
  /** Creates or checks the folder, and clears away what a killed process left. Throws `mirror-corrupt`. */
  prepare(objectFormat: ObjectFormat): Promise<void>
  /** Makes `refs/heads/*` what they are at the host. Throws the codes of `GitProgram.stream`. */
  fetchBranches(options: FetchBranchesOptions): Promise<void>
  /** Fetches further refs, such as pull request heads; those absent at the host come back as `missing`. */
  fetchRefs(options: FetchRefsOptions): Promise<{ missing: string[] }>
  deleteRefs(names: readonly string[]): Promise<void>
  /** Refs below a prefix that ends with a slash. */
  listRefs(prefix: string): AsyncIterable<readonly MirrorRef[]>
  /** Those of `shas` that are here as commits. */
  hasCommits(shas: Iterable<Sha>): Promise<Set<Sha>>
  /** Commits whose hash begins so, at least four hexadecimal digits. */
  findCommits(prefix: string): Promise<Set<Sha>>
  /** Commits of `include` that are not in `exclude`, newest first. All named commits must be here, see `hasCommits`. */
  readCommits(options: RevisionRange & { readonly signal: AbortSignal }): AsyncIterable<readonly LoggedCommit[]>
  /** These commits and no others, in any order. All must be here. */
  readNamed(options: { readonly shas: readonly Sha[]; readonly signal: AbortSignal }): AsyncIterable<readonly LoggedCommit[]>
  /** As `readCommits`, hashes only. */
  listShas(options: RevisionRange & { readonly signal: AbortSignal }): AsyncIterable<readonly Sha[]>
  /** Packs what many fetches left, when it is worth it. Call it between synchronisations. */
  maintain(signal: AbortSignal): Promise<void>
  /** Removes the folder. */
  discard(): Promise<void>
}

export interface MirrorOptions {
  /** Folder of the bare repository; its parent must exist. */
  readonly folder: string
  readonly git: GitProgram
  readonly log: Logger
}

/** Opens nothing yet: call `prepare` first. */
export function createMirror(options: MirrorOptions): Mirror {
  const { git, log } = options
  const folder = resolve(options.folder)
  return {
    folder,
    holdsNothing: async () => (await listPackFiles(folder, '.pack')).length === 0,
    prepare: (objectFormat) => prepareFolder(git, folder, objectFormat),
    fetchBranches: (fetch) => fetchBranches(git, folder, fetch),
    fetchRefs: (fetch) => fetchRefs(git, folder, fetch),
    deleteRefs: (names) => deleteRefs(git, folder, names),
    listRefs: (prefix) => listRefs(git, folder, prefix),
    hasCommits: (shas) => findCommits(git, folder, shas),
    findCommits: (prefix) => findCommitsByPrefix(git, folder, prefix),
    readCommits: ({ signal, ...range }) => readCommits(git, folder, { range, signal }),
    readNamed: (named) => readNamedCommits(git, folder, named),
    listShas: ({ signal, ...range }) => listShas(git, folder, { range, signal }),
    maintain: (signal) => maintainMirror(git, folder, signal),
    async discard() {
      log.info({ folder }, 'local copy of a repository discarded')
      await discardFolder(folder)
    },
  }
}
