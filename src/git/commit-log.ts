import { sha, type Sha } from '../domain/ids.ts'
import { mirrorCorrupt } from './git-failure.ts'
import type { GitProgram } from './git-program.ts'
import { toRevisionInput, type RevisionRange } from './revisions.ts'

/** A commit as Git tells it: text of any kind, decoded leniently, not yet fit for storing. */
export interface LoggedCommit {
  readonly sha: Sha
  readonly parentCount: number
  readonly authorName: string
  readonly authorEmail: string
  /** Milliseconds since 1970, within the years 1970 to 9999 whatever the commit claims. */
  readonly authoredAt: number
  /** What the author's clock was ahead of UTC, in minutes; 0 where the commit claims what no clock shows. */
  readonly authorOffsetMinutes: number
  readonly committedAt: number
  /** Whole message without final newlines; at most 1 MiB, the rest of a longer one is dropped. */
  readonly message: string
}

export interface ReadCommitsOptions {
  readonly range: RevisionRange
  readonly signal: AbortSignal
}

/**
 * A NUL ends each of the eight fields. No commit can forge one: git prints a commit's text only up to its first NUL,
 * and what parses to something else than hash, hashes and numbers is refused.
 */
const FORMAT = 'tformat:%H%x00%P%x00%at%x00%ad%x00%ct%x00%an%x00%ae%x00%B'
const FIELDS = 8
export const MAX_FIELD_BYTES = 1024 * 1024
const BATCH_COMMITS = 1000
const BATCH_CHARACTERS = 4 * 1024 * 1024
const OBJECT_NAME = /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/
/** The last second of the year 9999, beyond which no RFC 3339 time exists. */
const MAX_SECONDS = 253_402_300_799

/** Offsets reach from UTC-12 to UTC+14. */
const MAX_OFFSET_MINUTES = 14 * 60

/** `--no-mailmap`: in a clone without trees git would look for HEAD:.mailmap, find it absent, and end or fetch it. */
const LOG_ARGUMENTS = [
  'log',
  '-z',
  `--format=${FORMAT}`,
  // %ad is then seconds and offset, the only place where git tells an offset; %at keeps seconds that %ad gives up on.
  '--date=raw',
  '--encoding=UTF-8',
  '--no-mailmap',
  '--no-show-signature',
  '--no-color',
  '--no-patch',
  '--no-notes',
  '--stdin',
]

/** Streams the commits of a range, newest first unless asked otherwise, in batches of at most 1,000 commits and about 4 million characters. */
export async function* readCommits(
  git: GitProgram,
  folder: string,
  { range, signal }: ReadCommitsOptions,
): AsyncGenerator<LoggedCommit[], void, undefined> {
  const input = toRevisionInput(range)
  if (input === null) return
  const purpose = 'read the history'
  const args = [
    ...LOG_ARGUMENTS,
    ...(range.inOrder === true ? ['--date-order'] : []),
    ...(range.oldestFirst === true ? ['--reverse'] : []),
    ...(range.committedSince === undefined ? [] : [`--max-age=${Math.floor(range.committedSince / 1000)}`]),
    ...(range.include === 'all' ? ['--all'] : []),
  ]
  yield* parseCommits(git.stream({ args, input, folder, signal, purpose }), () =>
    mirrorCorrupt({ purpose }, 'unexpected output of git log'),
  )
}

/** As `readCommits`, these commits and no others, in any order; all must be in the mirror. */
export async function* readNamedCommits(
  git: GitProgram,
  folder: string,
  { shas, signal }: { readonly shas: readonly Sha[]; readonly signal: AbortSignal },
): AsyncGenerator<LoggedCommit[], void, undefined> {
  const input = toRevisionInput({ include: shas, exclude: [] })
  if (input === null) return
  const purpose = 'read commits'
  const args = [...LOG_ARGUMENTS, '--no-walk=unsorted']
  yield* parseCommits(git.stream({ args, input, folder, signal, purpose }), () =>
    mirrorCorrupt({ purpose }, 'unexpected output of git log'),
  )
}

