import { afterEach, expect, test } from 'vitest'
import { markIssuesDirty } from '../../db/stores/issues.ts'
import { issueKey } from '../../domain/ids.ts'
import { HOUR_MS, MINUTE_MS } from '../test-clock.ts'
import { startStory, type Story, type StoryOptions } from '../test-story.ts'
import { findDeliveryHold, wakeDelivery } from './delivery-hold.ts'

let story: Story
afterEach(() => story.close())

const start = async (options?: StoryOptions) => {
  story = await startStory(options)
  return story
}
const issueRow = (key: string) =>
  story.app.db.read
    .selectFrom('issues')
    .select(['state', 'due_at', 'reason', 'attempts', 'jira_id', 'content_hash'])
    .where('issue_key', '=', key)
    .executeTakeFirstOrThrow()
const idOf = (key: string) => story.jira.world.findIssue(key)?.id ?? ''
const wait = async (ms: number) => {
  story.clock.advance(ms)
  await story.settle()
}
const countPuts = (pattern: RegExp) =>
  story.jira.requests().filter(({ method, path }) => method === 'PUT' && pattern.test(path)).length

test('an issue for which Jira answers 503 is tried again by itself, the others go on', async () => {
  const s = await start()
  const shop = await s.project('shop', ['SHOP-1 fine', 'SHOP-2 fine', 'SHOP-3 newest and bad'])
  const bad = new RegExp(`/issue/${idOf('SHOP-3')}/properties`)
  s.jira.setFault('unavailable', { only: bad })

  await s.sweep()

  expect(s.shown('SHOP-1')).not.toBeNull()
  expect(s.shown('SHOP-2')).not.toBeNull()
  const row = await issueRow('SHOP-3')
  expect(row).toMatchObject({ state: 'retrying', attempts: 1 })
  expect(row.due_at).toBeGreaterThan(s.clock.now().getTime())
  expect(JSON.parse(row.reason ?? '')).toMatchObject({ code: 'jira-unavailable' })
  expect(await findDeliveryHold(s.app.db.read)).toBeNull()

  await wait(HOUR_MS)
  expect(await issueRow('SHOP-3')).toMatchObject({ state: 'retrying', attempts: 2 })
  await s.push(shop, 'main', ['SHOP-1 more'])
  await s.sync(shop)
  expect(s.shown('SHOP-1')?.commits).toHaveLength(2)

  s.jira.setFault('none')
  await wait(HOUR_MS)
  expect(await issueRow('SHOP-3')).toMatchObject({ state: 'clean', attempts: 0, reason: null })
})

test('an issue that cannot be looked up does not hide the others', async () => {
  const s = await start()
  s.jira.setFault('unavailable', { only: /\/search$|\/issue\/SHOP-3$/ })
  await s.project('shop', ['SHOP-1 fine', 'SHOP-3 newest and bad'])

  await s.sweep()

  expect(s.shown('SHOP-1')).not.toBeNull()
  expect(await issueRow('SHOP-3')).toMatchObject({ state: 'retrying', attempts: 1 })
})

test('what Jira took before it failed is recorded, and not sent again', async () => {
  const s = await start()
  s.jira.setLatency(30)
  s.jira.setFault('read-only', { only: new RegExp(`/issue/${idOf('SHOP-20')}/properties`) })
  await s.project(
    'shop',
    Array.from({ length: 20 }, (_, index) => `SHOP-${index + 1} change`),
  )

  await s.sweep()

  const taken = s.jira.writes().properties
  const rows = await s.app.db.read.selectFrom('issues').select(['issue_key', 'state']).where('state', '=', 'clean').execute()
  expect(taken).toBeGreaterThan(0)
  expect(rows).toHaveLength(taken)
  s.jira.setFault('none')
  await wait(6 * MINUTE_MS)
  expect(s.jira.writes().properties).toBe(20)
})

test('several failures in a row are failures of Jira: delivery waits, and changes do not shorten that', async () => {
  const s = await start()
  const shop = await s.project(
    'shop',
    Array.from({ length: 20 }, (_, index) => `SHOP-${index + 1} change`),
  )
  s.jira.setFault('unavailable', { only: /issue\/\d+\/properties\// })
  await s.sweep()
  const hold = await findDeliveryHold(s.app.db.read)
  expect(hold).toMatchObject({ problem: { code: 'jira-unavailable' }, passing: true })
  const before = countPuts(/issue\/\d+\/properties/)
  expect(before).toBeLessThanOrEqual(20)

  for (let change = 0; change < 5; change++) {
    await s.push(shop, 'main', [`SHOP-${change + 1} again`])
    await s.app.db.write('background', async (tx) => {
      const now = s.clock.now().getTime()
      await markIssuesDirty(tx, [{ key: issueKey(`SHOP-${change + 1}`), at: now }], now)
      await wakeDelivery(s.app, tx, now)
    })
    await s.settle()
  }

  expect(countPuts(/issue\/\d+\/properties/)).toBe(before)
  s.jira.setFault('none')
  for (let tries = 0; tries < 4; tries++) await wait(20 * MINUTE_MS)
  const left = await s.app.db.read.selectFrom('issues').select('issue_key').where('state', '<>', 'clean').execute()
  expect(left).toEqual([])
  expect(await findDeliveryHold(s.app.db.read)).toBeNull()
})

test('while Jira is away a waiting issue does not grow older', async () => {
  const s = await start()
  s.jira.setFault('disconnected')
  await s.project('shop', ['SHOP-1 begin'])
  await s.sweep()

  for (let tries = 0; tries < 8; tries++) await wait(6 * MINUTE_MS)

  expect(await issueRow('SHOP-1')).toMatchObject({ state: 'dirty', attempts: 0 })
  expect((await findDeliveryHold(s.app.db.read))?.tries).toBeGreaterThan(1)
})

test('when the process dies between a write and its record, an issue that lost its commits loses its property', async () => {
  const s = await start()
  const shop = await s.project('shop', ['SHOP-1 begin'])
  await s.push(shop, 'topic', ['SHOP-2 topic'])
  s.jira.setFault('unavailable', { only: /issue\/\d+\/properties\// })
  await s.sweep()
  // What a death leaves behind: Jira has the property, the row says nothing of it.
  s.jira.world.findIssue('SHOP-2')?.properties.set('dvcs-development', { issue: 'SHOP-2' })
  expect(await issueRow('SHOP-2')).toMatchObject({ content_hash: '?' })
  s.jira.setFault('none')

  await s.deleteBranch(shop, 'topic')
  await s.sync(shop)
  await wait(20 * MINUTE_MS)

  expect(s.shown('SHOP-2')).toBeNull()
  expect(await issueRow('SHOP-2')).toMatchObject({ state: 'clean', content_hash: null })
})
