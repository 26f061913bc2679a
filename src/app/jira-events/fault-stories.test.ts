import { afterEach, expect, test } from 'vitest'
import { countIssuesByState } from '../../db/stores/issues.ts'
import { HOUR_MS, MINUTE_MS } from '../test-clock.ts'
import { startStory, type Story, type StoryOptions } from '../test-story.ts'
import { findLastPoll } from './poll-jira.ts'
import { startJiraReceiver, type TestJiraReceiver } from './test-jira-receiver.ts'

let story: Story
let receiver: TestJiraReceiver | null = null
afterEach(async () => {
  receiver?.close()
  receiver = null
  await story.close()
})

const start = async (options: StoryOptions = {}) => {
  story = await startStory({ jiraEvents: { poll: 'auto' }, ...options })
  return story
}
const wait = async (ms = 6 * MINUTE_MS) => {
  story.clock.advance(ms)
  await story.settle()
}
const issueRow = (key: string) =>
  story.app.db.read
    .selectFrom('issues')
    .select(['state', 'reason', 'due_at'])
    .where('issue_key', '=', key)
    .executeTakeFirstOrThrow()
const puts = () =>
  story.jira
    .requests()
    .filter(({ method, path, status }) => method === 'PUT' && path.includes('/issue/') && status < 300)
    .map(({ path }) => /issue\/(\w+)/.exec(path)?.[1])

test('Jira is down for an hour: nothing is lost, and it goes on with what is newest', async () => {
  const s = await start()
  const shop = await s.project('shop', ['SHOP-1 before'])
  await s.sweep()
  s.jira.setFault('unavailable')
  await s.push(shop, 'main', ['SHOP-2 older'])
  await s.sync(shop)
  for (let minutes = 0; minutes < 60; minutes += 6) await wait()
  await s.push(shop, 'main', ['SHOP-3 newer', 'SHOP-99 early'])
  await s.sync(shop)
  s.jira.world.createIssue({ project: 'SHOP', number: 99, summary: 'Created meanwhile' })
  s.jira.webhooks.all.clear()

  s.jira.forgetRequests()
  s.jira.setFault('none')
  for (let looks = 0; looks < 3; looks += 1) await wait()

  for (const key of ['SHOP-1', 'SHOP-2', 'SHOP-3', 'SHOP-99']) expect(s.shown(key)).not.toBeNull()
  const idOf = (key: string) => s.jira.world.findIssue(key)?.id
  const order = puts()
  expect(order.indexOf(idOf('SHOP-99'))).toBeLessThan(order.indexOf(idOf('SHOP-2')))
  expect(order.indexOf(idOf('SHOP-3'))).toBeLessThan(order.indexOf(idOf('SHOP-2')))
  expect(await findLastPoll(s.app.db.read)).not.toBeNull()
}, 60_000)

test.each(['read-only', 'read-only-forbidden'] as const)('Jira takes no changes (%s): they wait', async (fault) => {
  const s = await start()
  s.jira.setFault(fault)
  await s.project('shop', ['SHOP-1 begin'])

  await s.sweep()
  await wait()

  expect(s.shown('SHOP-1')).toBeNull()
  expect((await issueRow('SHOP-1')).state).not.toBe('refused')
  s.jira.setFault('none')
  for (let looks = 0; looks < 2; looks += 1) await wait()
  expect(s.shown('SHOP-1')).not.toBeNull()
})

test('a rate limit is kept to, and everything arrives', async () => {
  const s = await start()
  s.jira.setRateLimit({ limit: 5, fillRate: 5, intervalSeconds: 1 })
  await s.project(
    'shop',
    Array.from({ length: 20 }, (_, index) => `SHOP-${index + 1} begin`),
  )

  await s.sweep()
  await expect
    .poll(
      async () => {
        await wait(MINUTE_MS)
        return (await countIssuesByState(s.app.db.read)).clean
      },
      { timeout: 50_000, interval: 20 },
    )
    .toBe(20)

  for (let number = 1; number <= 20; number += 1) expect(s.shown(`SHOP-${number}`)).not.toBeNull()
}, 60_000)

test('429 without Retry-After pauses delivery; then it goes on', async () => {
  const s = await start()
  await s.project('shop', ['SHOP-1 begin'])
  s.jira.setFault('too-many', { times: 1, only: /issue\/\d+\/properties\// })

  const swept = s.sweep()
  const refused = () => s.jira.requests().filter(({ status }) => status === 429).length
  await expect.poll(refused, { timeout: 30_000, interval: 20 }).toBe(1)
  s.clock.advance(11_000)
  await swept

  expect(s.shown('SHOP-1')?.commits).toEqual(['SHOP-1 begin'])
  expect(await issueRow('SHOP-1')).toMatchObject({ state: 'clean' })
}, 60_000)

test('web pages instead of answers stop delivery and the poll, and change nothing stored', async () => {
  const s = await start()
  await s.project('shop', ['SHOP-1 begin', 'SHOP-2 next'])
  await s.sweep()
  await wait()
  const before = await countIssuesByState(s.app.db.read)
  s.jira.setFault('login-page')

  for (let minutes = 0; minutes < 30; minutes += 6) await wait()

  expect(await countIssuesByState(s.app.db.read)).toEqual(before)
  s.jira.setFault('none')
  s.jira.world.deleteIssue('SHOP-2')
  for (let looks = 0; looks < 3; looks += 1) await wait()
  expect(await issueRow('SHOP-2')).toMatchObject({ state: 'unknown' })
}, 60_000)

test('a search that finds nothing, as while Jira builds its index, loses no issue', async () => {
  const s = await start()
  await s.project('shop', ['SHOP-1 begin', 'SHOP-2 next'])
  await s.sweep()
  s.jira.setFault('empty-index', { only: /\/search$/ })
  s.jira.forgetRequests()

  await wait()

  expect(await countIssuesByState(s.app.db.read)).toMatchObject({ clean: 2, unknown: 0 })
  expect(s.jira.writes()).toMatchObject({ properties: 0, propertiesDeleted: 0 })
})

test('webhooks that come while Jira answers nothing are followed when it does', async () => {
  receiver = await startJiraReceiver()
  const s = await start({
    jiraEvents: { webhooks: 'auto' },
    connector: { settings: { serverUrl: receiver.serverUrl } },
  })
  receiver.app = s.app
  await s.project('shop', ['SHOP-99 early'])
  await s.sweep()
  s.jira.setFault('unavailable')
  s.jira.world.createIssue({ project: 'SHOP', number: 99, summary: 'Late' })
  await s.jira.webhooks.settle()
  await wait(HOUR_MS)
  expect(receiver.answers).toEqual(['stored'])
  expect(await issueRow('SHOP-99')).toMatchObject({ state: 'dirty' })

  s.jira.setFault('none')
  await wait()

  expect(s.shown('SHOP-99')?.commits).toEqual(['SHOP-99 early'])
})
