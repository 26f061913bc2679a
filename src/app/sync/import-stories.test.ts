import { afterEach, expect, test } from 'vitest'
import { startStory, type Story, type StoryOptions } from '../test-story.ts'

let story: Story
afterEach(() => story.close())

const start = async (options?: StoryOptions) => {
  story = await startStory(options)
  return story
}

test('the first import stores history, branches and merge requests, and Jira shows them', async () => {
  const { gitlab, maintainer, ...s } = await start()
  const shop = await s.project('shop', ['SHOP-1 begin', 'no key', 'SHOP-2 and SHOP-3'])
  await s.push(shop, 'SHOP-4-cart', ['SHOP-4 cart'])
  await gitlab.openMergeRequest(shop, { author: maintainer, title: 'Cart for SHOP-5', sourceBranch: 'SHOP-4-cart' })

  await s.sweep()

  expect(await s.commits(shop)).toEqual(['SHOP-1 begin', 'SHOP-2 and SHOP-3', 'SHOP-4 cart'])
  expect(await s.branches(shop)).toEqual(['SHOP-4-cart', 'main'])
  expect(await s.pullRequests(shop)).toEqual(['!1 OPEN: SHOP-4 SHOP-5'])
  expect(s.shown('SHOP-4')).toEqual({ commits: ['SHOP-4 cart'], branches: ['SHOP-4-cart'], pullRequests: ['!1 OPEN'] })
  expect(s.shown('SHOP-5')).toEqual({ commits: [], branches: [], pullRequests: ['!1 OPEN'] })
  expect(s.shown('SHOP-6')).toBeNull()
  expect((await s.stored(shop)).sync).toMatchObject({ state: 'idle', error: null })
})
