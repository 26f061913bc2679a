import { chmod, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { loadOrCreateKeyFile } from './key-file.ts'

describe('loadOrCreateKeyFile', () => {
  let folder = ''
  let path = ''

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'key-file-'))
    path = join(folder, 'data', 'secret.key')
  })

  afterEach(async () => {
    await rm(folder, { recursive: true, force: true })
  })

  it('makes a key at first use and gives the same one later', async () => {
    const key = await loadOrCreateKeyFile(path)
    expect(key).toHaveLength(32)
    expect((await loadOrCreateKeyFile(path)).equals(key)).toBe(true)
    expect(await readdir(join(folder, 'data'))).toEqual(['secret.key'])
  })

  it('is for its owner alone, folder included', async () => {
    await loadOrCreateKeyFile(path)
    expect((await stat(path)).mode & 0o777).toBe(0o600)
    expect((await stat(join(folder, 'data'))).mode & 0o777).toBe(0o700)
  })

  it('gives all who start at once the same key', async () => {
    const keys = await Promise.all(Array.from({ length: 12 }, () => loadOrCreateKeyFile(path)))
    expect(new Set(keys.map((key) => key.toString('hex'))).size).toBe(1)
    expect(await readdir(join(folder, 'data'))).toEqual(['secret.key'])
  })

  it.each([0o640, 0o604, 0o660, 0o602])('refuses mode %o with the remedy', async (mode) => {
    const key = await loadOrCreateKeyFile(path)
    await chmod(path, mode)
    const error: unknown = await loadOrCreateKeyFile(path).catch((failure: unknown) => failure)
    expect(error).toMatchObject({ code: 'key-file-exposed', remedy: expect.stringContaining(`chmod 600 ${path}`) })
    expect(String(error)).not.toContain(key.toString('base64'))
  })

  it.each(['', 'short', `${'A'.repeat(44)}\n`, `${'A'.repeat(43)}=\nmore`, 'A'.repeat(10_000)])(
    'refuses a damaged file %#',
    async (text) => {
      const file = join(folder, 'damaged.key')
      await writeFile(file, text, { mode: 0o600 })
      await expect(loadOrCreateKeyFile(file)).rejects.toMatchObject({ code: 'key-file-damaged' })
      expect(await readFile(file, 'utf8')).toBe(text)
    },
  )

  it('says when the place cannot be used', async () => {
    const file = join(folder, 'file')
    await writeFile(file, '')
    await expect(loadOrCreateKeyFile(join(file, 'secret.key'))).rejects.toMatchObject({
      code: 'key-file-unusable',
      userMessage: expect.stringContaining('ENOTDIR'),
    })
  })
})
