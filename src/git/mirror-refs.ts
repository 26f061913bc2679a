import { sha, type Sha } from '../domain/ids.ts'
import { mirrorCorrupt } from './git-failure.ts'
import type { GitProgram } from './git-program.ts'
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

/** Streams the refs below a prefix such as `refs/heads/`, by name, 5,000 at a time. */
export async function* listRefs(git: GitProgram, folder: string, prefix: string): AsyncGenerator<MirrorRef[], void, undefined> {
  const purpose = 'list the refs of the local copy'
  const args = ['for-each-ref', '--format=%(objectname) %(committerdate:unix) %(refname)', prefix]
  for await (const lines of batchLines(git.stream({ args, folder, purpose }), BATCH_REFS)) {
    yield lines.map((line) => {
      const match = /^([0-9a-f]{40,64}) (\d*) (refs\/.+)$/.exec(line)
      const [, object = '', seconds = '', name = ''] = match ?? []
      if (name === '') throw mirrorCorrupt({ purpose }, 'unexpected output of git for-each-ref')
      return { name, sha: sha(object), committedAt: Math.min(Number(seconds), MAX_SECONDS) * 1000 }
    })
  }
}

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
  if (names.length === 0) return
  if (!names.every((name) => /^refs\/[^\s\p{Cc}]+$/u.test(name))) throw new TypeError('not a full ref name')
  const input = inChunks(names.map((name) => `delete ${name}\n`))
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
