import { afterEach, expect, test, vi } from 'vitest'
import { findLeftHook, listLeftHooks } from '../../db/stores/left-hooks.ts'
import { accountId, hostId } from '../../domain/ids.ts'
import { declareAccounts } from '../accounts/declare-accounts.ts'
import { changeRepository } from '../repositories/change-repository.ts'
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../test-clock.ts'
import { toAccountSettings } from '../test-connector.ts'
import { startReachableStory, type ReachableStory } from './test-receiver.ts'

// Many real pushes each: a machine that is busy takes its time.
vi.setConfig({ testTimeout: 240_000 })

let story: ReachableStory
afterEach(() => story.close())

const acme = accountId('acme')

/** `shop` with a hook of its own. */
async function start() {
  const s = (story = await startReachableStory({ account: { webhooks: 'project' } }))
  const shop = await s.project('shop', ['SHOP-1 begin'])
  await s.sweep()
  return { ...s, shop }
}

const refuse = () => story.gitlab.faults.add({ match: { path: /\/hooks/ }, answer: { status: 403 }, times: 999 })
const hooks = () => story.gitlab.hooks.size
const left = () => listLeftHooks(story.app.db.read, acme, { limit: 9 })
/** Of the group: one for a page of a sweep. */
const listings = () => story.gitlab.requests.filter(({ path }) => /\/groups\/[^/]+\/projects/.test(path)).length

test('a hook left in a repository of others asks for a sweep less and less often, until it may be removed', async () => {
  const { shop, ...s } = await start()
  const elsewhere = s.gitlab.addGroup({ path: 'other', name: 'Other' })
  s.gitlab.addMember(elsewhere, s.maintainer, 'maintainer')
  s.gitlab.transfer(shop, elsewhere)
  await s.sweep()
  s.clock.advance(DAY_MS + HOUR_MS)
  const grant = refuse()
  await s.sweep()
  expect(await left()).toMatchObject([
    { hostId: String(shop.id), attempts: 1, reason: expect.stringContaining('remove it there') },
  ])
  let number = 0
  const sweepsAfterPush = async (minutes: number) => {
    s.clock.advance(minutes * MINUTE_MS)
    s.gitlab.clearRequests()
    await s.push(shop, 'main', [`no key ${(number += 1)}`])
    await s.gitlab.settle()
    await s.settle()
    return listings()
  }

  expect(await sweepsAfterPush(1)).toBe(0)
  expect(await sweepsAfterPush(5)).toBe(1)
  expect(await left()).toMatchObject([{ attempts: 2 }])
  expect(await sweepsAfterPush(6)).toBe(0)
  expect(await sweepsAfterPush(6)).toBe(1)
  expect(await left()).toMatchObject([{ attempts: 3 }])

  grant()
  expect(await sweepsAfterPush(21)).toBe(1)
  expect([hooks(), await left()]).toEqual([0, []])
})

test('a repository that is unlinked says that its hook stayed, until it is gone', async () => {
  const { shop, ...s } = await start()
  const { id } = await s.stored(shop)
  const grant = refuse()
  await changeRepository(s.app, { id, linked: false }, s.signal)
  expect((await s.stored(shop)).webhook).toMatchObject({ state: 'off', reason: expect.stringContaining('still at the host') })
  s.gitlab.clearRequests()
  await s.sweep()
  expect(s.gitlab.requests.filter(({ path }) => /\/hooks/.test(path))).toEqual([])

  grant()
  s.clock.advance(HOUR_MS)
  await s.sweep()

  expect((await s.stored(shop)).webhook).toEqual({ state: 'off', reason: null })
  expect([hooks(), await left()]).toEqual([0, []])
})

test.each(['linked again', 'installed by hand now'])('a hook that was left is not removed where it is %s', async (how) => {
  const { shop, ...s } = await start()
  const { id } = await s.stored(shop)
  const grant = refuse()
  await changeRepository(s.app, { id, linked: false }, s.signal)
  grant()
  if (how === 'linked again') await changeRepository(s.app, { id, linked: true }, s.signal)
  else await declareAccounts(s.app, [toAccountSettings('acme', { url: s.gitlab.url, owner: 'acme', webhooks: 'manual' })])

  s.clock.advance(HOUR_MS)
  await s.sweep()

  expect(hooks()).toBe(1)
  expect(await findLeftHook(s.app.db.read, acme, hostId(String(shop.id)))).toBeNull()
})
