import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { sha } from '../domain/ids.ts'
import { runGit } from '../sandbox/run-git.ts'
import { parseCommits, type LoggedCommit } from './commit-log.ts'
import { collect, commit, line, listProcesses, readAll, soon, startTestHost, type TestHost } from './test-host.ts'

const broken = () => new Error('broken output')
const hash = 'a'.repeat(40)
const record = (message: string, fields: string[] = [hash, '', '1', '1 +0000', '2', 'Ann', 'a@example.com']) =>
  [...fields, message].map((field) => `${field}\0`).join('')

async function* inPieces(text: string | Buffer, size: number): AsyncGenerator<Buffer> {
  const bytes = Buffer.from(text)
  for (let start = 0; start < bytes.length; start += size) yield bytes.subarray(start, start + size)
}
const parse = (text: string | Buffer, size = 7) => collect(parseCommits(inPieces(text, size), broken))

describe('cutting the output of git log', () => {
  it('gives the same commits however the output is cut', async () => {
    const messages = fc.array(
      fc.string({ unit: 'binary' }).map((text) => text.replaceAll('\0', '')),
      { maxLength: 20 },
    )
    await fc.assert(
      fc.asyncProperty(messages, fc.integer({ min: 1, max: 50 }), async (texts, size) => {
        const parsed = await parse(texts.map((text) => record(text)).join(''), size)

        expect(parsed.map(({ message }) => message)).toEqual(
          texts.map((text) => Buffer.from(text).toString('utf8').replace(/\n+$/, '')),
        )
      }),
      { numRuns: 50 },
    )
  })

  it.each([
    ['stops inside a field', record('x').slice(0, -1)],
    ['stops between two fields', record('x') + `${hash}\0`],
    ['has no hash', record('x', ['abc', '', '1', '1 +0000', '2', 'Ann', 'a'])],
    ['has a hash in capitals', record('x', [hash.toUpperCase(), '', '1', '1 +0000', '2', 'Ann', 'a'])],
    ['has odd parents', record('x', [hash, 'abc', '1', '1 +0000', '2', 'Ann', 'a'])],
    ['is shifted by a field', record('x', ['', hash, '', '1', '1 +0000', '2', 'Ann'])],
  ])('refuses output that %s', async (_, text) => {
    await expect(parse(text)).rejects.toThrow('broken output')
  })

  it('counts parents', async () => {
    const parsed = await parse(record('x', [hash, [hash, hash, hash].join(' '), '1', '1 -0330', '2', '', '']))

    expect(parsed).toEqual([
      {
        sha: hash,
        parentCount: 3,
        authorName: '',
        authorEmail: '',
        authoredAt: 1000,
        authorOffsetMinutes: -210,
        committedAt: 2000,
        message: 'x',
      },
    ])
  })

  it.each([
    ['1 +0000', 0],
    ['1767225600 +0200', 120],
    ['1767225600 -0330', -210],
    ['1767225600 +1400', 840],
    // What no clock shows, and what git writes for it.
    ['1 +9999', 0],
    ['1 +0099', 0],
    ['1 +123456', 0],
    ['', 0],
  ])('reads the offset of %j', async (raw, minutes) => {
    const [parsed] = await parse(record('x', [hash, '', '1', raw, '2', 'Ann', 'a@example.com']))

    expect(parsed?.authorOffsetMinutes).toBe(minutes)
  })

  it('keeps 1 MiB of a message and drops the rest, whatever its size', async () => {
    const text = record(`SHOP-1 ${'x'.repeat(3_000_000)}`) + record('next')

    const parsed = await parse(text, 60_000)

    expect(parsed.map(({ message }) => message.length)).toEqual([1024 * 1024, 4])
    expect((await parse(text, 10_000_000)).map(({ message }) => message.length)).toEqual([1024 * 1024, 4])
  })

  it('yields batches bounded in number and bytes', async () => {
    const sizes: number[] = []
    for await (const batch of parseCommits(inPieces(record('x').repeat(2500), 65_536), broken)) sizes.push(batch.length)
    for await (const batch of parseCommits(inPieces(record('x'.repeat(900_000)).repeat(7), 65_536), broken))
      sizes.push(batch.length)

    expect(sizes).toEqual([1000, 1000, 500, 5, 2])
  })
})

