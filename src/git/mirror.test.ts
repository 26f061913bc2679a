import { access, mkdir, open, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { sha } from '../domain/ids.ts'
import { collect, commit, line, readAll, soon, startTestHost, type TestHost } from './test-host.ts'

let host: TestHost
beforeEach(async () => {
  host = await startTestHost()
})
afterEach(() => host.close())

const fetchAll = (filter: 'tree:0' | null = 'tree:0') =>
  host.mirror.fetchBranches({ remote: host.remote, filter, signal: soon() })
const packs = async (ending: string) =>
  (await readdir(join(host.mirrorFolder, 'objects', 'pack'))).filter((name) => name.endsWith(ending))

/** Packs are read-only: they are replaced. */
async function truncate(path: string): Promise<void> {
  await rm(path)
  await writeFile(path, '')
}

/** Overwrites bytes in the middle of a file. */
async function damage(path: string): Promise<void> {
  const { size } = await stat(path)
  const content = await readFile(path)
  content.fill(0x55, Math.floor(size / 4), Math.floor((size * 3) / 4))
  await rm(path)
  await writeFile(path, content)
}

describe('looking up', () => {
  it('finds commits by the beginning of their hash, and nothing by another word', async () => {
    await host.import(...line(3))
    await host.mirror.prepare('sha1')
    await fetchAll()
    const [first] = await readAll(host.mirror)
    const head = first?.sha ?? sha('')

    expect([...(await host.mirror.findCommits(head))]).toEqual([head])
    expect([...(await host.mirror.findCommits(head.slice(0, 12)))]).toEqual([head])
    expect((await host.mirror.findCommits('0000000')).size).toBe(0)
    for (const word of ['main', '--all', 'abc', '']) await expect(host.mirror.findCommits(word)).rejects.toThrow(TypeError)
  })
})

describe('preparing', () => {
  it('creates, and finds again', async () => {
    await host.mirror.prepare('sha1')
    await host.import(...line(3))
    await fetchAll()
    await host.mirror.prepare('sha1')

    expect(await readAll(host.mirror)).toHaveLength(3)
    expect(await readdir(host.folder)).not.toContain('mirror.unfinished')
  })

  it('starts anew where an earlier start was interrupted', async () => {
    await mkdir(join(host.folder, 'mirror.unfinished', 'objects'), { recursive: true })
    await mkdir(host.mirrorFolder)

    await host.mirror.prepare('sha256')

    expect(await host.mirrorGit('rev-parse', '--show-object-format')).toBe('sha256')
  })

  it('clears away what a killed git left, but no branch', async () => {
    await host.import(...line(2), { kind: 'ref', ref: 'refs/heads/deep/er', to: 1 })
    await host.mirror.prepare('sha1')
    await fetchAll()
    const left = [
      'config.lock',
      'HEAD.lock',
      'packed-refs.lock',
      'refs/heads/main.lock',
      'refs/heads/deep/er.lock',
      'objects/pack/tmp_idx_1',
      'objects/pack/pack-1.keep',
    ]
    for (const name of left) await writeFile(join(host.mirrorFolder, name), '')

    await host.mirror.prepare('sha1')

    for (const name of left) await expect(access(join(host.mirrorFolder, name))).rejects.toThrow('ENOENT')
    expect((await collect(host.mirror.listRefs('refs/heads/'))).map(({ name }) => name)).toEqual([
      'refs/heads/deep/er',
      'refs/heads/main',
    ])
  })

  it.each([
    ['without HEAD', (folder: string) => rm(join(folder, 'HEAD'))],
    ['without objects', (folder: string) => rm(join(folder, 'objects'), { recursive: true })],
    ['with a damaged configuration', (folder: string) => writeFile(join(folder, 'config'), '[core')],
    [
      'with other content',
      (folder: string) => rm(folder, { recursive: true }).then(() => mkdir(join(folder, 'something'), { recursive: true })),
    ],
    ['of another object format', (folder: string) => rm(folder, { recursive: true }).then(() => host.mirror.prepare('sha256'))],
    ['with a lost pack', async (folder: string) => rm(join(folder, 'objects', 'pack', (await packs('.pack'))[0] ?? ''))],
    ['with an empty pack', async (folder: string) => truncate(join(folder, 'objects', 'pack', (await packs('.pack'))[0] ?? ''))],
  ])('refuses a copy %s, and discarding it helps', async (_, harm) => {
    await host.import(...line(3))
    await host.mirror.prepare('sha1')
    await fetchAll()
    await harm(host.mirrorFolder)

    await expect(host.mirror.prepare('sha1')).rejects.toMatchObject({ code: 'mirror-corrupt' })

    await host.mirror.discard()
    await host.mirror.prepare('sha1')
    await fetchAll()
    expect(await readAll(host.mirror)).toHaveLength(3)
  })

  it('is not led astray by a repository further up', async () => {
    await host.mirror.prepare('sha1')
    await host.mirrorGit('init', '--quiet', host.folder)
    await rm(join(host.mirrorFolder, 'HEAD'))

    await expect(readAll(host.mirror)).rejects.toMatchObject({ code: 'mirror-corrupt' })
  })
})

describe('a damaged copy', () => {
  beforeEach(async () => {
    await host.mirror.prepare('sha1')
    await host.import(...line(200))
    await fetchAll()
  })

  it('is noticed while reading when a pack is damaged', async () => {
    const [pack = ''] = await packs('.pack')
    await damage(join(host.mirrorFolder, 'objects', 'pack', pack))

    await expect(readAll(host.mirror)).rejects.toMatchObject({ code: 'mirror-corrupt' })
    await expect(collect(host.mirror.listShas({ include: 'all', exclude: [], signal: soon() }))).rejects.toMatchObject({
      code: 'mirror-corrupt',
    })
  })

  it('is noticed while fetching when a pack is damaged', async () => {
    const [pack = ''] = await packs('.pack')
    await damage(join(host.mirrorFolder, 'objects', 'pack', pack))
    await host.import(...line(210))

    await expect(fetchAll().then(() => readAll(host.mirror))).rejects.toMatchObject({ code: 'mirror-corrupt' })
  })

  it.each(['', 'garbage\n', `${'1'.repeat(40)}\n`])('is noticed while listing when a ref holds %j', async (content) => {
    const file = await open(join(host.mirrorFolder, 'refs', 'heads', 'broken'), 'w')
    await file.writeFile(content)
    await file.close()

    await expect(collect(host.mirror.listRefs('refs/heads/'))).rejects.toMatchObject({ code: 'mirror-corrupt' })
    await expect(readAll(host.mirror)).rejects.toMatchObject({ code: 'mirror-corrupt' })
  })
})

describe.each(['tree:0', null] as const)('maintenance of a copy fetched with filter %s', (filter) => {
  it('makes one pack of many and loses nothing, not even what no ref reaches', async () => {
    host.settings.filter = filter !== null
    await host.mirror.prepare('sha1')
    let last = String((await host.import(...line(2))).get(2))
    await fetchAll(filter)
    const lost = last
    last = String((await host.import(commit(3, []))).get(3)) // a force push: `lost` is reachable no more
    for (let mark = 4; mark < 26; mark++) {
      last = String((await host.import(commit(mark, [last]))).get(mark))
      await fetchAll(filter)
    }
    expect((await packs('.pack')).length).toBeGreaterThan(20)

    await host.mirror.maintain(soon())

    expect((await packs('.pack')).length).toBeLessThanOrEqual(2)
    expect((await packs('.promisor')).length > 0).toBe(filter !== null)
    expect(await readAll(host.mirror)).toHaveLength(23)
    expect(await collect(host.mirror.listShas({ include: [sha(lost)], exclude: [sha(last)], signal: soon() }))).toHaveLength(2)
    await host.import(commit(26, [last]))
    await fetchAll(filter)
    expect(await readAll(host.mirror)).toHaveLength(24)
  })
})

it('maintains a small copy without repacking', async () => {
  await host.mirror.prepare('sha1')
  await host.import(...line(2))
  await fetchAll()

  await host.mirror.maintain(soon())

  expect(await packs('.pack')).toHaveLength(1)
  expect(await readFile(join(host.mirrorFolder, 'refs/heads/main'), 'utf8')).toMatch(/^[0-9a-f]{40}\n$/)
})

it('packs many refs into one file, where they are found again', async () => {
  await host.mirror.prepare('sha1')
  const branches = Array.from({ length: 101 }, (_, index) => commit(index + 1, [], { ref: `refs/heads/topic-${index}` }))
  await host.import(...branches)
  await fetchAll()

  await host.mirror.maintain(soon())

  expect(await readFile(join(host.mirrorFolder, 'packed-refs'), 'utf8')).toContain('refs/heads/topic-100')
  expect(await collect(host.mirror.listRefs('refs/heads/'))).toHaveLength(101)
  expect(await collect(host.mirror.listRefs('refs/pull/'))).toEqual([])
})
