import { afterEach, expect, test, vi } from 'vitest'
import { accountId } from '../../domain/ids.ts'
import type { WebhookMode } from '../../domain/account.ts'
import { findAccount } from '../../db/stores/accounts.ts'
import { HOUR_MS, MINUTE_MS } from '../test-clock.ts'
import { startReachableStory, type ReachableStory } from './test-receiver.ts'

// Many real pushes each: a machine that is busy takes its time.
vi.setConfig({ testTimeout: 120_000 })

let story: ReachableStory
afterEach(() => story.close())

async function start(webhooks: WebhookMode) {
  const s = (story = await startReachableStory({ account: { webhooks }, gitlab: { features: { tier: 'premium' } } }))
  s.gitlab.addMember(s.acme, s.maintainer, 'owner')
  return s
}

const ownerPath = async () => (await findAccount(story.app.db.read, accountId('acme')))?.resolvedOwner?.path

async function names(): Promise<string[]> {
  const rows = await story.app.db.read.selectFrom('repositories').select('path').orderBy('path').execute()
  return rows.map(({ path }) => path)
}

/** Lets what arrived be followed, a sweep that has to wait for its turn included. */
async function follow() {
  await story.gitlab.settle()
  story.clock.advance(6 * MINUTE_MS)
  await story.settle()
}

test('the hook of a group stays when the group is renamed', async () => {
  const s = await start('auto')
  const shop = await s.project('shop', ['SHOP-1 begin'])
  await s.sweep()
  s.gitlab.clearRequests()

  s.gitlab.renameGroup(s.acme, 'acme-group')
  s.clock.advance(HOUR_MS)
  await s.sweep()

  const hooks = s.gitlab.requests.filter(({ path }) => path.includes('/hooks')).map(({ method, path }) => `${method} ${path}`)
  expect(hooks).toEqual([`GET /api/v4/groups/${s.acme.id}/hooks?per_page=100`])
  expect(await s.stored(shop)).toMatchObject({ name: 'acme-group/shop', webhook: { state: 'live' } })
  await s.push(shop, 'main', ['SHOP-2 after the rename'])
  await s.gitlab.settle()
  await expect.poll(() => s.shown('SHOP-2'), { timeout: 20_000 }).not.toBeNull()
})

test('a system hook tells of the rename, then counts as ours what is below the new path, and not what is below the old one', async () => {
  const s = await start('system')
  s.maintainer.admin = true
  await s.project('shop', ['SHOP-1 begin'])
  await s.sweep()

  s.gitlab.renameGroup(s.acme, 'acme-group')
  await follow()
  expect(await ownerPath()).toBe('acme-group')

  await s.gitlab.addProject({ namespace: s.acme, path: 'web' })
  await follow()
  expect(await names()).toEqual(['acme-group/shop', 'acme-group/web'])

  const stranger = s.gitlab.addGroup({ path: 'acme' })
  s.gitlab.clearRequests()
  await s.gitlab.addProject({ namespace: stranger, path: 'secret' })
  await follow()
  expect(s.gitlab.requests.filter(({ path }) => path.includes('/projects?'))).toEqual([])
  expect(await names()).toEqual(['acme-group/shop', 'acme-group/web'])
})
