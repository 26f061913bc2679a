import { afterEach, expect, test, vi } from 'vitest'
import { readWebhookOverview } from '../../db/views/webhooks.ts'
import type { WebhookMode } from '../../domain/account.ts'
import { accountId } from '../../domain/ids.ts'
import { declareAccounts } from '../accounts/declare-accounts.ts'
import { DAY_MS, HOUR_MS } from '../test-clock.ts'
import { toAccountSettings } from '../test-connector.ts'
import { startReachableStory, type ReachableStory } from './test-receiver.ts'

vi.setConfig({ testTimeout: 180_000 })

let story: ReachableStory
afterEach(() => story.close())

const acme = accountId('acme')
const hookUrls = () => [...story.gitlab.hooks.values()].map(({ url }) => url)

async function start(webhooks: WebhookMode) {
  const s = (story = await startReachableStory({ account: { webhooks }, gitlab: { features: { tier: 'premium' } } }))
  s.gitlab.addMember(s.acme, s.maintainer, 'owner')
  const shop = await s.project('shop', ['SHOP-1 begin'])
  await s.sweep()
  expect(hookUrls()).toEqual([`${s.serverUrl}/webhooks/acme`])
  return { ...s, shop }
}

/** As a restart with another `server.url`. */
function moveTo(serverUrl: string) {
  Object.assign(story.app.settings, { serverUrl })
}

test.each(['project', 'auto'] as const)('another address of the connector is written into the hook (%s)', async (mode) => {
  const s = await start(mode)
  const moved = s.serverUrl.replace('127.0.0.1', 'localhost')
  moveTo(moved)
  await s.sweep()

  expect(hookUrls()).toEqual([`${moved}/webhooks/acme`])
  expect((await s.stored(s.shop)).webhook).toEqual({ state: 'live', reason: null })

  s.gitlab.clearRequests()
  await s.sweep()
  expect(s.gitlab.requests.filter(({ path }) => /\/hooks/.test(path))).toEqual([])
})

test('all hooks get the new address in one sweep, and until then nobody is told that they are live', async () => {
  const s = await start('project')
  for (let number = 0; number < 21; number++) await s.gitlab.addProject({ namespace: s.acme, path: `p${number}` })
  await s.sweep()
  expect((await readWebhookOverview(s.app.db.read, acme)).counts).toMatchObject({ live: 22 })

  moveTo('http://moved.test')
  s.gitlab.faults.add({ match: { method: 'PUT', path: /\/hooks/ }, answer: { status: 503 }, times: 99 })
  await s.sweep()
  const { counts } = await readWebhookOverview(s.app.db.read, acme)
  expect(counts).toMatchObject({ live: 0 })

  s.gitlab.faults.clear()
  s.clock.advance(HOUR_MS)
  await s.sweep()
  expect((await readWebhookOverview(s.app.db.read, acme)).counts).toMatchObject({ live: 22 })
  expect(new Set(hookUrls())).toEqual(new Set(['http://moved.test/webhooks/acme']))
  expect(hookUrls()).toHaveLength(22)
})

test('a hook of a group whose address cannot be changed now is broken, and changed later', async () => {
  const s = await start('auto')
  moveTo('http://moved.test')
  const recover = s.gitlab.faults.add({ match: { path: /\/groups\/\d+\/hooks/ }, answer: { status: 503 }, times: 99 })
  await s.sweep()
  expect((await s.stored(s.shop)).webhook).toMatchObject({
    state: 'broken',
    reason: expect.stringContaining('former address') as string,
  })

  recover()
  await s.sweep()
  expect((await s.stored(s.shop)).webhook.state).toBe('live')
  expect(hookUrls()).toEqual(['http://moved.test/webhooks/acme'])
})

test.each(['project', 'auto'] as const)('hooks with a former address are removed too (%s)', async (mode) => {
  const s = await start(mode)
  moveTo('http://moved.test')
  await declareAccounts(s.app, [toAccountSettings('acme', { url: s.gitlab.url, owner: 'acme', webhooks: 'off' })])
  await s.sweep()

  expect(hookUrls()).toEqual([])
  expect((await s.stored(s.shop)).webhook.state).toBe('off')
})

test('a hook of a version that stored no address counts as installed with the one of today', async () => {
  const s = await start('project')
  await s.app.db.write('interactive', (tx) => tx.updateTable('repositories').set({ webhook_url: null }).execute())
  s.gitlab.clearRequests()
  await s.sweep()
  expect(s.gitlab.requests.filter(({ path }) => /\/hooks/.test(path))).toEqual([])

  moveTo('http://moved.test')
  await s.sweep()
  expect(hookUrls()).toEqual(['http://moved.test/webhooks/acme'])
})

test.each([
  ['goes with it', null],
  ['stays where it may not be removed', 403],
] as const)('the hook of a repository that was transferred away %s', async (_name, refusal) => {
  const s = await start('project')
  const elsewhere = s.gitlab.addGroup({ path: 'other', name: 'Other' })
  s.gitlab.addMember(elsewhere, s.maintainer, 'maintainer')
  s.gitlab.transfer(s.shop, elsewhere)
  await s.sweep()
  s.clock.advance(DAY_MS + HOUR_MS)
  const recover = s.gitlab.faults.add({ match: { path: /\/hooks/ }, answer: { status: 503 }, times: 99 })
  await s.sweep()
  expect((await s.stored(s.shop)).linked).toBe(true)
  recover()

  if (refusal !== null) s.gitlab.faults.add({ match: { path: /\/hooks/ }, answer: { status: refusal }, times: 99 })
  await s.sweep()

  expect(await s.app.db.read.selectFrom('repositories').select('id').execute()).toEqual([])
  expect(hookUrls()).toHaveLength(refusal === null ? 0 : 1)
})