/**
 * Cuts git's output into commits. Memory is one batch plus one field, however long the history or a message is.
 * @param broken makes the error for output that is not what the format promises, or stops in the middle
 */
export async function* parseCommits(
  chunks: AsyncIterable<Buffer>,
  broken: () => Error,
): AsyncGenerator<LoggedCommit[], void, undefined> {
  const tail = createTail()
  let fields: string[] = []
  let batch: LoggedCommit[] = []
  let characters = 0
  for await (const chunk of chunks) {
    let start = 0
    for (let end = chunk.indexOf(0); end !== -1; end = chunk.indexOf(0, start)) {
      const field = tail.isEmpty() ? decode(chunk, start, end) : tail.join(chunk.subarray(start, end))
      fields.push(field)
      characters += field.length
      start = end + 1
      if (fields.length < FIELDS) continue
      batch.push(toCommit(fields, broken))
      fields = []
      if (batch.length < BATCH_COMMITS && characters < BATCH_CHARACTERS) continue
      yield batch
      batch = []
      characters = 0
    }
    tail.keep(chunk.subarray(start))
  }
  if (fields.length > 0 || !tail.isEmpty()) throw broken()
  if (batch.length > 0) yield batch
}

/** Each field is decoded by itself: a piece of a longer string would keep the whole of it alive. */
function decode(bytes: Buffer, start: number, end: number): string {
  return bytes.toString('utf8', start, Math.min(end, start + MAX_FIELD_BYTES))
}

/** Keeps the beginning of a field whose end has not come yet. */
function createTail() {
  let pieces: Buffer[] = []
  let bytes = 0
  return {
    isEmpty: () => bytes === 0,
    keep(piece: Buffer): void {
      if (bytes < MAX_FIELD_BYTES) pieces.push(piece)
      bytes += piece.length
    },
    join(rest: Buffer): string {
      const whole = Buffer.concat([...pieces, rest])
      pieces = []
      bytes = 0
      return decode(whole, 0, whole.length)
    },
  }
}

function toCommit(fields: readonly string[], broken: () => Error): LoggedCommit {
  const [hash = '', parents = '', authored = '', raw = '', committed = '', authorName = '', authorEmail = '', message = ''] =
    fields
  const parentCount = parents === '' ? 0 : (parents.length + 1) / (hash.length + 1)
  if (!OBJECT_NAME.test(hash) || !Number.isInteger(parentCount)) throw broken()
  const committedAt = toMilliseconds(committed) ?? 0
  return {
    sha: sha(hash),
    parentCount,
    authorName,
    authorEmail,
    authoredAt: toMilliseconds(authored) ?? committedAt,
    authorOffsetMinutes: toOffsetMinutes(raw),
    committedAt,
    message: withoutFinalNewlines(message),
  }
}

/** null for a time that git could not read; absurd ones are brought to the nearest possible. */
function toMilliseconds(digits: string): number | null {
  const seconds = digits === '' ? Number.NaN : Number(digits)
  return Number.isNaN(seconds) ? null : Math.min(Math.max(seconds, 0), MAX_SECONDS) * 1000
}

/** @param raw such as `1767225600 -0330` */
export function toOffsetMinutes(raw: string): number {
  if (raw.endsWith(' +0000')) return 0
  const [, sign, hours, minutes] = / ([+-])(\d\d)([0-5]\d)$/.exec(raw) ?? []
  const offset = Number(hours) * 60 + Number(minutes)
  return Number.isNaN(offset) || offset > MAX_OFFSET_MINUTES ? 0 : sign === '-' ? -offset : offset
}

export function withoutFinalNewlines(text: string): string {
  let end = text.length
  while (end > 0 && text.codePointAt(end - 1) === 10) end--
  return end === text.length ? text : text.slice(0, end)
}
