import { appendFile, mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Sha } from '../domain/ids.ts'
import { runGit } from '../sandbox/run-git.ts'
import { readArrivingPack, waitForLargePack } from './arriving-pack.ts'
import type { LoggedCommit } from './commit-log.ts'
import { UnreadablePack } from './pack-objects.ts'
import { collect, commit, readAll, soon, startTestHost, type TestHost } from './test-host.ts'

const CHECKSUM_BYTES = 20
/** Alike and long, so that git stores one as a difference of another. */
const LONG = Array.from({ length: 40 }, (_, line) => `line ${line} of what is the same in every message`).join('\n')
const messages = (count: number) => Array.from({ length: count }, (_, index) => `SHOP-${index} gelöst\n\n${LONG}\n${index}\n`)
const history = (count: number) =>
  messages(count).map((message, index) => commit(index + 1, index === 0 ? [] : [index], { message }))

async function readPack(folder: string, more: { objectFormat?: 'sha1' | 'sha256'; ended?: () => boolean } = {}) {
  const commits: LoggedCommit[] = []
  const unusual: Sha[] = []
  for await (const batch of readArrivingPack(folder, { objectFormat: 'sha1', ended: () => true, signal: soon(), ...more })) {
    commits.push(...batch.commits)
    unusual.push(...batch.unusual)
  }
  return { commits, unusual }
}

const byName = (commits: readonly LoggedCommit[]) => commits.toSorted((a, b) => (a.sha < b.sha ? -1 : 1))

/** A folder such as git fetches into, with a pack in it. */
async function writePack(folder: string, bytes: Uint8Array, name = 'tmp_pack_Ab3dEf'): Promise<string> {
  const packs = join(folder, 'objects', 'pack')
  await rm(packs, { recursive: true, force: true })
  await mkdir(packs, { recursive: true })
  const file = join(packs, name)
  await writeFile(file, bytes)
  return file
}

describe.each(['sha1', 'sha256'] as const)('a pack of a %s repository', (objectFormat) => {
  let host: TestHost
  beforeEach(async () => {
    host = await startTestHost(objectFormat)
    await host.mirror.prepare(objectFormat)
  })
  afterEach(() => host.close())

  it('is read as git reads it, differences included', async () => {
    await host.import(...history(300))
    await host.hostGit('repack', '-a', '-d', '-f', '--window=50', '--depth=50', '--quiet')
    await host.mirror.fetchBranches({ remote: host.remote, filter: 'tree:0', signal: soon() })

    const read = await readPack(host.mirrorFolder, { objectFormat })

    expect(await countDifferences(host)).toBeGreaterThan(50)
    expect(byName(read.commits)).toEqual(byName(await readAll(host.mirror)))
    expect(read.unusual).toEqual([])
  })
})

async function countDifferences(host: TestHost): Promise<number> {
  const packs = join(host.mirrorFolder, 'objects', 'pack')
  const index = (await readdir(packs)).find((name) => name.endsWith('.idx')) ?? ''
  const lines = (await host.mirrorGit('verify-pack', '-v', join(packs, index))).split('\n')
  // Hash, type, size, size in the pack, offset; of a difference also depth and base.
  return lines.filter((line) => /^[0-9a-f]+ commit(\s+\S+){5}/.test(line)).length
}

describe('a pack with commits of every kind', () => {
  let host: TestHost
  beforeEach(async () => {
    host = await startTestHost()
    await host.mirror.prepare('sha1')
  })
  afterEach(() => host.close())

  const TREE = 'tree 4b825dc642cb6eb9a060e54bf8d69288fbee4904'
  const person = 'Ann <ann@example.com> 1767225600 +0200'
  /** Name, raw commit, and whether its shape is one that we read ourselves. */
  const RAW: readonly (readonly [string, string | Buffer, boolean])[] = [
    ['ordinary', `${TREE}\nauthor ${person}\ncommitter ${person}\n\nSHOP-1 done\n`, true],
    ['signed', `${TREE}\nauthor ${person}\ncommitter ${person}\ngpgsig -----BEGIN\n \n x\n -----END\n\nSHOP-2\n`, true],
    ['without a message', `${TREE}\nauthor ${person}\ncommitter ${person}\n\n`, true],
    ['with blank lines around its message', `${TREE}\nauthor ${person}\ncommitter ${person}\n\n\n\nSHOP-3\n\n\n`, true],
    ['with a negative zone', `${TREE}\nauthor Ann B <a@b> 1767225600 -0330\ncommitter B <> 1 +1400\n\nx`, true],
    [
      'in another encoding',
      Buffer.from(`${TREE}\nauthor ${person}\ncommitter ${person}\nencoding ISO-8859-1\n\ngel\u00f6st`, 'latin1'),
      false,
    ],
    ['not in UTF-8', Buffer.from(`${TREE}\nauthor ${person}\ncommitter ${person}\n\ngel\u00f6st`, 'latin1'), false],
    ['with a NUL', `${TREE}\nauthor ${person}\ncommitter ${person}\n\na\0b`, false],
    ['of somebody without a name', `${TREE}\nauthor <a@b> 1 +0000\ncommitter ${person}\n\nx`, false],
    ['with blanks in the name', `${TREE}\nauthor  Ann  <a@b> 1 +0000\ncommitter ${person}\n\nx`, false],
    ['from before 1970', `${TREE}\nauthor Ann <a@b> -5 +0000\ncommitter ${person}\n\nx`, false],
    ['from far beyond', `${TREE}\nauthor Ann <a@b> 99999999999999 +0000\ncommitter ${person}\n\nx`, false],
    ['with an absurd zone', `${TREE}\nauthor Ann <a@b> 1 +123456\ncommitter ${person}\n\nx`, false],
  ]

  it('tells the ordinary ones as git does, and leaves the others to git', async () => {
    await host.import(commit(1, []))
    const names = new Map<string, string>()
    for (const [name, raw] of RAW) {
      const file = join(host.folder, 'raw')
      await writeFile(file, raw)
      const args = ['hash-object', '-t', 'commit', '-w', '--literally', file]
      const object = (await runGit(args, { folder: host.repositoryFolder, env: host.env })).trim()
      await host.hostGit('update-ref', `refs/heads/${name.replaceAll(' ', '-')}`, object)
      names.set(object, name)
    }
    await host.mirror.fetchBranches({ remote: host.remote, filter: 'tree:0', signal: soon() })

    const { commits, unusual } = await readPack(host.mirrorFolder)
    const rest = await collect(host.mirror.readNamed({ shas: unusual, signal: soon() }))

    expect(byName([...commits, ...rest])).toEqual(byName(await readAll(host.mirror)))
    expect(new Set(unusual.map((object) => names.get(object)))).toEqual(
      new Set(RAW.flatMap(([name, , isOrdinary]) => (isOrdinary ? [] : [name]))),
    )
  })
})

