import { randomBytes } from 'node:crypto'
import { constants } from 'node:fs'
import { copyFile, link, mkdir, open, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { ConnectorError } from './connector-error.ts'

const KEY_BYTES = 32
const KEY_LINE = /^[A-Za-z0-9+/]{43}=\n?$/
/** Answers of file systems that have no hard links (SMB, some FUSE mounts). */
const NO_HARD_LINKS = new Set(['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK'])

/**
 * The key in a file of its own, made at first use: 32 random bytes as base64, mode 0600, in a folder that is created
 * with mode 0700 when absent. Appears whole or not at all; of several processes at once one makes it and all read it.
 *
 * @throws ConnectorError `key-file-exposed` when others may read or change it, `key-file-damaged` when it holds no key,
 *   `key-file-unusable` when it cannot be read or made.
 */
export async function loadOrCreateKeyFile(path: string): Promise<Buffer> {
  return naming(path, async () => (await findKey(path)) ?? createKey(path))
}

async function naming<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (cause) {
    if (cause instanceof ConnectorError) throw cause
    throw new ConnectorError('key-file-unusable', {
      userMessage: `The key file ${path} could not be read or made: ${codeOf(cause) ?? 'unknown error'}.`,
      remedy: 'Give the user that runs the connector read and write access to the data folder, or set server.secretKey.',
      cause,
    })
  }
}

/**
 * The key in a file, without making one; null: there is no such file.
 *
 * @throws ConnectorError as `loadOrCreateKeyFile`
 */
export async function findKeyFile(path: string): Promise<Buffer | null> {
  return naming(path, () => findKey(path))
}

/**
 * Makes the file hold a key that was kept elsewhere, with mode 0600.
 *
 * @throws ConnectorError as `loadOrCreateKeyFile`; `key-file-unusable` when there is one already
 */
export async function writeKeyFile(path: string, key: Buffer): Promise<void> {
  await naming(path, async () => {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 })
    const file = await open(path, 'wx', 0o600)
    try {
      await file.writeFile(`${key.toString('base64')}\n`)
      await file.sync()
    } finally {
      await file.close()
    }
    await syncFolder(dirname(path))
  })
}

/** null: there is no such file. */
async function findKey(path: string): Promise<Buffer | null> {
  let file
  try {
    file = await open(path, 'r')
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return null
    throw error
  }
  try {
    const { mode, size } = await file.stat()
    if (process.platform !== 'win32' && (mode & 0o077) !== 0) throw exposed(path, mode)
    const text = size > 100 ? '' : await file.readFile('utf8')
    if (!KEY_LINE.test(text)) throw damaged(path)
    return Buffer.from(text, 'base64')
  } finally {
    await file.close()
  }
}

async function createKey(path: string): Promise<Buffer> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 })
  const draft = `${path}.${randomBytes(6).toString('hex')}.new`
  try {
    const file = await open(draft, 'wx', 0o600)
    try {
      await file.writeFile(`${randomBytes(KEY_BYTES).toString('base64')}\n`)
      await file.sync()
    } finally {
      await file.close()
    }
    await publish(draft, path)
  } finally {
    await rm(draft, { force: true })
  }
  await syncFolder(dirname(path))
  const key = await findKey(path)
  if (key === null) throw damaged(path)
  return key
}

/** Gives the finished file its name, unless another process was first. */
async function publish(draft: string, path: string): Promise<void> {
  try {
    await link(draft, path)
  } catch (error) {
    const code = codeOf(error)
    if (code === 'EEXIST') return
    if (code === null || !NO_HARD_LINKS.has(code)) throw error
    await copyFile(draft, path, constants.COPYFILE_EXCL)
  }
}

/** Without it a power cut right after could leave secrets that no key opens. Windows cannot open folders. */
async function syncFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return
  const handle = await open(folder, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

function exposed(path: string, mode: number): ConnectorError {
  return new ConnectorError('key-file-exposed', {
    userMessage: `The key file ${path} may be used by others than its owner (mode ${(mode & 0o777).toString(8).padStart(4, '0')}).`,
    remedy: `Run "chmod 600 ${path}". If others could have read it, enter the stored credentials again after replacing them.`,
  })
}

function damaged(path: string): ConnectorError {
  return new ConnectorError('key-file-damaged', {
    userMessage: `The key file ${path} does not hold a key of ${KEY_BYTES} bytes in base64.`,
    remedy: 'Restore it from a backup; without it remove the file and enter all credentials again.',
  })
}

function codeOf(error: unknown): string | null {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : null
}
