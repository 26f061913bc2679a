import { afterEach, expect, test } from 'vitest'
import { listAccounts } from '../../db/stores/accounts.ts'
import { mapConcurrently } from '../../lib/map-concurrently.ts'
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../test-clock.ts'
import { startReachableStory } from '../webhooks/test-receiver.ts'
import { startStory, type Story, type StoryOptions } from '../test-story.ts'

let story: Story
afterEach(() => story.close())

const start = async (options?: StoryOptions) => {
  story = await startStory(options)
  return story
}

const names = async () => {
  const rows = await story.app.db.read.selectFrom('repositories').select('path').orderBy('path').execute()
  return rows.map(({ path }) => path)
}
/** How many repositories have which state of their webhook. */
const webhookStates = async () => {
  const rows = await story.app.db.read.selectFrom('repositories').select('webhook_state').execute()
  return Object.fromEntries([...Map.groupBy(rows, (row) => row.webhook_state)].map(([state, { length }]) => [state, length]))
}
const addEmptyProjects = (s: Story, count: number) =>
  mapConcurrently(Array.from({ length: count }), 4, (_, number) =>
    s.gitlab.addProject({ namespace: s.acme, path: `repository-${number}` }),
  )
const apiRequests = () => story.gitlab.requests.filter(({ kind }) => kind === 'api').length
const gitRequests = () => story.gitlab.requests.filter(({ kind }) => kind === 'git').length

/** Leaves what a sweep of linked repositories that nobody works on asks of GitLab, an hour after one that set hooks up. */
async function sweepIdle(s: Story, count: number): Promise<void> {
  await addEmptyProjects(s, count)
  await s.app.db.write('interactive', (tx) => tx.updateTable('accounts').set({ auto_link: 0 }).execute())
  s.clock.advance(3 * HOUR_MS)
  await s.sweep()
  // As after their first import.
  await s.app.db.write('interactive', (tx) => tx.updateTable('repositories').set({ linked: 1, sync_finished_at: 1 }).execute())
  await s.sweep()
  s.clock.advance(HOUR_MS)
  s.gitlab.clearRequests()
  await s.sweep()
}

/** As an account is by default. */
async function startWithHooks(tier: 'free' | 'premium'): Promise<Story> {
  story = await startReachableStory({ account: { webhooks: 'auto' }, gitlab: { features: { tier } } })
  return story
}

const hookRequests = () => story.gitlab.requests.filter(({ path }) => /\/hooks/.test(path)).length

test('an idle account of 250 repositories costs four requests an hour without webhooks', async () => {
  const s = await start()

  await sweepIdle(s, 250)

  expect(await names()).toHaveLength(250)
  expect(apiRequests()).toBeLessThanOrEqual(Math.ceil(250 / 100) + 1)
  expect(gitRequests()).toBe(0)
}, 60_000)

test('an idle account of 101 repositories costs four requests an hour with a hook of the group', async () => {
  const s = await startWithHooks('premium')
  s.gitlab.addMember(s.acme, s.maintainer, 'owner')

  await sweepIdle(s, 101)

  expect(await webhookStates()).toEqual({ live: 101 })
  expect(hookRequests()).toBe(1)
  expect(apiRequests()).toBeLessThanOrEqual(Math.ceil(101 / 100) + 2)
  expect(gitRequests()).toBe(0)
}, 60_000)

test.each([
  ['looked at', 'maintainer', 'live'],
  ['tried again a day later', 'developer', 'polling'],
] as const)(
  'where every project has its own hook, at most 20 of them are %s in an idle sweep',
  async (_, role, state) => {
    const s = await startWithHooks('free')
    s.gitlab.addMember(s.acme, s.maintainer, role)

    await sweepIdle(s, 101)
    if (state === 'polling') {
      s.clock.advance(DAY_MS)
      s.gitlab.clearRequests()
      await s.sweep()
    }

    expect(await webhookStates()).toEqual({ [state]: 101 })
    expect(hookRequests()).toBeGreaterThanOrEqual(20)
    // The group is asked once a day whether it takes a hook by now.
    expect(apiRequests()).toBeLessThanOrEqual(Math.ceil(101 / 100) + 2 + 20)
    expect(gitRequests()).toBe(0)
  },
  60_000,
)

