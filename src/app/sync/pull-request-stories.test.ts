import { afterEach, expect, test } from 'vitest'
import { hostId } from '../../domain/ids.ts'
import { startStory, type Story, type StoryOptions } from '../test-story.ts'

let story: Story
afterEach(() => story.close())

/** `shop` with one commit on main and a branch `topic` whose commit names SHOP-7. */
async function startWithTopic(branch = 'topic', options?: StoryOptions) {
  story = await startStory(options)
  const shop = await story.project('shop', ['SHOP-1 begin'])
  await story.push(shop, branch, ['SHOP-7 work'])
  const { gitlab, maintainer, ...s } = story
  const open = (title: string, more: { description?: string } = {}) =>
    gitlab.openMergeRequest(shop, { author: maintainer, title, sourceBranch: branch, ...more })
  return { ...s, gitlab, maintainer, shop, open }
}

const keptHeads = () => story.app.db.read.selectFrom('kept_heads').select('number').execute()

test('a merge request is linked by title, description, branch and commits', async () => {
  const { shop, open, ...s } = await startWithTopic('feature/shop-4-cart')
  await open('SHOP-2 cart', { description: 'see SHOP-3' })

  await s.sweep()

  expect(await s.pullRequests(shop)).toEqual(['!1 OPEN: SHOP-2 SHOP-3 SHOP-4 SHOP-7'])
})

test('an open merge request is linked by its commits alone, and not by those of its target', async () => {
  const { shop, open, ...s } = await startWithTopic()
  await open('No key here')

  await s.sweep()

  expect(await s.pullRequests(shop)).toEqual(['!1 OPEN: SHOP-7'])
  expect(s.shown('SHOP-1')?.pullRequests).toEqual([])
})

test('a merge request merged with a merge commit stays linked by its commits', async () => {
  const { shop, open, gitlab, maintainer, ...s } = await startWithTopic()
  await s.push(shop, 'main', ['SHOP-2 meanwhile'])
  const request = await open('No key here')
  await gitlab.mergeMergeRequest(request, { by: maintainer })

  await s.sweep()

  expect(await s.pullRequests(shop)).toEqual(['!1 MERGED: SHOP-7'])
})

test('commits of a merge request outlive its branch', async () => {
  const { shop, open, gitlab, maintainer, ...s } = await startWithTopic()
  const request = await open('Work for SHOP-2')
  await s.sweep()

  await s.deleteBranch(shop, 'topic')
  await gitlab.closeMergeRequest(request, maintainer)
  await s.sync(shop)

  expect(await s.pullRequests(shop)).toEqual(['!1 DECLINED: SHOP-2 SHOP-7'])
  expect(await s.commits(shop)).toEqual(['SHOP-1 begin', 'SHOP-7 work'])
  expect(await keptHeads()).toEqual([{ number: 1 }])
  expect(s.shown('SHOP-7')).toEqual({ commits: ['SHOP-7 work'], branches: [], pullRequests: ['!1 DECLINED'] })
})

test('the first import brings the commits of merge requests whose branches are gone, and a second one keeps them', async () => {
  const { shop, open, gitlab, maintainer, ...s } = await startWithTopic()
  const request = await open('Work for SHOP-2')
  await gitlab.mergeMergeRequest(request, { by: maintainer, method: 'squash' })

  await s.sweep()
  expect(await s.commits(shop)).toEqual(expect.arrayContaining(['SHOP-1 begin', 'SHOP-7 work']))
  await s.push(shop, 'main', ['SHOP-3 next'])
  await s.sync(shop)
  await s.sync(shop, 'full')

  expect(await s.commits(shop)).toEqual(expect.arrayContaining(['SHOP-1 begin', 'SHOP-3 next', 'SHOP-7 work']))
})

test('a merge request from a fork is linked by its commits, which are kept', async () => {
  const { shop, gitlab, maintainer, ...s } = await startWithTopic()
  const fork = await gitlab.forkProject(shop, { namespace: maintainer.username })
  await s.push(fork, 'idea', ['SHOP-9 from outside'])
  await gitlab.openMergeRequest(shop, { author: maintainer, title: 'No key', sourceBranch: 'idea', sourceProject: fork })

  await s.sweep()

  expect(await s.pullRequests(shop)).toEqual(['!1 OPEN: SHOP-9'])
  expect(s.shown('SHOP-9')).toEqual({ commits: ['SHOP-9 from outside'], branches: [], pullRequests: ['!1 OPEN'] })
  const row = await s.app.db.read.selectFrom('pull_requests').select('source_host_id').executeTakeFirstOrThrow()
  expect(row.source_host_id).toBe(hostId(String(fork.id)))
})

