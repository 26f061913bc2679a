import { readFileSync, statSync } from 'node:fs'
import { invalid, InvalidValue, type RawValue } from './raw-value.ts'

const MAX_CONFIG_BYTES = 1024 * 1024
const MAX_SECRET_BYTES = 64 * 1024
const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  EACCES: 'this user may not read it',
  EPERM: 'this user may not read it',
  EISDIR: 'it is a folder',
  ENOTDIR: 'a part of its path is no folder',
  ELOOP: 'its links go round in circles',
}

/** @throws InvalidValue when the file cannot be read, is larger than 1 MiB or no UTF-8. */
export function readConfigFile(path: string): string {
  return readText(path, MAX_CONFIG_BYTES, (message) => new InvalidValue([{ message, line: null, at: '' }]))
}

/**
 * The secret in a file, without line ends at its end.
 *
 * @param value Where the file was named, for the message.
 * @throws InvalidValue when it cannot be read, is larger than 64 KiB or no UTF-8.
 */
export function readSecretFile(path: string, value: RawValue): string {
  return readText(path, MAX_SECRET_BYTES, (message) => invalid(value, message)).replace(/[\r\n]+$/, '')
}

/** Null when the file can be read, else why not. */
export function findReadProblem(path: string): string | null {
  try {
    if (!statSync(path).isFile()) return cannot(path, 'it is no file')
    readFileSync(path)
    return null
  } catch (error) {
    return cannot(path, reasonOf(error))
  }
}

function readText(path: string, maxBytes: number, fail: (message: string) => InvalidValue): string {
  let bytes
  try {
    // Not only regular files: a shell's <(…) is a pipe.
    const { size } = statSync(path)
    if (size > maxBytes) throw fail(cannot(path, `it is larger than ${maxBytes / 1024} KiB`))
    bytes = readFileSync(path)
  } catch (error) {
    if (error instanceof InvalidValue) throw error
    throw fail(cannot(path, reasonOf(error)))
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch (error) {
    if (error instanceof TypeError) throw fail(cannot(path, 'it is no text in UTF-8'))
    throw error
  }
}

const cannot = (path: string, reason: string) => `cannot be read: ${reason} (${path})`

function reasonOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown error'
  return REASONS[code] ?? code
}