describe('reading commits', () => {
  let host: TestHost
  beforeEach(async () => {
    host = await startTestHost()
    await host.mirror.prepare('sha1')
  })
  afterEach(() => host.close())

  const fetchAll = () => host.mirror.fetchBranches({ remote: host.remote, filter: 'tree:0', signal: soon() })
  const read = (range: {
    include: 'all' | string[]
    exclude: string[]
    inOrder?: boolean
    oldestFirst?: boolean
    committedSince?: number
  }) =>
    collect(
      host.mirror.readCommits({
        ...range,
        include: range.include === 'all' ? 'all' : range.include.map(sha),
        exclude: range.exclude.map(sha),
        signal: soon(),
      }),
    )

  /** Writes a commit object as raw as it is given and makes it a branch. */
  const writeRaw = async (branch: string, header: string, message: string | Buffer) => {
    const tree = await host.hostGit('hash-object', '-t', 'tree', '-w', '--stdin')
    const body = Buffer.concat([Buffer.from(`tree ${tree}\n${header}\n\n`), Buffer.from(message)])
    const options = { folder: host.repositoryFolder, env: host.env, input: body }
    const name = await runGit(['hash-object', '-t', 'commit', '-w', '--literally', '--stdin'], options)
    await host.hostGit('update-ref', `refs/heads/${branch}`, name)
    return name
  }

  it('tells all there is to know, and nothing of a merge is lost', async () => {
    const marks = await host.import(
      commit(1, [], { message: 'SHOP-1 first\n\nbody 🚀\n\n' }),
      commit(2, [1], { ref: 'refs/heads/side' }),
      commit(3, [1, 2], { committer: { name: 'Bot', email: 'bot@example.com' }, committedAt: new Date('2026-05-05T00:00:00Z') }),
    )
    await fetchAll()

    const commits = await readAll(host.mirror)

    const ann = { authorName: 'Ann', authorEmail: 'ann@example.com', authorOffsetMinutes: 0 }
    const at = (second: number) => Date.UTC(2026, 0, 1, 0, 0, second)
    expect(commits).toEqual([
      {
        ...ann,
        sha: marks.get(3),
        parentCount: 2,
        authoredAt: at(3),
        committedAt: Date.UTC(2026, 4, 5),
        message: 'SHOP-3 change',
      },
      { ...ann, sha: marks.get(2), parentCount: 1, authoredAt: at(2), committedAt: at(2), message: 'SHOP-2 change' },
      { ...ann, sha: marks.get(1), parentCount: 0, authoredAt: at(1), committedAt: at(1), message: 'SHOP-1 first\n\nbody 🚀' },
    ] satisfies unknown as LoggedCommit[])
  })

  it('reads new tips without old tips, also when HEAD is valid and has no tree', async () => {
    const marks = await host.import(...line(5), { kind: 'ref', ref: 'refs/heads/other', to: 2 })
    await fetchAll()
    expect(await host.mirrorGit('rev-parse', 'HEAD'), 'HEAD must name a commit').toBe(marks.get(5))
    const name = (mark: number) => String(marks.get(mark))

    expect((await read({ include: [name(5)], exclude: [name(3)] })).map((found) => found.sha)).toEqual([name(5), name(4)])
    expect(await read({ include: [], exclude: [name(3)] }), 'nothing included is nothing, not HEAD').toEqual([])
    expect(await read({ include: [name(2)], exclude: [name(5)] })).toEqual([])
    expect(await read({ include: 'all', exclude: [name(4)] })).toHaveLength(1)
    expect(await host.mirror.hasCommits([sha(name(1)), sha('b'.repeat(40))])).toEqual(new Set([name(1)]))
  })

  it('takes every text that can stand in a commit', async () => {
    const people = 'author Ann <a@example.com> 1700000000 +0100\ncommitter Ann <a@example.com> 1700000000 +0100'
    const inLatin = Buffer.from('SHOP-1 \xc4rger', 'latin1')
    const texts: [string, string, string | Buffer, string][] = [
      ['latin', `${people}\nencoding ISO-8859-1`, inLatin, 'SHOP-1 Ärger'],
      ['invalid', people, inLatin, 'SHOP-1 \uFFFDrger'],
      ['unknown-encoding', `${people}\nencoding x-nothing`, 'SHOP-1 plain', 'SHOP-1 plain'],
      ['emoji', people, '🚀 SHOP-1 \u0301 \u202E', '🚀 SHOP-1 \u0301 \u202E'],
      ['control', people, 'SHOP-1 \u0001\u001B[31m\r\n\u0007end', 'SHOP-1 \u0001\u001B[31m\r\n\u0007end'],
      ['nul', people, `SHOP-1 before\0${hash}\0\x001\x002\0Eve\0e@example.com\0forged`, 'SHOP-1 before'],
      ['empty', people, '', ''],
      [
        'signed',
        `${people}\ngpgsig -----BEGIN PGP SIGNATURE-----\n \n abc\n -----END PGP SIGNATURE-----`,
        'SHOP-1 signed',
        'SHOP-1 signed',
      ],
    ]
    const expected = new Map<string, string>()
    for (const [branch, header, message, read] of texts) expected.set(await writeRaw(branch, header, message), read)
    await fetchAll()

    const commits = await readAll(host.mirror)

    expect(new Map(commits.map((found) => [String(found.sha), found.message]))).toEqual(expected)
  })

  it('tells the offset of the author, not of the committer', async () => {
    await writeRaw('odd', 'author Ann <a@example.com> 1700000000 -0330\ncommitter Ann <a@example.com> 1700000000 +0100', 'x')
    await fetchAll()

    expect(await readAll(host.mirror)).toMatchObject([{ authoredAt: 1_700_000_000_000, authorOffsetMinutes: -210 }])
  })

  it('gives no commit before its children when asked for order, whatever their clocks said', async () => {
    const marks = await host.import(
      commit(1, []),
      commit(9, [1], { ref: 'refs/heads/early' }),
      // Its parent claims to be newer.
      commit(2, [9], { ref: 'refs/heads/late' }),
    )
    await fetchAll()

    const [late, early] = [String(marks.get(2)), String(marks.get(9))]
    const ordered = await read({ include: [early, late], exclude: [String(marks.get(1))], inOrder: true })

    expect(ordered.map((found) => found.sha)).toEqual([late, early])
    const range = { include: [early, late], exclude: [String(marks.get(1))], inOrder: true, oldestFirst: true }
    expect((await read(range)).map((found) => found.sha)).toEqual([early, late])
  })

  it('reads no further than to what was committed before a time', async () => {
    const committedAt = (day: number) => ({ committedAt: new Date(Date.UTC(2026, 4, day)) })
    const marks = await host.import(
      commit(1, [], committedAt(1)),
      commit(2, [1], committedAt(2)),
      commit(3, [2], committedAt(3)),
      commit(4, [1], { ref: 'refs/heads/side', ...committedAt(4) }),
    )
    await fetchAll()

    const young = await read({ include: 'all', exclude: [], committedSince: Date.UTC(2026, 4, 3) })

    expect(young.map((found) => found.sha)).toEqual([marks.get(4), marks.get(3)])
  })

  it.each([
    ['a NUL in the name', 'author An\0n <a@example.com> 1700000000 +0100'],
    ['no name', 'author  <a@example.com> 1700000000 +0100'],
    ['no name and no e-mail', 'author <> 1700000000 +0100'],
    ['no author', 'nobody'],
    ['a date beyond all calendars', 'author Ann <a@example.com> 99999999999999999999999 +0000'],
    ['a date in the far future', 'author Ann <a@example.com> 999999999999999 +0000'],
    ['a negative date', 'author Ann <a@example.com> -1 +0000'],
    ['no date', 'author Ann <a@example.com>'],
    ['words for a date', 'author Ann <a@example.com> yesterday at noon'],
    ['brackets in the name', 'author A<n>n <a@example.com> 1700000000 +0100'],
  ])('takes a commit with %s', async (_, author) => {
    const name = await writeRaw('odd', `${author}\ncommitter Ann <a@example.com> 1700000000 +0100`, 'SHOP-1 odd')
    await fetchAll()

    const [found, ...others] = await readAll(host.mirror)

    expect(others).toEqual([])
    expect(found).toMatchObject({ sha: name, parentCount: 0 })
    for (const time of [found?.authoredAt, found?.committedAt])
      expect(new Date(time ?? Number.NaN).toISOString()).toMatch(/^\d{4}-/)
  })

  it('reads a 20 MB message without holding it', async () => {
    await host.import(commit(1, [], { message: `SHOP-1 ${'x'.repeat(20_000_000)}` }), commit(2, [1]))
    await fetchAll()

    const commits = await readAll(host.mirror)

    expect(commits.map(({ message }) => message.length)).toEqual([13, 1024 * 1024])
  })

  it('fails when git dies half-way, instead of giving a shorter list', async () => {
    await host.import(...line(3000, { message: 'x'.repeat(500), files: [] }))
    await fetchAll()
    let seen = 0

    const reading = (async () => {
      for await (const batch of host.mirror.readCommits({ include: 'all', exclude: [], signal: soon() })) {
        seen += batch.length
        for (const id of await listProcesses(host.mirrorFolder)) process.kill(id, 'SIGKILL')
      }
    })()

    await expect(reading).rejects.toMatchObject({ code: expect.stringMatching(/git-failed|mirror-corrupt/) })
    expect(seen).toBeLessThan(3000)
  })

  it('stops when the signal says so, and when the reader leaves', async () => {
    await host.import(...line(3000, { message: 'x'.repeat(500), files: [] }))
    await fetchAll()
    const controller = new AbortController()
    const aborted = (async () => {
      for await (const _ of host.mirror.readCommits({ include: 'all', exclude: [], signal: controller.signal }))
        controller.abort(new Error('enough'))
    })()

    await expect(aborted).rejects.toThrow('enough')
    for await (const batch of host.mirror.readCommits({ include: 'all', exclude: [], signal: soon() })) {
      expect(batch).toHaveLength(1000)
      break
    }
  })

  it('says that the copy is damaged when a commit it names is absent', async () => {
    await host.import(...line(2))
    await fetchAll()

    await expect(read({ include: ['b'.repeat(40)], exclude: [] })).rejects.toMatchObject({ code: 'mirror-corrupt' })
    await expect(read({ include: 'all', exclude: ['b'.repeat(40)] })).rejects.toMatchObject({ code: 'mirror-corrupt' })
    await expect(read({ include: ['--output=/tmp/x'], exclude: [] })).rejects.toThrow(TypeError)
  })
})
