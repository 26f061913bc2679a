import { afterEach, expect, test } from 'vitest'
import { readContent } from '../test-content.ts'
import { startStory, type Story } from '../test-story.ts'

const stories: Story[] = []
afterEach(async () => {
  for (const story of stories.splice(0)) await story.close()
})

/** The server offers no partial clone; a full one is allowed up to this size. */
async function start(fullCloneLimitBytes: number, partialClone = false): Promise<Story> {
  const story = await startStory({ gitlab: { features: { partialClone } }, connector: { settings: { fullCloneLimitBytes } } })
  stories.push(story)
  return story
}

const gitRequests = (s: Story) =>
  s.gitlab.requests.filter(({ kind, path }) => kind === 'git' && path.endsWith('/git-upload-pack')).length
const apiCommitRequests = (s: Story) => s.gitlab.requests.filter(({ path }) => path.includes('/repository/commits')).length

/** Two branches, a merge, a merged and an open merge request. */
async function fill(s: Story) {
  const shop = await s.project('shop', ['SHOP-1 begin', 'no key', 'SHOP-2 two and PAY-3'])
  await s.push(shop, 'feature/shop-4', ['SHOP-4 work', 'SHOP-5 more'])
  const request = await s.gitlab.openMergeRequest(shop, {
    author: s.maintainer,
    title: 'For SHOP-4',
    sourceBranch: 'feature/shop-4',
  })
  await s.gitlab.mergeMergeRequest(request, { by: s.maintainer })
  await s.push(shop, 'open', ['SHOP-6 open'])
  await s.gitlab.openMergeRequest(shop, { author: s.maintainer, title: 'No key', sourceBranch: 'open' })
  return shop
}

test('a server without filters is cloned in full up to the limit', async () => {
  const s = await start(1024 ** 3)
  const shop = await fill(s)

  await s.sweep()

  expect(await s.commits(shop)).toEqual(expect.arrayContaining(['SHOP-1 begin', 'SHOP-4 work', 'SHOP-6 open']))
  expect(gitRequests(s)).toBeGreaterThan(1)
  expect(apiCommitRequests(s)).toBe(0)
})

test('beyond the limit the API gives the same content as Git', async () => {
  const s = await start(0)
  const shop = await fill(s)
  await s.sweep()
  expect((await s.stored(shop)).sync).toMatchObject({ state: 'idle', error: null })
  expect(apiCommitRequests(s)).toBeGreaterThan(0)
  const overApi = await readContent(s.app.db.read)

  s.gitlab.features.partialClone = true
  await s.sync(shop, 'full')

  const overGit = await readContent(s.app.db.read)
  for (const table of ['repositories', 'commits', 'commitKeys', 'branches', 'branchKeys', 'keptHeads', 'pullRequests']) {
    expect(overApi[table], table).toEqual(overGit[table])
  }
  // The API does not list heads of pull requests: a merged one's commits cannot be told from those of its target.
  expect(overGit['pullRequestKeys']).toEqual(expect.arrayContaining([...(overApi['pullRequestKeys'] ?? [])]))
})

test('over the API a push costs the difference, and the branch that came is not read from its root', async () => {
  const s = await start(0)
  const shop = await fill(s)
  await s.sweep()
  s.gitlab.clearRequests()

  await s.push(shop, 'main', ['SHOP-7 next'])
  await s.push(shop, 'topic', ['SHOP-8 topic'])
  const { sync } = await s.sync(shop)

  expect(await s.commits(shop)).toEqual(expect.arrayContaining(['SHOP-7 next', 'SHOP-8 topic']))
  expect(sync.progress.commits).toBeLessThan(8)
  expect((await s.sync(shop)).sync.progress.commits).toBe(0)
})

test('over the API a force push removes what it lost', async () => {
  const s = await start(0)
  const shop = await s.project('shop', ['SHOP-1 begin'])
  const base = shop.refs.get('refs/heads/main') ?? ''
  await s.push(shop, 'main', ['SHOP-2 lost'])
  await s.push(shop, 'other', ['SHOP-3 lost too'])
  await s.sweep()

  await s.push(shop, 'main', ['SHOP-4 instead'], { from: base })
  await s.push(shop, 'other', ['SHOP-5 instead'], { from: base })
  await s.sync(shop)

  expect(await s.commits(shop)).toEqual(['SHOP-1 begin', 'SHOP-4 instead', 'SHOP-5 instead'])
  expect(s.shown('SHOP-2')).toBeNull()
})

test('over the API a deleted branch takes its own commits with it', async () => {
  const s = await start(0)
  const shop = await s.project('shop', ['SHOP-1 begin'])
  await s.push(shop, 'topic', ['SHOP-2 topic'])
  await s.sweep()

  await s.deleteBranch(shop, 'topic')
  await s.sync(shop)

  expect(await s.commits(shop)).toEqual(['SHOP-1 begin'])
  expect(await s.branches(shop)).toEqual(['main'])
})

test('over the API a merge request merged just now is linked by its own commits and not by all of history', async () => {
  const s = await start(0)
  const shop = await s.project('shop', ['SHOP-1 begin', 'SHOP-2 older'])
  await s.push(shop, 'topic', ['SHOP-7 work'])
  const request = await s.gitlab.openMergeRequest(shop, { author: s.maintainer, title: 'No key', sourceBranch: 'topic' })
  await s.gitlab.mergeMergeRequest(request, { by: s.maintainer, removeSourceBranch: false })

  await s.sweep()

  expect(await s.pullRequests(shop)).toEqual(['!1 MERGED: SHOP-7'])
})

test('a token that may not use Git reads the history over the API', async () => {
  const s = await start(1024 ** 3, true)
  const shop = await s.project('shop', ['SHOP-1 begin'])
  s.gitlab.faults.add({
    match: { path: /\/info\/refs/ },
    answer: { status: 403, body: 'You are not allowed to download code' },
    times: 99,
  })

  await s.sweep()

  expect(await s.commits(shop)).toEqual(['SHOP-1 begin'])
})

test('an API page that fails leaves the repository to be tried again, with nothing removed', async () => {
  const s = await start(0)
  const shop = await s.project(
    'shop',
    Array.from({ length: 120 }, (_, index) => `SHOP-${(index % 20) + 1} commit ${index}`),
  )
  await s.sweep()
  await s.push(shop, 'main', ['SHOP-1 rewritten'], { from: null })
  s.gitlab.faults.add({ match: { path: /\/repository\/commits/ }, answer: { status: 500 }, times: 99 })

  const failed = await s.sync(shop)
  expect(failed.sync.state).toBe('retrying')
  expect(await s.commits(shop)).toHaveLength(120)

  s.gitlab.faults.clear()
  await s.sync(shop)
  expect(await s.commits(shop)).toEqual(['SHOP-1 rewritten'])
})