describe('a pack that is not all there', () => {
  let folder: string
  let bytes: Buffer
  let expected: readonly LoggedCommit[]
  beforeEach(async () => {
    const host = await startTestHost()
    await host.mirror.prepare('sha1')
    await host.import(...history(120))
    await host.hostGit('repack', '-a', '-d', '-f', '--window=50', '--quiet')
    await host.mirror.fetchBranches({ remote: host.remote, filter: 'tree:0', signal: soon() })
    const packs = join(host.mirrorFolder, 'objects', 'pack')
    bytes = await readFile(join(packs, (await readdir(packs)).find((name) => name.endsWith('.pack')) ?? ''))
    expected = byName(await readAll(host.mirror))
    await host.close()
    folder = await mkdtemp(join(tmpdir(), 'arriving-'))
  })
  afterEach(() => rm(folder, { recursive: true, force: true }))

  it('is read while it grows, and on under its last name', async () => {
    let ended = false
    await mkdir(join(folder, 'objects', 'pack'), { recursive: true })
    const reading = readPack(folder, { ended: () => ended })
    const file = await writePack(folder, new Uint8Array())
    for (let start = 0; start < bytes.length; start += 997) await appendFile(file, bytes.subarray(start, start + 997))
    await rename(file, join(folder, 'objects', 'pack', 'pack-0123.pack'))
    ended = true

    expect(byName((await reading).commits)).toEqual(expected)
  })

  it.each([
    ['ends early', () => bytes.subarray(0, bytes.length / 2)],
    ['has no object', () => bytes.subarray(0, 12)],
    ['is empty', () => Buffer.alloc(0)],
    ['is no pack', () => Buffer.from('<html>Sign in</html>'.repeat(100))],
    ['is of another version', () => Buffer.concat([Buffer.from('PACK\0\0\0\u0003'), bytes.subarray(8)])],
    [
      'claims more objects than it has',
      () => Buffer.concat([bytes.subarray(0, 8), Buffer.from([0xff, 0xff, 0xff, 0xff]), bytes.subarray(12)]),
    ],
    ['holds a tree', () => Buffer.concat([bytes.subarray(0, 12), Buffer.from([0x23]), bytes.subarray(13)])],
    [
      'holds a commit of gigabytes',
      () => Buffer.concat([bytes.subarray(0, 12), Buffer.from([0x9f, 0xff, 0xff, 0xff, 0x7f]), bytes.subarray(13)]),
    ],
  ])('is refused when it %s', async (_, make) => {
    await writePack(folder, make())

    await expect(readPack(folder)).rejects.toThrow(UnreadablePack)
  })

  it('is refused when git received none', async () => {
    await mkdir(join(folder, 'objects', 'pack'), { recursive: true })

    await expect(readPack(folder)).rejects.toThrow(UnreadablePack)
  })

  // What is changed and yet parses has another checksum, so that git ends with an error and nothing of it counts.
  it('ends with what it read or refuses, whatever is changed in it', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), async (at, change) => {
        const changed = Buffer.from(bytes)
        changed[at] = (changed[at] ?? 0) ^ change
        await writePack(folder, changed)
        const read = await readPack(folder).catch((error: unknown) => error)

        if (at >= bytes.length - CHECKSUM_BYTES) expect(read).toMatchObject({ commits: { length: expected.length } })
        else if (read instanceof Error) expect(read).toBeInstanceOf(UnreadablePack)
        else expect(read).toHaveProperty('commits')
      }),
      { numRuns: 150 },
    )
  })

  it('is waited for until it is large, or git has ended', async () => {
    let looks = 0
    await mkdir(join(folder, 'objects', 'pack'), { recursive: true })
    const waiting = waitForLargePack(folder, { bytes: 1_000, ended: () => false, signal: soon() })
    await writePack(folder, bytes.subarray(0, 1_001))

    expect(await waiting).toBe(true)
    expect(await waitForLargePack(folder, { bytes: bytes.length, ended: () => (looks += 1) > 3, signal: soon() })).toBe(false)
  })
})
