import { createHash } from 'node:crypto'
import { createReadStream, statSync } from 'node:fs'
import { createGunzip } from 'node:zlib'
import { z } from 'zod'
import type { CopiedRows } from '../../db/copy/copied-table.ts'
import { damaged } from '../../db/copy/write-copy.ts'
import type { RowValue } from '../../db/packed-rows.ts'
import { ConnectorError } from '../../lib/connector-error.ts'
import { endSchema, FORMAT_VERSION, headSchema, LONGEST_LINE, rowSchema, tableSchema, type BackupHead } from './backup-format.ts'

/** Text as ours becomes a fifth to a thirtieth; what becomes more than this was made to fill a disk. */
const LARGEST_RATIO = 200
const ALWAYS_ALLOWED = 256 * 1024 * 1024
/** Rows handed on at once, and their characters. */
const PAGE_ROWS = 500
const PAGE_LENGTH = 4 * 1024 * 1024

export interface BackupReading {
  readonly head: BackupHead
  /** Every table, some rows at a time; rejects when the backup turns out to be damaged, at the latest at its end. */
  readonly rows: AsyncGenerator<CopiedRows>
}

/**
 * Opens a backup, which may be anything: nothing in it is trusted.
 *
 * @param file absolute path
 * @throws ConnectorError `backup-damaged`, `backup-too-new`, `backup-unreadable`
 */
export async function readBackup(file: string): Promise<BackupReading> {
  const hash = createHash('sha256')
  const lines = readLines(file)
  const first = await lines.next()
  const text = first.done === true ? '' : first.value
  hash.update(`${text}\n`)
  const head = parse(text, z.looseObject({ format: headSchema.shape.format, version: z.int() }), 'it is no backup of jira-dvcs')
  if (head.version !== FORMAT_VERSION) throw tooNew(head.version)
  return { head: parse(text, headSchema, 'its first line is none of ours'), rows: readRows(lines, hash) }
}

async function* readRows(lines: AsyncGenerator<string>, hash: ReturnType<typeof createHash>): AsyncGenerator<CopiedRows> {
  let table: z.infer<typeof tableSchema> | null = null
  let page: RowValue[][] = []
  let length = 0
  let count = 0
  for await (const line of lines) {
    if (line.startsWith('[')) {
      if (table === null) throw damaged('it has a row of no table')
      page.push(parse(line, rowSchema, 'a line is no row'))
      count += 1
      length += line.length
    }
    const isFull = page.length >= PAGE_ROWS || length > PAGE_LENGTH
    if (table !== null && page.length > 0 && (isFull || !line.startsWith('['))) {
      yield { ...table, rows: page }
      page = []
      length = 0
    }
    if (line.startsWith('{"end"')) {
      const { end } = parse(line, endSchema, 'its end is none of ours')
      if (end.rows !== count || end.sha256 !== hash.digest('hex')) throw damaged('its check sum is not that of its content')
      if ((await lines.next()).done !== true) throw damaged('it goes on after its end')
      return
    }
    hash.update(`${line}\n`)
    if (!line.startsWith('[')) {
      table = parse(line, tableSchema, 'a line is neither a table nor a row')
      yield { ...table, rows: [] }
    }
  }
  throw damaged('it has no end; it was cut, or is still being written')
}

function parse<T>(text: string, schema: z.ZodType<T>, otherwise: string): T {
  try {
    return schema.parse(JSON.parse(text))
  } catch (cause) {
    if (cause instanceof SyntaxError || cause instanceof z.ZodError) throw damaged(otherwise)
    throw cause
  }
}

/** Lines of a gzip file, without their ends, within limits of their length and of what the whole becomes. */
async function* readLines(file: string): AsyncGenerator<string> {
  let rest: string[] = []
  let length = 0
  for await (const chunk of inflate(file)) {
    let start = 0
    for (let end = chunk.indexOf('\n'); end !== -1; end = chunk.indexOf('\n', start)) {
      yield [...rest, chunk.slice(start, end)].join('')
      rest = []
      length = 0
      start = end + 1
    }
    length += chunk.length - start
    if (length > LONGEST_LINE) throw damaged('a line is longer than any of ours')
    if (start < chunk.length) rest.push(chunk.slice(start))
  }
  if (rest.length > 0) throw damaged('it was cut within a line')
}

async function* inflate(file: string): AsyncGenerator<string> {
  const compressed = sizeOf(file)
  const most = Math.max(ALWAYS_ALLOWED, compressed * LARGEST_RATIO)
  const decoder = new TextDecoder('utf-8', { fatal: true })
  const source = createReadStream(file)
  const unpacked = source.pipe(createGunzip())
  source.on('error', (error) => unpacked.destroy(error))
  let size = 0
  try {
    for await (const chunk of unpacked as AsyncIterable<Buffer>) {
      size += chunk.length
      if (size > most) throw damaged(`it becomes more than ${LARGEST_RATIO} times as large, which no backup does`)
      yield decoder.decode(chunk, { stream: true })
    }
    yield decoder.decode()
  } catch (cause) {
    if (cause instanceof ConnectorError) throw cause
    throw isOfFile(cause) ? unreadable(file, cause) : damaged('it is no gzip file of text, or a part of one', cause)
  } finally {
    source.destroy()
    unpacked.destroy()
  }
}

function sizeOf(file: string): number {
  try {
    const found = statSync(file)
    if (found.isFile()) return found.size
  } catch (cause) {
    throw unreadable(file, cause)
  }
  throw unreadable(file, null)
}

const isOfFile = (error: unknown) => error instanceof Error && 'syscall' in error

function unreadable(file: string, cause: unknown): ConnectorError {
  const reason = cause instanceof Error && 'code' in cause ? String(cause.code) : 'it is no file'
  return new ConnectorError('backup-unreadable', {
    userMessage: `The backup ${file} cannot be read: ${reason}.`,
    remedy: 'Check its name and the rights of this user.',
    cause,
  })
}

function tooNew(version: number): ConnectorError {
  return new ConnectorError('backup-too-new', {
    userMessage: `The backup has the format ${version}, this version of the connector reads ${FORMAT_VERSION}.`,
    remedy: 'Install the version that made it, or a newer one, and restore with it.',
  })
}