test('a push that does not move the hourly stamp is found by the next sweep', async () => {
  const s = await start()
  const shop = await s.project('shop', ['SHOP-1 begin'])
  await s.sweep()
  const stamp = shop.lastActivityAt.getTime()

  s.clock.advance(30 * MINUTE_MS)
  await s.push(shop, 'main', ['SHOP-2 within the hour'])
  expect(shop.lastActivityAt.getTime()).toBe(stamp)
  s.clock.advance(30 * MINUTE_MS)
  await s.sweep()

  expect(await s.commits(shop)).toContain('SHOP-2 within the hour')
})

test('a push just before a sweep, noticed by the stamp alone, is not passed over by the sweep after it', async () => {
  const s = await start()
  const shop = await s.project('shop', ['SHOP-1 begin'])
  await s.sweep()
  s.clock.advance(50 * MINUTE_MS)
  await s.sweep()

  s.clock.advance(5 * MINUTE_MS)
  await s.push(shop, 'main', ['SHOP-2 with the old stamp'])
  s.clock.advance(55 * MINUTE_MS)
  await s.sweep()

  expect(await s.commits(shop)).toContain('SHOP-2 with the old stamp')
})

test('a renamed repository keeps its data and goes on under its new name', async () => {
  const s = await start()
  const shop = await s.project('shop', ['SHOP-1 begin'])
  await s.sweep()
  const { id } = await s.stored(shop)

  s.gitlab.rename(shop, 'store')
  s.clock.advance(2 * HOUR_MS)
  await s.push(shop, 'main', ['SHOP-2 after the rename'])
  await s.sweep()

  expect(await s.stored(shop)).toMatchObject({ id, name: 'acme/store', sync: { state: 'idle', error: null } })
  expect(await s.commits(shop)).toEqual(['SHOP-1 begin', 'SHOP-2 after the rename'])
})

test('a repository transferred within the group keeps its data', async () => {
  const s = await start()
  const shop = await s.project('shop', ['SHOP-1 begin'])
  await s.sweep()
  const { id } = await s.stored(shop)

  s.gitlab.transfer(shop, s.gitlab.addGroup({ path: 'web', parent: s.acme }))
  s.clock.advance(2 * HOUR_MS)
  await s.sweep()

  expect(await s.stored(shop)).toMatchObject({ id, name: 'acme/web/shop', missing: false })
})

test('a repository transferred out of the group is removed after a day, and only it', async () => {
  const s = await start()
  const shop = await s.project('shop', ['SHOP-1 begin'])
  const tools = await s.project('tools', ['SHOP-2 stays'])
  await s.sweep()
  const other = s.gitlab.addGroup({ path: 'other' })
  s.gitlab.addMember(other, s.maintainer, 'maintainer')
  s.gitlab.transfer(shop, other)

  await s.sweep()
  expect(await s.stored(shop)).toMatchObject({ missing: true, name: 'acme/shop' })
  expect(s.shown('SHOP-1')).not.toBeNull()
  s.clock.advance(DAY_MS + MINUTE_MS)
  await s.sweep()

  expect(await names()).toEqual(['acme/tools'])
  expect(s.shown('SHOP-1')).toBeNull()
  expect(await s.commits(tools)).toEqual(['SHOP-2 stays'])
})

test('an archived repository keeps its data', async () => {
  const s = await start()
  const shop = await s.project('shop', ['SHOP-1 begin'])
  await s.sweep()

  s.gitlab.archive(shop)
  s.clock.advance(2 * DAY_MS)
  await s.sweep()
  await s.sweep()

  expect(await s.stored(shop)).toMatchObject({ archived: true, missing: false })
  expect(await s.commits(shop)).toEqual(['SHOP-1 begin'])
})

