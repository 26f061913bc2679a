import type { Sha } from '../domain/ids.ts'
import type { GitRemote } from '../domain/git-remote.ts'
import { isConnectorError } from '../lib/connector-error.ts'
import type { HttpClient } from '../lib/http-client.ts'
import { mirrorCorrupt } from './git-failure.ts'
import type { FetchProgress } from './git-messages.ts'
import type { GitProgram } from './git-program.ts'
import type { GitSetting } from './git-environment.ts'
import { listPackFiles } from './mirror-folder.ts'
import { deleteOtherRefs, readRefs } from './mirror-refs.ts'
import { listRemoteRefs } from './protocol.ts'

/** 'tree:0': commits only. null: everything, for servers that offer no filters. */
export type FetchFilter = 'tree:0' | null

export interface FetchBranchesOptions {
  readonly remote: GitRemote
  readonly filter: FetchFilter
  readonly signal: AbortSignal
  /**
   * The host's branches by full name, from `listRemoteRefs`: what is not among them is removed. Without it git decides
   * what to remove, and an answer that is not Git at all is noticed only afterwards: an error, but the refs are gone
   * from the mirror until the next fetch (their commits are not).
   */
  readonly listed?: ReadonlyMap<string, Sha>
  readonly onProgress?: (progress: FetchProgress) => void
}

export interface FetchedRef {
  /** Full ref name at the host, such as `refs/merge-requests/7/head`. */
  readonly source: string
  /** Full ref name in the mirror, such as `refs/pull/7`. */
  readonly target: string
}

export interface FetchRefsOptions {
  readonly http: HttpClient
  readonly remote: GitRemote
  readonly filter: FetchFilter
  readonly refs: readonly FetchedRef[]
  readonly signal: AbortSignal
}

const FETCH = [
  'fetch',
  '--progress',
  '--no-tags',
  '--no-write-fetch-head',
  '--no-auto-maintenance',
  '--no-recurse-submodules',
  '--no-show-forced-updates',
]
const REFS_PER_FETCH = 500
const ATTEMPTS = 3

/**
 * What makes `origin` a promisor, so that git accepts commits without trees. Only fetching and repacking know it:
 * for every other command there is no remote at all that a missing object could be asked from.
 */
export const PROMISOR_SETTINGS: readonly GitSetting[] = [
  ['remote.origin.promisor', 'true'],
  ['remote.origin.partialclonefilter', 'tree:0'],
]

/** Makes `refs/heads/*` what they are at the host: new, moved (forced or not) and removed ones. */
export async function fetchBranches(git: GitProgram, folder: string, options: FetchBranchesOptions): Promise<void> {
  const { listed } = options
  if (listed !== undefined) {
    // Before fetching: a branch `a` must be gone before there can be a branch `a/b`.
    await deleteOtherRefs(git, folder, { prefix: 'refs/heads/', keep: listed })
  }
  const args = listed === undefined ? ['--prune'] : []
  await runFetch(git, folder, { ...options, args, refspecs: ['+refs/heads/*:refs/heads/*'], purpose: 'fetch the branches' })
}

/**
 * Fetches single refs, those that moved only. Refs that the host does not have (any more) are returned as `missing`;
 * their targets are left as they are.
 */
export async function fetchRefs(git: GitProgram, folder: string, options: FetchRefsOptions): Promise<{ missing: string[] }> {
  const missing: string[] = []
  for (let index = 0; index < options.refs.length; index += REFS_PER_FETCH) {
    missing.push(...(await fetchSome(git, folder, { ...options, refs: options.refs.slice(index, index + REFS_PER_FETCH) })))
  }
  return { missing }
}

async function fetchSome(git: GitProgram, folder: string, options: FetchRefsOptions): Promise<string[]> {
  const { http, remote, filter, refs, signal } = options
  const local = await readRefs(
    git,
    folder,
    refs.map(({ target }) => target),
  )
  for (let attempt = 1; ; attempt++) {
    // Git gives up at the first ref that does not exist, and names only that one: so it is asked for existing ones only.
    const listed = await listRemoteRefs({ http, remote, prefixes: refs.map(({ source }) => source), signal })
    const moved = refs.filter(({ source, target }) => listed.refs.has(source) && listed.refs.get(source) !== local.get(target))
    const refspecs = moved.map(({ source, target }) => `+${source}:${target}`)
    try {
      if (refspecs.length > 0)
        await runFetch(git, folder, { remote, filter, signal, args: [], refspecs, purpose: 'fetch pull requests' })
      return refs.map(({ source }) => source).filter((source) => !listed.refs.has(source))
    } catch (error) {
      if (attempt >= ATTEMPTS || !isConnectorError(error, 'ref-missing')) throw error // one vanished in between: list again
    }
  }
}

interface RunFetchOptions extends FetchBranchesOptions {
  readonly args: readonly string[]
  readonly refspecs: readonly string[]
  readonly purpose: string
}

async function runFetch(git: GitProgram, folder: string, options: RunFetchOptions): Promise<void> {
  const { remote, filter, signal, args, refspecs, purpose, onProgress } = options
  const partial = (await listPackFiles(folder, '.promisor')).length > 0
  if (filter === null && partial) {
    // The host would send differences against trees that it believes we have.
    throw mirrorCorrupt({ purpose }, 'it holds commits only, and the host no longer offers filters')
  }
  await git.run({
    args: [...FETCH, filter === null ? '--no-filter' : `--filter=${filter}`, ...args, '--stdin', 'origin'],
    input: refspecs.map((refspec) => `${refspec}\n`),
    settings: filter === null ? [] : PROMISOR_SETTINGS,
    folder,
    remote,
    signal,
    purpose,
    onProgress,
  })
}
