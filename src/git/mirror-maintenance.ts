import type { GitProgram } from './git-program.ts'
import { PROMISOR_SETTINGS } from './mirror-fetch.ts'
import { countLooseRefs, listPackFiles } from './mirror-folder.ts'

/** Every fetch leaves a pack, and each lookup may have to search all of them. */
const MAX_PACKS = 20
/** Each is a file that is opened to read it; packing them takes a process, about as long as a hundred of those. */
const MAX_LOOSE_REFS = 100

/**
 * Keeps the mirror quick: many loose refs are packed, more than 20 packs become one. Nothing is ever dropped, reachable or
 * not, because old tips are needed to tell which commits a force push took away. Killed at any time it leaves the old
 * packs in place.
 */
export async function maintainMirror(git: GitProgram, folder: string, signal: AbortSignal): Promise<void> {
  if ((await countLooseRefs(folder, 'refs/')) > MAX_LOOSE_REFS)
    await git.run({ args: ['pack-refs', '--all', '--prune'], folder, signal, purpose: 'pack the refs of the local copy' })
  if ((await listPackFiles(folder, '.pack')).length <= MAX_PACKS) return
  const partial = (await listPackFiles(folder, '.promisor')).length > 0
  await git.run({
    args: ['repack', '-a', '-d', '--keep-unreachable', '--no-write-bitmap-index', '--quiet'],
    // Without these, git would look for the trees that the mirror does not have.
    settings: [['pack.threads', '1'], ...(partial ? PROMISOR_SETTINGS : [])],
    folder,
    signal,
    purpose: 'repack the local copy',
  })
}
