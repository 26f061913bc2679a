import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { fastImport, initBareRepository, type ImportedCommit, type ImportedEntry } from './fast-import.ts'
import { runGit } from './run-git.ts'

const env = process.env
const ann = { name: 'Ann', email: 'ann@example.com' }
const authoredAt = new Date('2026-01-02T03:04:05Z')
let folder = ''

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fast-import-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

const git = (...args: string[]) => runGit(args, { folder, env })
const commit = (mark: number, parents: (number | string)[], more: Partial<ImportedCommit> = {}): ImportedCommit => ({
  kind: 'commit',
  ref: 'refs/heads/main',
  mark,
  parents,
  author: ann,
  authoredAt,
  message: `commit ${mark}`,
  ...more,
})

describe.each(['sha1', 'sha256'] as const)('fast import into a %s repository', (objectFormat) => {
  beforeEach(() => initBareRepository({ folder, env, objectFormat }))

  it('writes author, dates, message, parents and files as told, and returns the SHA of each mark', async () => {
    const marks = await fastImport({
      folder,
      env,
      entries: [
        commit(1, [], { files: [{ path: 'a "b".txt', content: 'x\n' }] }),
        commit(2, [1], { ref: 'refs/heads/side', message: 'Ärger 🚀\n\nbody\n', committedAt: new Date('2026-02-02T00:00:00Z') }),
        commit(3, [1, 2], { committer: { name: 'Bob', email: 'bob@example.com' } }),
      ],
    })

    expect(await git('log', '-1', '--format=%H|%an|%ae|%aI|%cn|%P|%B', 'main')).toBe(
      `${marks.get(3)}|Ann|ann@example.com|2026-01-02T03:04:05+00:00|Bob|${marks.get(1)} ${marks.get(2)}|commit 3`,
    )
    expect(await git('log', '-1', '--format=%cI|%B', 'side')).toBe('2026-02-02T00:00:00+00:00|Ärger 🚀\n\nbody\n')
    expect(await git('show', 'main:a "b".txt')).toBe('x')
  })

  it('rewrites and deletes refs, and continues an existing repository', async () => {
    const first = await fastImport({
      folder,
      env,
      entries: [commit(1, []), commit(2, [1]), { kind: 'ref', ref: 'refs/heads/old', to: 2 }],
    })

    const second = await fastImport({
      folder,
      env,
      entries: [commit(3, [String(first.get(1))]), { kind: 'ref', ref: 'refs/heads/old', to: null }],
    })

    expect(await git('for-each-ref', '--format=%(refname) %(objectname)')).toBe(`refs/heads/main ${second.get(3)}`)
    await git('fsck', '--strict')
  })
})

it('starts a second root where no parent is given', async () => {
  await initBareRepository({ folder, env })

  await fastImport({ folder, env, entries: [commit(1, []), commit(2, [])] })

  expect(await git('rev-list', '--count', 'main')).toBe('1')
})

it('moves no ref when the entries fail half-way', async () => {
  await initBareRepository({ folder, env })
  function* entries(): Generator<ImportedEntry> {
    yield commit(1, [])
    throw new Error('generator broke')
  }

  await expect(fastImport({ folder, env, entries: entries() })).rejects.toThrow()

  expect(await git('for-each-ref')).toBe('')
})

it('says what git complains about', async () => {
  await initBareRepository({ folder, env })

  await expect(fastImport({ folder, env, entries: [commit(1, [77])] })).rejects.toThrow(/mark :77/)
})