test('a deleted repository is missing for a day, then asked for by its id and removed', async () => {
  const s = await start()
  const shop = await s.project('shop', ['SHOP-1 begin'])
  await s.project('tools', ['SHOP-2 stays'])
  await s.sweep()
  await s.gitlab.deleteProject(shop)
  s.gitlab.clearRequests()

  await s.sweep()
  s.clock.advance(23 * HOUR_MS)
  await s.sweep()
  expect((await s.stored(shop)).missing).toBe(true)
  expect(s.shown('SHOP-1')).not.toBeNull()
  s.clock.advance(2 * HOUR_MS)
  await s.sweep()

  expect(s.gitlab.requests.filter(({ path }) => path === `/api/v4/projects/${shop.id}`)).toHaveLength(1)
  expect(await names()).toEqual(['acme/tools'])
  expect(s.shown('SHOP-1')).toBeNull()
  expect(s.shown('SHOP-2')).not.toBeNull()
})

test('a repository that is listed again in time is as before', async () => {
  const s = await start()
  const shop = await s.project('shop', ['SHOP-1 begin'])
  await s.sweep()
  const other = s.gitlab.addGroup({ path: 'other' })
  s.gitlab.transfer(shop, other)
  await s.sweep()
  expect((await s.stored(shop)).missing).toBe(true)

  s.gitlab.transfer(shop, s.acme)
  await s.push(shop, 'main', ['SHOP-2 back'])
  await s.sweep()

  expect((await s.stored(shop)).missing).toBe(false)
  expect(await s.commits(shop)).toEqual(['SHOP-1 begin', 'SHOP-2 back'])
})

test('a listing that breaks off on its second page removes nothing and marks nothing', async () => {
  const s = await start()
  await s.app.db.write('interactive', (tx) => tx.updateTable('accounts').set({ auto_link: 0 }).execute())
  await addEmptyProjects(s, 101)
  await s.sweep()
  const [before] = await listAccounts(s.app.db.read)
  s.gitlab.faults.add({ match: { path: /\/groups\/\d+\/projects\?.*page=2/ }, answer: { status: 500 }, times: 99 })
  s.clock.advance(2 * DAY_MS)

  await s.sweep()
  s.clock.advance(2 * DAY_MS)
  await s.settle()

  expect(await names()).toHaveLength(101)
  const missing = await s.app.db.read.selectFrom('repositories').select('id').where('missing_since', 'is not', null).execute()
  expect(missing).toEqual([])
  const [after] = await listAccounts(s.app.db.read)
  expect(after).toMatchObject({ state: 'degraded', problem: { code: 'host-unavailable' }, sweptAt: before?.sweptAt })
})

test('include and exclude choose by path', async () => {
  const s = await start({ account: { include: ['acme/web/**', 'acme/shop'], exclude: ['**/old-*'] } })
  const web = s.gitlab.addGroup({ path: 'web', parent: s.acme })
  for (const path of ['shop', 'tools']) await s.gitlab.addProject({ namespace: s.acme, path })
  for (const path of ['site', 'old-site']) await s.gitlab.addProject({ namespace: web, path })

  await s.sweep()

  expect(await names()).toEqual(['acme/shop', 'acme/web/site'])
})

test('without automatic linking a new repository is listed and left alone', async () => {
  const s = await start({ account: { autoLink: false } })
  const shop = await s.project('shop', ['SHOP-1 begin'])

  await s.sweep()

  expect(await s.stored(shop)).toMatchObject({ linked: false, sync: { state: 'idle' } })
  expect(gitRequests()).toBe(0)
})

test('the schedule sweeps every hour, and soon after a passing failure', async () => {
  const s = await start({ connector: { scheduled: true } })
  await s.project('shop', ['SHOP-1 begin'])
  await s.sweep()
  const plan = async () => {
    const row = await s.app.db.read.selectFrom('jobs').select('run_at').where('name', '=', 'sweep-account').executeTakeFirst()
    return Math.round(((row?.run_at ?? 0) - s.clock.now().getTime()) / MINUTE_MS)
  }
  expect(await plan()).toBe(60)

  s.gitlab.faults.add({ match: { path: /\/groups\// }, answer: { status: 500 } })
  s.clock.advance(61 * MINUTE_MS)
  await s.settle()
  expect(await plan()).toBe(5)

  s.clock.advance(6 * MINUTE_MS)
  await s.settle()
  expect(await plan()).toBe(60)
})
