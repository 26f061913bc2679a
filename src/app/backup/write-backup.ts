import { createHash } from 'node:crypto'
import { open, rm } from 'node:fs/promises'
import { pipeline } from 'node:stream/promises'
import { createGzip } from 'node:zlib'
import type { DatabaseCopy } from '../../db/copy/read-copy.ts'
import { ConnectorError } from '../../lib/connector-error.ts'
import { toLines, type BackupHead } from './backup-format.ts'

export interface WrittenBackup {
  readonly rows: number
  readonly bytes: number
}

export interface BackupToWrite {
  /** Absolute path; there must be nothing yet. */
  readonly file: string
  readonly head: BackupHead
  readonly copy: Pick<DatabaseCopy, 'rows'>
}

/**
 * Writes a backup, mode 0600, and forces it to the disk. What broke off is removed; what a kill left has no end and is refused.
 *
 * @throws ConnectorError `backup-unwritable`
 */
export async function writeBackup({ file, head, copy }: BackupToWrite, signal: AbortSignal): Promise<WrittenBackup> {
  const handle = await open(file, 'wx', 0o600).catch((cause: unknown) => {
    throw unwritable(file, cause)
  })
  const counted = { rows: 0 }
  try {
    const append = async (chunks: AsyncIterable<Buffer>) => {
      for await (const chunk of chunks) await handle.writeFile(chunk)
    }
    await pipeline(writeLines(head, { copy, counted }), createGzip(), append, { signal })
    await handle.sync()
    return { rows: counted.rows, bytes: (await handle.stat()).size }
  } catch (cause) {
    await rm(file, { force: true })
    throw isOfFile(cause) ? unwritable(file, cause) : cause
  } finally {
    await handle.close()
  }
}

async function* writeLines(
  head: BackupHead,
  { copy, counted }: { readonly copy: BackupToWrite['copy']; readonly counted: { rows: number } },
): AsyncGenerator<string> {
  const hash = createHash('sha256')
  const hashed = (text: string) => {
    hash.update(text)
    return text
  }
  yield hashed(`${JSON.stringify(head)}\n`)
  let table: string | null = null
  for await (const some of copy.rows()) {
    yield hashed(toLines(some, some.table !== table))
    table = some.table
    counted.rows += some.rows.length
  }
  yield `${JSON.stringify({ end: { rows: counted.rows, sha256: hash.digest('hex') } })}\n`
}

const isOfFile = (error: unknown) =>
  error instanceof Error && 'syscall' in error && (error.syscall === 'write' || error.syscall === 'fsync')

function unwritable(file: string, cause: unknown): ConnectorError {
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : 'unknown error'
  const exists = code === 'EEXIST'
  return new ConnectorError('backup-unwritable', {
    userMessage: exists ? `${file} exists already; it was left as it is.` : `The backup ${file} could not be written: ${code}.`,
    remedy: exists ? 'Name another file, or move that one away.' : 'Check the folder, its rights and its free space.',
    cause,
  })
}
