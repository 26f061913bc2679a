import { spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { mkdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { sandboxGitEnvironment, runGit } from './run-git.ts'

export interface ImportedPerson {
  readonly name: string
  readonly email: string
}

export interface ImportedFile {
  readonly path: string
  /** null deletes the file. */
  readonly content: string | null
}

export interface ImportedCommit {
  readonly kind: 'commit'
  /** Full name of the ref that moves to this commit, such as `refs/heads/main`. */
  readonly ref: string
  /** Positive number by which later entries name this commit as a parent, and under which its SHA is returned. */
  readonly mark?: number
  /** Marks of this import, or SHAs and refs that exist already. Empty: a root commit. */
  readonly parents: readonly (number | string)[]
  readonly author: ImportedPerson
  readonly authoredAt: Date
  /** Default: the author. */
  readonly committer?: ImportedPerson
  /** Default: `authoredAt`. */
  readonly committedAt?: Date
  /** Bytes are written as they are, under `encoding` when given. */
  readonly message: string | Uint8Array
  readonly encoding?: string
  /** Changes against the first parent; default: none. */
  readonly files?: readonly ImportedFile[]
}

/** Points a ref at a commit; `to: null` deletes it. */
export interface ImportedRef {
  readonly kind: 'ref'
  readonly ref: string
  readonly to: number | string | null
}

export type ImportedEntry = ImportedCommit | ImportedRef

export interface FastImportOptions {
  /** Bare repository to write into. */
  readonly folder: string
  readonly env: NodeJS.ProcessEnv
  /** Read as fast as git takes them, so a generator of any length needs no memory. */
  readonly entries: Iterable<ImportedEntry> | AsyncIterable<ImportedEntry>
}

const CHUNK_CHARACTERS = 64 * 1024

/** Creates an empty bare repository whose HEAD names `defaultBranch` (default `main`). */
export async function initBareRepository(options: {
  readonly folder: string
  readonly env: NodeJS.ProcessEnv
  readonly objectFormat?: 'sha1' | 'sha256'
  readonly defaultBranch?: string
}): Promise<void> {
  await mkdir(options.folder, { recursive: true })
  const format = `--object-format=${options.objectFormat ?? 'sha1'}`
  const args = ['init', '--quiet', '--bare', '--template=', format, `--initial-branch=${options.defaultBranch ?? 'main'}`]
  await runGit(args, { folder: options.folder, env: options.env })
}

/**
 * Writes history with `git fast-import`: about 50,000 commits a second. Refs are moved to where the entries say, forward
 * or not, when all entries are in; a failing import moves none. Resolves to the SHA of every marked commit.
 */
export async function fastImport({ folder, env, entries }: FastImportOptions): Promise<Map<number, string>> {
  const nullSha = '0'.repeat((await runGit(['rev-parse', '--show-object-format'], { folder, env })) === 'sha256' ? 64 : 40)
  const marksFile = join(folder, `fast-import-marks-${randomUUID()}`)
  const args = ['fast-import', '--quiet', '--done', '--force', '--date-format=raw', `--export-marks=${marksFile}`]
  const child = spawn('git', args, { cwd: folder, env: sandboxGitEnvironment(env), stdio: ['pipe', 'ignore', 'pipe'] })
  let complaint = ''
  child.stderr.on('data', (chunk: Buffer) => {
    complaint = (complaint + chunk.toString('utf8')).slice(0, 4096)
  })
  const exit = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', resolve)
  })
  try {
    const [written, exitCode] = await Promise.allSettled([pipeline(Readable.from(toStream(entries, nullSha)), child.stdin), exit])
    if (exitCode.status === 'rejected') throw exitCode.reason
    if (exitCode.value !== 0) throw new Error(`git fast-import failed (exit ${exitCode.value}): ${complaint}`, { cause: written })
    if (written.status === 'rejected') throw written.reason
    return parseMarks(await readFile(marksFile, 'latin1'))
  } finally {
    await rm(marksFile, { force: true })
  }
}

async function* toStream(entries: FastImportOptions['entries'], nullSha: string): AsyncGenerator<string | Uint8Array> {
  let text = ''
  for await (const entry of entries) {
    if (entry.kind === 'ref') text += `reset ${entry.ref}\nfrom ${entry.to === null ? nullSha : name(entry.to)}\n\n`
    else {
      text += headText(entry)
      if (typeof entry.message === 'string') text += `data ${Buffer.byteLength(entry.message)}\n${entry.message}\n`
      else {
        yield `${text}data ${entry.message.length}\n`
        yield entry.message
        text = '\n'
      }
      text += parentsText(entry) + filesText(entry)
    }
    if (text.length >= CHUNK_CHARACTERS) {
      yield text
      text = ''
    }
  }
  yield `${text}done\n`
}

function headText(commit: ImportedCommit): string {
  const committedAt = commit.committedAt ?? commit.authoredAt
  // Without the reset a ref that this import has touched already would silently become the parent.
  const reset = commit.parents.length === 0 ? `reset ${commit.ref}\n` : ''
  const mark = commit.mark === undefined ? '' : `mark :${commit.mark}\n`
  const encoding = commit.encoding === undefined ? '' : `encoding ${commit.encoding}\n`
  return (
    `${reset}commit ${commit.ref}\n${mark}author ${personText(commit.author, commit.authoredAt)}\n` +
    `committer ${personText(commit.committer ?? commit.author, committedAt)}\n${encoding}`
  )
}

function personText(person: ImportedPerson, at: Date): string {
  const clean = (text: string) => text.replaceAll(/[<>\n\0]/g, '')
  return `${clean(person.name)} <${clean(person.email)}> ${Math.floor(at.getTime() / 1000)} +0000`
}

function parentsText({ parents }: ImportedCommit): string {
  return parents.map((parent, index) => `${index === 0 ? 'from' : 'merge'} ${name(parent)}\n`).join('')
}

function filesText({ files }: ImportedCommit): string {
  if (files === undefined) return '\n'
  const changes = files.map(({ path, content }) =>
    content === null
      ? `D ${quoted(path)}\n`
      : `M 100644 inline ${quoted(path)}\ndata ${Buffer.byteLength(content)}\n${content}\n`,
  )
  return `${changes.join('')}\n`
}

function name(commit: number | string): string {
  return typeof commit === 'number' ? `:${commit}` : commit
}

function quoted(path: string): string {
  return /^"|\n/.test(path) ? `"${path.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')}"` : path
}

function parseMarks(text: string): Map<number, string> {
  const marks = new Map<number, string>()
  for (const line of text.split('\n')) {
    const space = line.indexOf(' ')
    if (space > 0) marks.set(Number(line.slice(1, space)), line.slice(space + 1))
  }
  return marks
}
