import { sha, type Sha } from '../domain/ids.ts'
import { mirrorCorrupt } from './git-failure.ts'
import type { GitProgram } from './git-program.ts'

/** Commits reachable from `include` and not from `exclude`; 'all' means from every ref of the mirror. */
export interface RevisionRange {
  readonly include: 'all' | readonly Sha[]
  readonly exclude: readonly ExcludedRevision[]
  /** No commit before all of its children, whatever the committers' clocks said; the whole range is read first. */
  readonly inOrder?: boolean
  /** Turned round, by git: the whole range is read first, and held by git alone. */
  readonly oldestFirst?: boolean
  /** Commits no older than this time in ms, by the committers' clocks; what only older ones lead to is not looked for. */
  readonly committedSince?: number
}

/** A commit, or the first parent of a merge: what the merge brought in is `head ^merge^1`. */
export type ExcludedRevision = Sha | `${Sha}^1`

const BATCH_SHAS = 10_000
const OBJECT_NAME = /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/

/** Lines for a command's `--stdin`; null when nothing is included, because git would then take HEAD. */
export function toRevisionInput({ include, exclude }: RevisionRange): string[] | null {
  if (include !== 'all' && include.length === 0) return null
  const included = include === 'all' ? [] : include
  return inChunks([...included.map((name) => `${checked(name)}\n`), ...exclude.map((name) => `^${checked(name)}\n`)])
}

/** Streams the hashes of the commits of a range, newest first, 10,000 at a time. */
export async function* listShas(
  git: GitProgram,
  folder: string,
  { range, signal }: { readonly range: RevisionRange; readonly signal: AbortSignal },
): AsyncGenerator<Sha[], void, undefined> {
  const input = toRevisionInput(range)
  if (input === null) return
  const purpose = 'list the history'
  const args = range.include === 'all' ? ['rev-list', '--stdin', '--all'] : ['rev-list', '--stdin']
  for await (const lines of batchLines(git.stream({ args, input, folder, signal, purpose }), BATCH_SHAS)) {
    if (!lines.every((line) => OBJECT_NAME.test(line))) throw mirrorCorrupt({ purpose }, 'unexpected output of git rev-list')
    yield lines.map(sha)
  }
}

/** Which of these exist in the mirror as commits, reachable or not. */
export async function findCommits(git: GitProgram, folder: string, shas: Iterable<Sha>): Promise<Set<Sha>> {
  const found = new Set<Sha>()
  const input = inChunks(Array.from(shas, (name) => `${checked(name)}\n`))
  if (input.length === 0) return found
  const args = ['cat-file', '--batch-check=%(objectname) %(objecttype)', '--buffer']
  for await (const lines of batchLines(git.stream({ args, input, folder, purpose: 'look up commits' }), BATCH_SHAS)) {
    for (const line of lines) {
      const [name = '', type] = line.split(' ')
      if (type === 'commit') found.add(sha(name))
    }
  }
  return found
}

/** Commits whose hash begins with these hexadecimal digits, at least four; reachable or not. */
export async function findCommitsByPrefix(git: GitProgram, folder: string, prefix: string): Promise<Set<Sha>> {
  // Never a name of a branch, nor an option.
  if (!/^[0-9a-f]{4,64}$/.test(prefix)) throw new TypeError('not the beginning of an object name')
  const output = await git.run({ args: ['rev-parse', `--disambiguate=${prefix}`], folder, purpose: 'look up a commit' })
  const names = output.split('\n').filter((line) => OBJECT_NAME.test(line))
  return findCommits(git, folder, names.map(sha))
}

/** Cuts a stream of newline-terminated lines into batches; a last line without its newline is an error. */
export async function* batchLines(
  chunks: AsyncIterable<Buffer>,
  size: number,
  encoding: 'utf8' | 'latin1' = 'utf8',
): AsyncGenerator<string[], void, undefined> {
  let rest: Buffer = Buffer.alloc(0)
  let batch: string[] = []
  for await (const chunk of chunks) {
    const bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk])
    let start = 0
    for (let end = bytes.indexOf(10); end !== -1; end = bytes.indexOf(10, start)) {
      // Decoded one by one: a piece of a longer string would keep the whole of it alive.
      batch.push(bytes.toString(encoding, start, end))
      start = end + 1
      if (batch.length < size) continue
      yield batch
      batch = []
    }
    rest = bytes.subarray(start)
  }
  if (rest.length > 0) throw mirrorCorrupt({ purpose: 'read the output of git' }, 'it stops in the middle of a line')
  if (batch.length > 0) yield batch
}

/** Thousands of short lines as a few long strings, which a pipe takes far quicker. */
export function inChunks(lines: readonly string[]): string[] {
  const chunks: string[] = []
  for (let index = 0; index < lines.length; index += 1000) chunks.push(lines.slice(index, index + 1000).join(''))
  return chunks
}

/** Nothing but an object name may reach git's standard input, where lines can also be options. */
function checked(name: ExcludedRevision): string {
  if (!OBJECT_NAME.test(name.endsWith('^1') ? name.slice(0, -2) : name)) throw new TypeError('not an object name')
  return name
}
