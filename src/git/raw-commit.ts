import { isUtf8 } from 'node:buffer'
import { hash } from 'node:crypto'
import { sha, type Sha } from '../domain/ids.ts'
import { MAX_FIELD_BYTES, toOffsetMinutes, withoutFinalNewlines, type LoggedCommit } from './commit-log.ts'
import type { ObjectFormat } from './protocol.ts'

/**
 * A header as every git writes it: nothing that git would trim, repair or convert. The ten digits of a time reach to the
 * year 2286.
 */
const HEADER =
  /^tree [0-9a-f]+\n((?:parent [0-9a-f]+\n)*)author ([^<>\s](?:[^<>\n]*[^<>\s])?) <([^<>\s]*)> (\d{1,10}) ([+-]\d{4})\ncommitter [^<>\n]*<[^<>\n]*> (\d{1,10}) [+-]\d{4}(?:\n|$)/
const ENCODING = '\nencoding '

/** The name of a commit object: the hash of its type, size and bytes. */
export function nameCommit(object: Buffer, format: ObjectFormat): Sha {
  return sha(hash(format, Buffer.concat([Buffer.from(`commit ${object.length}\0`), object]), 'hex'))
}

/**
 * A commit object as `git log` tells it; null for one with anything unusual, where git's own rules decide (another
 * encoding, NUL, blanks to trim, times that no clock shows): ask git for it by name.
 */
export function parseRawCommit(object: Buffer, name: Sha): LoggedCommit | null {
  const headEnd = object.indexOf('\n\n')
  if (headEnd === -1 || object.length > MAX_FIELD_BYTES || object.includes(0) || !isUtf8(object)) return null
  const header = object.toString('utf8', 0, headEnd)
  const match = HEADER.exec(header)
  if (match === null || header.includes(ENCODING)) return null
  const [, parents = '', authorName = '', authorEmail = '', authored = '', offset = '', committed = ''] = match
  return {
    sha: name,
    parentCount: parents.length / ('parent \n'.length + name.length),
    authorName,
    authorEmail,
    authoredAt: Number(authored) * 1000,
    authorOffsetMinutes: toOffsetMinutes(` ${offset}`),
    committedAt: Number(committed) * 1000,
    message: withoutFinalNewlines(object.toString('utf8', headEnd + 2)),
  }
}
