import { afterEach, describe, expect, test } from 'vitest'
import { sha } from '../../domain/ids.ts'
import { countChangedLines } from './diff-lines.ts'
import { scriptGitLab, SHOP, type ScriptedCall, type ScriptedGitLab } from './scripted-gitlab.ts'

const COMMIT = sha('a'.repeat(40))
const PATH = `/api/v4/projects/501/repository/commits/${COMMIT}/diff?per_page=100`
const signal = new AbortController().signal

let gitlab: ScriptedGitLab | null = null
afterEach(async () => {
  await gitlab?.finish()
  gitlab = null
})

async function read(calls: readonly ScriptedCall[] | ((origin: string) => readonly ScriptedCall[]), most = 100) {
  gitlab = await scriptGitLab(typeof calls === 'function' ? calls : () => calls)
  return gitlab.connect().getCommitFiles(SHOP, { commit: COMMIT, most }, signal)
}

function diff(more: Record<string, unknown> = {}) {
  return { old_path: 'a.ts', new_path: 'a.ts', diff: '@@ -1,2 +1,2 @@\n a\n-b\n+c\n', new_file: false, ...more }
}

const lists = (count: number, from = 0) => Array.from({ length: count }, (_, index) => diff({ new_path: `f${from + index}` }))

describe('files of a commit', () => {
  test('each with its change and its lines', async () => {
    const found = await read([
      {
        path: PATH,
        body: [
          diff(),
          diff({ new_path: 'new', new_file: true, diff: '@@ -0,0 +1 @@\n+x\n\\ No newline at end of file\n' }),
          diff({ old_path: 'gone', deleted_file: true, diff: '@@ -1,2 +0,0 @@\n-x\n-y\n' }),
          diff({ old_path: 'was', new_path: 'is', renamed_file: true, diff: '', collapsed: false, too_large: false }),
          diff({ new_path: 'image.png', diff: 'Binary files a/image.png and b/image.png differ\n' }),
          diff({ new_path: 'large', diff: '', too_large: true }),
          diff({ new_path: 'shut', diff: '@@ -1 +1 @@\n-a\n+b\n', collapsed: true }),
          diff({ new_path: 'odd', diff: null }),
        ],
      },
    ])

    expect(found.files).toEqual([
      { path: 'a.ts', change: 'MODIFIED', added: 1, removed: 1 },
      { path: 'new', change: 'ADDED', added: 1, removed: 0 },
      { path: 'gone', change: 'DELETED', added: 0, removed: 2 },
      { path: 'is', change: 'RENAMED', added: 0, removed: 0 },
      { path: 'image.png', change: 'MODIFIED', added: null, removed: null },
      { path: 'large', change: 'MODIFIED', added: null, removed: null },
      { path: 'shut', change: 'MODIFIED', added: null, removed: null },
      { path: 'odd', change: 'MODIFIED', added: null, removed: null },
    ])
    expect([found.count, found.exact]).toEqual([8, true])
  })

  test('names of any kind are told as they are', async () => {
    const path = '../\u202e\n"<img src=x onerror=alert(1)>'

    const found = await read([{ path: PATH, body: [diff({ new_path: path })] }])

    expect(found.files[0]?.path).toBe(path)
  })

  test('all are counted by the total, without reading the rest', async () => {
    const found = await read([
      { path: PATH, headers: { 'x-total': '250', link: `<http://127.0.0.1/x>; rel="last"` }, body: lists(100) },
    ])

    expect([found.files.length, found.count, found.exact]).toEqual([100, 250, true])
  })

  test('without a total page after page', async () => {
    const found = await read(
      (origin) => [
        { path: PATH, headers: { link: `<${origin}${PATH}&page=2>; rel="next"` }, body: lists(100) },
        { path: `${PATH}&page=2`, body: lists(3, 100) },
      ],
      5,
    )

    expect([found.files.length, found.count, found.exact]).toEqual([5, 103, true])
  })

  test('a failing second page is a failure, not a shorter list', async () => {
    const reading = read((origin) => [
      { path: PATH, headers: { link: `<${origin}${PATH}&page=2>; rel="next"` }, body: lists(100) },
      { path: `${PATH}&page=2`, status: 404, body: { message: '404 Not Found' } },
    ])

    await expect(reading).rejects.toMatchObject({ code: 'not-found' })
  })

  test.each([
    [403, 'permission-missing'],
    [404, 'not-found'],
    [429, 'rate-limited'],
    [401, 'credentials-refused'],
  ])('%s is %s', async (status, code) => {
    const headers = { 'retry-after': '3600' }
    await expect(read([{ path: PATH, status, headers, body: { message: 'no' } }])).rejects.toMatchObject({ code })
  })

  test('a wrong item, or no JSON, is an unexpected answer', async () => {
    await expect(read([{ path: PATH, body: [{ new_path: 1 }] }])).rejects.toMatchObject({ code: 'unexpected-answer' })
    await gitlab?.finish()
    await expect(read([{ path: PATH, body: '<html>' }])).rejects.toMatchObject({ code: 'unexpected-answer' })
  })

  test('patches beyond the limit: what came before is told, and that there is more', async () => {
    const found = await read((origin) => [
      { path: PATH, headers: { link: `<${origin}${PATH}&page=2>; rel="next"` }, body: lists(100) },
      { path: `${PATH}&page=2`, body: [diff({ diff: 'x'.repeat(17 * 1024 * 1024) })] },
    ])

    expect([found.files.length, found.count, found.exact]).toEqual([100, 100, false])
  })
})

describe('one commit and one pull request', () => {
  test('are null where the host has none', async () => {
    gitlab = await scriptGitLab(() => [
      { path: `/api/v4/projects/501/repository/commits/${COMMIT}?stats=false`, status: 404, body: {} },
      { path: '/api/v4/projects/501/merge_requests/7', status: 404, body: {} },
    ])

    expect(await gitlab.connect().findCommit(SHOP, COMMIT, signal)).toBeNull()
    expect(await gitlab.connect().findPullRequest(SHOP, 7, signal)).toBeNull()
  })
})

describe('lines of a patch', () => {
  test.each([
    ['', null],
    ['Binary files differ\n', null],
    ['@@ -1 +1 @@\n-a\n+b', { added: 1, removed: 1 }],
    ['--- a/x\n+++ b/x\n@@ -1,1 +1,1 @@ f()\n-a\n+b\n', { added: 1, removed: 1 }],
    ['@@ -1,2 +1,1 @@\n--- looks like a head\n a\n', { added: 0, removed: 1 }],
    ['@@ -1,1 +1,2 @@\n+@@ -9 +9 @@\n a\n', { added: 1, removed: 0 }],
    ['@@ -1,3 +1,3 @@\n a\n-b\n', null],
    ['@@ -1 +1 @@\n-a\n+b\n@@ -5,2 +5,2 @@\n c\n-d\n+e\n', { added: 2, removed: 2 }],
  ])('%j: %j', (patch, expected) => {
    expect(countChangedLines(patch)).toEqual(expected)
  })
})