test('a title that loses its key unlinks the merge request', async () => {
  const { shop, gitlab, maintainer, ...s } = await startWithTopic()
  const request = await gitlab.openMergeRequest(shop, { author: maintainer, title: 'For SHOP-2', sourceBranch: 'topic' })
  await s.sweep()
  expect(s.shown('SHOP-2')?.pullRequests).toEqual(['!1 OPEN'])

  s.clock.advance(1_000)
  await gitlab.updateMergeRequest(request, maintainer, { title: 'For nothing' })
  await s.sync(shop)

  expect(await s.pullRequests(shop)).toEqual(['!1 OPEN: SHOP-7'])
  expect(s.shown('SHOP-2')).toBeNull()
})

test.each(['soft', 'full'] as const)('commits held by a merge request go when it names no issue any more (%s)', async (mode) => {
  const settings = { issueKeys: { anyCaseIn: [], pullRequestCommits: false } }
  const { shop, open, gitlab, maintainer, ...s } = await startWithTopic('topic', { connector: { settings } })
  const request = await open('For SHOP-2')
  await gitlab.mergeMergeRequest(request, { by: maintainer, method: 'squash' })
  await s.sweep()
  expect(await s.commits(shop)).toContain('SHOP-7 work')

  s.clock.advance(1_000)
  await gitlab.updateMergeRequest(request, maintainer, { title: 'For nothing' })
  await s.sync(shop, mode)

  expect(await s.pullRequests(shop)).toEqual([])
  expect(await keptHeads()).toEqual([])
  expect(await s.commits(shop)).not.toContain('SHOP-7 work')
})

test('merge requests that are switched off are none, and come back when switched on', async () => {
  const { shop, gitlab, open, ...s } = await startWithTopic()
  await open('For SHOP-2')
  await s.sweep()
  s.clock.advance(5 * 3_600_000)
  await s.sweep()

  gitlab.setFeature(shop, 'mergeRequests', 'disabled')
  await s.sweep()
  expect(await s.pullRequests(shop)).toEqual([])
  expect(s.shown('SHOP-2')).toBeNull()

  gitlab.setFeature(shop, 'mergeRequests', 'enabled')
  await s.sweep()
  expect(await s.pullRequests(shop)).toEqual(['!1 OPEN: SHOP-2 SHOP-7'])
})

test('lists that the token may not read any more keep what is stored of them, and stop nothing else', async () => {
  const { shop, gitlab, open, ...s } = await startWithTopic()
  await open('For SHOP-2')
  gitlab.addPipeline(shop, { ref: 'topic', status: 'success' })
  await s.sweep()
  gitlab.faults.add({
    match: { path: /\/(merge_requests|pipelines)\?/ },
    answer: { status: 403, body: { message: '403 Forbidden' } },
    times: 99,
  })
  await s.push(shop, 'topic', ['SHOP-3 more'])

  await s.sync(shop, 'full')

  expect((await s.stored(shop)).sync.error).toBeNull()
  expect(await s.commits(shop)).toContain('SHOP-3 more')
  expect(await s.pullRequests(shop)).toEqual(['!1 OPEN: SHOP-2 SHOP-7'])
  expect(s.shownRuns('SHOP-7').builds).toEqual(['#1 SUCCESSFUL'])

  gitlab.faults.clear()
  shop.mergeRequests.length = 0
  await s.sync(shop, 'full')
  expect(await s.pullRequests(shop)).toEqual([])
})

test('a full synchronisation removes a merge request that was deleted', async () => {
  const { shop, gitlab, maintainer, ...s } = await startWithTopic()
  await gitlab.openMergeRequest(shop, { author: maintainer, title: 'For SHOP-2', sourceBranch: 'topic' })
  await s.sweep()
  shop.mergeRequests.length = 0

  await s.sync(shop, 'full')

  expect(await s.pullRequests(shop)).toEqual([])
  expect(s.shown('SHOP-2')).toBeNull()
})

test('a page that fails leaves the stored merge requests, and the next run goes on', async () => {
  const { shop, gitlab, maintainer, ...s } = await startWithTopic()
  await gitlab.openMergeRequest(shop, { author: maintainer, title: 'For SHOP-2', sourceBranch: 'topic' })
  await s.sweep()
  gitlab.faults.add({ match: { path: /\/merge_requests\?/ }, answer: { status: 500 } })

  const failed = await s.sync(shop, 'full')
  expect(failed.sync).toMatchObject({ state: 'retrying', error: { code: 'host-unavailable' } })
  expect(await s.pullRequests(shop)).toEqual(['!1 OPEN: SHOP-2 SHOP-7'])

  expect((await s.sync(shop)).sync).toMatchObject({ state: 'idle', mode: 'full', error: null })
})
