import { sha, type Sha } from '../domain/ids.ts'
import { isUsableRefName } from '../domain/ref-name.ts'
import { mirrorCorrupt } from './git-failure.ts'
import type { GitProgram } from './git-program.ts'
import { mayHaveRefs } from './mirror-folder.ts'
import { batchLines, inChunks } from './revisions.ts'

export interface MirrorRef {
  /** Full ref name. */
  readonly name: string
  readonly sha: Sha
  /** Milliseconds since 1970 of the commit it names; 0 when git cannot read that time. */
  readonly committedAt: number
}

const BATCH_REFS = 5000
/** The last second of the year 9999. */
const MAX_SECONDS = 253_402_300_799

/** A name as git printed it: a character for each byte, because names need not be UTF-8. */
interface RawRef extends Omit<MirrorRef, 'name'> {
  readonly rawName: string
}

/**
 * Streams the refs below a prefix such as `refs/heads/`, by name, 5,000 at a time. Those that cannot be followed (see
 * `isUsableRefName`) are left out.
 */
export async function* listRefs(git: GitProgram, folder: string, prefix: string): AsyncGenerator<MirrorRef[], void, undefined> {
  for await (const refs of listRawRefs(git, folder, prefix)) {
    yield refs.flatMap(({ rawName, ...ref }) => {
      const name = toName(rawName)
      return isUsableRefName(name) ? [{ name, ...ref }] : []
    })
  }
}

async function* listRawRefs(git: GitProgram, folder: string, prefix: string): AsyncGenerator<RawRef[], void, undefined> {
  if (!(await mayHaveRefs(folder, prefix))) return
  const purpose = 'list the refs of the local copy'
  const args = ['for-each-ref', '--format=%(objectname) %(committerdate:unix) %(refname)', prefix]
  for await (const lines of batchLines(git.stream({ args, folder, purpose }), BATCH_REFS, 'latin1')) {
    yield lines.map((line) => {
      const match = /^([0-9a-f]{40,64}) (\d*) (refs\/.+)$/s.exec(line)
      const [, object = '', seconds = '', rawName = ''] = match ?? []
      if (rawName === '') throw mirrorCorrupt({ purpose }, 'unexpected output of git for-each-ref')
      return { rawName, sha: sha(object), committedAt: Math.min(Number(seconds), MAX_SECONDS) * 1000 }
    })
  }
}

const toName = (rawName: string): string => Buffer.from(rawName, 'latin1').toString('utf8')

/** What these refs name; those that do not exist are absent from the map. */
export async function readRefs(git: GitProgram, folder: string, names: readonly string[]): Promise<Map<string, Sha>> {
  const refs = new Map<string, Sha>()
  if (names.length === 0) return refs
  const wanted = new Set(names)
  const prefix = commonFolder(names)
  for await (const batch of listRefs(git, folder, prefix)) {
    for (const ref of batch) if (wanted.has(ref.name)) refs.set(ref.name, ref.sha)
  }
  return refs
}

/** Deletes refs in one transaction; those that do not exist are passed over. The commits stay in the mirror. */
export async function deleteRefs(git: GitProgram, folder: string, names: readonly string[]): Promise<void> {
  const rawNames = names.map((name) => Buffer.from(name).toString('latin1'))
  await deleteRawRefs(git, folder, rawNames)
}

/** Deletes the refs below a prefix that are not in `keep`, and those that cannot be followed under any name. */
export async function deleteOtherRefs(
  git: GitProgram,
  folder: string,
  { prefix, keep }: { readonly prefix: string; readonly keep: ReadonlyMap<string, Sha> },
): Promise<void> {
  const others: string[] = []
  for await (const refs of listRawRefs(git, folder, prefix)) {
    for (const { rawName } of refs) if (!keep.has(toName(rawName))) others.push(rawName)
  }
  await deleteRawRefs(git, folder, others)
}

/** Without blanks and ASCII controls, which git refuses in names itself: no name is two lines. */
const FULL_NAME = /^refs\/[!-~\u0080-\u00ff]+$/

async function deleteRawRefs(git: GitProgram, folder: string, rawNames: readonly string[]): Promise<void> {
  if (rawNames.length === 0) return
  if (!rawNames.every((name) => FULL_NAME.test(name))) throw new TypeError('not a full ref name')
  const input = inChunks(rawNames.map((name) => `delete ${name}\n`)).map((chunk) => Buffer.from(chunk, 'latin1'))
  await git.run({ args: ['update-ref', '--no-deref', '--stdin'], input, folder, purpose: 'delete refs of the local copy' })
}

/** The longest folder that all names share: `refs/pull/` for pull requests. */
function commonFolder(names: readonly string[]): string {
  const [first = ''] = names
  let length = first.length
  for (const name of names) {
    while (length > 0 && !name.startsWith(first.slice(0, length))) length--
  }
  return first.slice(0, first.lastIndexOf('/', length - 1) + 1)
}
