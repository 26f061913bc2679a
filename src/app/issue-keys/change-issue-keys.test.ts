import { afterEach, expect, test } from 'vitest'
import { startStory, type Story } from '../test-story.ts'
import { changeIssueKeyRules } from './change-issue-keys.ts'

let story: Story
afterEach(() => story.close())

const branchKeys = async () => {
  const rows = await story.app.db.read.selectFrom('branch_keys').select('issue_key').orderBy('issue_key').execute()
  return rows.map(({ issue_key }) => issue_key)
}

test('other rules reach everything that is stored, without a restart, and back', async () => {
  story = await startStory()
  const { gitlab, maintainer, ...s } = story
  const shop = await s.project('shop', ['SHOP-1 with shop-3'])
  await s.push(shop, 'shop-4-cart', ['SHOP-7 work', 'shop-2 alone'])
  await gitlab.openMergeRequest(shop, { author: maintainer, title: 'No key', sourceBranch: 'shop-4-cart' })
  await s.sweep()
  expect([await branchKeys(), await s.pullRequests(shop)]).toEqual([['SHOP-4'], ['!1 OPEN: SHOP-4 SHOP-7']])
  expect(s.shown('SHOP-3')).toBeNull()

  await changeIssueKeyRules(s.app, { anyCaseIn: ['commit'], pullRequestCommits: true }, null)
  await s.settle()

  expect([await branchKeys(), await s.pullRequests(shop)]).toEqual([[], ['!1 OPEN: SHOP-2 SHOP-7']])
  expect((await s.commits(shop)).toSorted()).toEqual(['SHOP-1 with shop-3', 'SHOP-7 work', 'shop-2 alone'])
  expect(s.shown('SHOP-3')?.commits).toHaveLength(1)
  expect(s.shown('SHOP-4')).toBeNull()

  await changeIssueKeyRules(s.app, { anyCaseIn: ['branch'], pullRequestCommits: false }, null)
  await s.settle()

  expect([await branchKeys(), await s.pullRequests(shop)]).toEqual([['SHOP-4'], ['!1 OPEN: SHOP-4']])
  expect((await s.commits(shop)).toSorted()).toEqual(['SHOP-1 with shop-3', 'SHOP-7 work'])
  expect(s.shown('SHOP-3')).toBeNull()
})
