import { afterEach, expect, test } from 'vitest'
import { MINUTE_MS } from '../test-clock.ts'
import { startStory, type Story } from '../test-story.ts'

let story: Story
afterEach(() => story.close())

const LISTING = /\/merge_requests\?/

/** More merge requests than a page holds. */
async function startWithTwoPages() {
  story = await startStory()
  const shop = await story.project('shop', ['SHOP-1 begin'])
  await story.push(shop, 'topic', ['work'])
  for (let number = 1; number <= 101; number++) {
    await story.gitlab.openMergeRequest(shop, { author: story.maintainer, title: `SHOP-2 part ${number}`, sourceBranch: 'topic' })
    story.clock.advance(1_000)
  }
  return { ...story, shop }
}

test('a first import that a rate limit interrupts goes on where it was', async () => {
  const s = await startWithTwoPages()
  const limited = { status: 429, headers: { 'retry-after': '60' }, body: 'Retry later' }
  s.gitlab.faults.add({ match: { path: LISTING }, answer: limited, after: 1 })

  await s.sweep()
  expect((await s.stored(s.shop)).sync).toMatchObject({ state: 'paused', error: { code: 'rate-limited' } })
  expect(await s.pullRequests(s.shop)).toHaveLength(100)
  s.clock.advance(2 * MINUTE_MS)
  await s.settle()

  const { sync } = await s.stored(s.shop)
  expect(sync).toMatchObject({ state: 'idle', error: null })
  // The last one stored has the time from which the listing goes on.
  expect(sync.progress.pullRequests).toBeLessThan(10)
  expect(await s.pullRequests(s.shop)).toHaveLength(101)
})
