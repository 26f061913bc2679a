import { afterEach, expect, test } from 'vitest'
import { accountId } from '../../domain/ids.ts'
import { hostId } from '../../domain/ids.ts'
import { saveWebhook } from '../../db/test-rows.ts'
import { requestAccountDeletion } from '../accounts/delete-account.ts'
import { declareAccounts } from '../accounts/declare-accounts.ts'
import { DAY_MS, MINUTE_MS } from '../test-clock.ts'
import { toAccountSettings } from '../test-connector.ts'
import { startStory, type Story } from '../test-story.ts'

let story: Story
afterEach(() => story.close())

const HOOKS = /\/projects\/\d+\/hooks/
const hookRequests = () => story.gitlab.requests.filter(({ path }) => HOOKS.test(path)).length
const listings = () => story.gitlab.requests.filter(({ path }) => /\/groups\/\d+\/projects/.test(path)).length
const declare = (webhooks: 'auto' | 'off') =>
  declareAccounts(story.app, [toAccountSettings('acme', { url: story.gitlab.url, owner: 'acme', webhooks })])

test('webhooks follow the setting of the account, and an idle sweep asks for none', async () => {
  const s = (story = await startStory())
  const shop = await s.project('shop', ['SHOP-1 begin'])
  await s.sweep()
  expect((await s.stored(shop)).webhook.state).toBe('off')

  await declare('auto')
  await s.sweep()
  expect((await s.stored(shop)).webhook.state).toBe('live')
  s.gitlab.clearRequests()
  await s.sweep()
  expect(hookRequests()).toBe(0)

  await declare('off')
  await s.sweep()
  expect((await s.stored(shop)).webhook.state).toBe('off')
})

test('a webhook that could not be installed is tried again a day later', async () => {
  const s = (story = await startStory({ account: { webhooks: 'auto' } }))
  const shop = await s.project('shop', ['SHOP-1 begin'])
  const recover = s.gitlab.faults.add({ match: { path: HOOKS }, answer: { status: 500 }, times: 99 })
  await s.sweep()
  expect((await s.stored(shop)).webhook.state).toBe('broken')
  recover()

  s.gitlab.clearRequests()
  await s.sweep()
  expect(hookRequests()).toBe(0)
  s.clock.advance(DAY_MS)
  await s.sweep()

  expect((await s.stored(shop)).webhook.state).toBe('live')
})

/** As from a repository that the connector does not know. */
async function receivePush(number: number) {
  const { app, clock } = story
  await app.db.write('webhook', async (tx) => {
    await saveWebhook(tx, {
      accountId: accountId('acme'),
      deliveryId: `push-${number}`,
      event: 'Push Hook',
      receivedAt: clock.now().getTime(),
      body: JSON.stringify({ object_kind: 'push', event_name: 'push', project_id: 987_654, project: { id: 987_654 } }),
      headers: { 'x-gitlab-event': 'Push Hook' },
      reading: { hint: { kind: 'repository', repository: hostId('987654') } },
    })
    await app.jobs.add(tx, { name: 'process-webhooks', payload: {}, key: 'process-webhooks' })
  })
  await story.settle()
}

test('webhooks of a repository that is not wanted cause one listing in five minutes', async () => {
  const s = (story = await startStory())
  await s.sweep()
  s.gitlab.clearRequests()

  for (let number = 1; number <= 4; number++) await receivePush(number)
  expect(listings()).toBe(1)

  s.clock.advance(5 * MINUTE_MS)
  await s.settle()
  expect(listings()).toBe(2)
})

test('a sweep that runs while its account is deleted brings nothing back', async () => {
  const s = (story = await startStory())
  await s.project('shop', ['SHOP-1 begin'])
  s.gitlab.faults.add({ match: { path: /\/groups\/\d+\/projects/ }, answer: 'slow' })
  const sweep = s.sweep()
  await expect.poll(listings).toBe(1)
  await declareAccounts(s.app, [])

  await requestAccountDeletion(s.app, accountId('acme'), { removeHooks: true, removeFromJira: true })
  await sweep
  await s.settle()

  for (const table of ['accounts', 'repositories', 'syncs'] as const) {
    expect(await s.app.db.read.selectFrom(table).selectAll().execute()).toEqual([])
  }
})
