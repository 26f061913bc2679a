import { afterEach, expect, test, vi } from 'vitest'
import { accountId } from '../../domain/ids.ts'
import { readWebhookOverview } from '../../db/views/webhooks.ts'
import type { WebhookMode } from '../../domain/account.ts'
import { refreshAccount } from '../accounts/change-accounts.ts'
import { requestAccountDeletion } from '../accounts/delete-account.ts'
import { findAccount } from '../../db/stores/accounts.ts'
import { declareAccounts } from '../accounts/declare-accounts.ts'
import { changeRepository } from '../repositories/change-repository.ts'
import { DAY_MS, HOUR_MS } from '../test-clock.ts'
import { toAccountSettings } from '../test-connector.ts'
import { reconcileWebhook } from './reconcile-webhook.ts'
import { startReachableStory, type ReachableStory } from './test-receiver.ts'

// Many real pushes each: a machine that is busy takes its time.
vi.setConfig({ testTimeout: 120_000 })

let story: ReachableStory
afterEach(() => story.close())

const acme = accountId('acme')
const HOOKS = /\/hooks/
const hookRequests = () =>
  story.gitlab.requests.filter(({ path }) => HOOKS.test(path)).map(({ method, path }) => `${method} ${path}`)

async function start(webhooks: WebhookMode, { owner = true, premium = true } = {}) {
  const s = (story = await startReachableStory({
    account: { webhooks },
    gitlab: { features: { tier: premium ? 'premium' : 'free' } },
  }))
  if (owner) s.gitlab.addMember(s.acme, s.maintainer, 'owner')
  return s
}

const declare = (webhooks: WebhookMode) =>
  declareAccounts(story.app, [toAccountSettings('acme', { url: story.gitlab.url, owner: 'acme', webhooks })])

/** Hooks at GitLab as `level of owner`. */
async function hooksAtGitLab(): Promise<string[]> {
  const token = story.gitlab.createToken({
    user: story.gitlab.addUser({ username: `root${Math.trunc(performance.now())}`, admin: true }),
  })
  const list = async (path: string) => {
    const answer = await fetch(`${story.gitlab.url}/api/v4${path}`, { headers: { 'private-token': token.value } })
    const hooks: unknown = answer.ok ? await answer.json() : []
    return Array.isArray(hooks) ? hooks.map(() => path) : []
  }
  const projects = ['shop', 'web'].map((path) => story.gitlab.findProject(`acme/${path}`))
  const paths = [
    '/hooks',
    `/groups/${story.acme.id}/hooks`,
    ...projects.flatMap((project) => (project === undefined ? [] : [`/projects/${project.id}/hooks`])),
  ]
  return (await Promise.all(paths.map(list))).flat().map((path) => path.replace(/^\/(\w+).*/, '$1'))
}

test('with auto one hook of the group serves all repositories, new ones too', async () => {
  const s = await start('auto')
  const shop = await s.project('shop', ['SHOP-1 begin'])
  await s.sweep()
  expect((await s.stored(shop)).webhook).toEqual({ state: 'live', reason: null })

  const web = await s.project('web', ['SHOP-2 begin'])
  await s.gitlab.settle()

  await expect.poll(() => s.shown('SHOP-2'), { timeout: 20_000 }).not.toBeNull()
  await s.settle()
  await s.sweep()
  expect((await s.stored(web)).webhook.state).toBe('live')
  expect(await hooksAtGitLab()).toEqual(['groups'])
})

test.each([
  ['no Premium', { premium: false }],
  ['no Owner', { owner: false }],
])('with auto and %s every project has a hook, and the group is asked about once a day', async (_name, may) => {
  const s = await start('auto', may)
  const shop = await s.project('shop', ['SHOP-1 begin'])
  await s.sweep()
  expect((await s.stored(shop)).webhook.state).toBe('live')
  expect(await hooksAtGitLab()).toEqual(['projects'])

  s.gitlab.clearRequests()
  await s.sweep()
  expect(hookRequests()).toEqual([])

  // The right is granted: one hook takes the place of many.
  Object.assign(s.gitlab.features, { tier: 'premium' })
  s.gitlab.addMember(s.acme, s.maintainer, 'owner')
  s.clock.advance(DAY_MS)
  await s.sweep()
  expect(await hooksAtGitLab()).toEqual(['groups'])
  expect((await s.stored(shop)).webhook.state).toBe('live')
})

test('watching the one hook costs one request an hour', async () => {
  const s = await start('auto')
  await s.project('shop', ['SHOP-1 begin'])
  await s.sweep()
  s.gitlab.clearRequests()

  s.clock.advance(HOUR_MS)
  await s.sweep()

  expect(hookRequests()).toEqual([`GET /api/v4/groups/${s.acme.id}/hooks?per_page=100`])
})

test('with system one hook of the host serves the account, and says what it takes', async () => {
  const s = await start('system')
  const shop = await s.project('shop', ['SHOP-1 begin'])
  await s.sweep()
  expect((await s.stored(shop)).webhook).toMatchObject({
    state: 'polling',
    reason: expect.stringContaining('administrator') as string,
  })

  s.maintainer.admin = true
  await refreshAccount(s.app, acme)
  await s.settle()
  expect((await s.stored(shop)).webhook.state).toBe('live')
  expect(await hooksAtGitLab()).toEqual(['hooks'])

  // More than three branches in one push: only this hook tells of it.
  for (const number of [2, 3, 4, 5]) await s.push(shop, `b${number}`, [`SHOP-${number} pushed`], { notice: false })
  await s.gitlab.noticePush(shop, s.maintainer)
  await expect.poll(() => s.shown('SHOP-5'), { timeout: 20_000 }).not.toBeNull()
})

test('the setting decides: group to project to off', async () => {
  const s = await start('group')
  const shop = await s.project('shop', ['SHOP-1 begin'])
  await s.sweep()
  expect(await hooksAtGitLab()).toEqual(['groups'])

  await declare('project')
  await s.sweep()
  expect(await hooksAtGitLab()).toEqual(['projects'])
  expect((await s.stored(shop)).webhook.state).toBe('live')

  await declare('off')
  await s.sweep()
  expect(await hooksAtGitLab()).toEqual([])
  expect((await s.stored(shop)).webhook.state).toBe('off')
})

test('manual tells the address, and is live when something arrives', async () => {
  const s = await start('manual')
  const shop = await s.project('shop', ['SHOP-1 begin'])
  await s.sweep()
  expect((await s.stored(shop)).webhook).toMatchObject({
    state: 'polling',
    reason: expect.stringContaining(`${s.serverUrl}/webhooks/acme`) as string,
  })
  const [secret = ''] = await s.app.connections.webhookSecrets(acme, s.clock.now())
  await fetch(`${s.gitlab.url}/api/v4/projects/${shop.id}/hooks`, {
    method: 'POST',
    headers: { 'private-token': s.token.value, 'content-type': 'application/json' },
    body: JSON.stringify({ url: `${s.serverUrl}/webhooks/acme`, signing_token: secret }),
  })

  await s.push(shop, 'main', ['SHOP-2 pushed'])
  await s.gitlab.settle()
  await s.settle()

  expect(s.answers).toEqual(['stored'])
  expect((await s.stored(shop)).webhook).toEqual({ state: 'live', reason: null })
  await s.sweep()
  expect((await s.stored(shop)).webhook.state).toBe('live')
})

test('an unlinked repository is off while the hook of the group stays', async () => {
  const s = await start('auto')
  const shop = await s.project('shop', ['SHOP-1 begin'])
  await s.sweep()
  const { id } = await s.stored(shop)

  await changeRepository(s.app, { id, linked: false }, s.signal)
  expect((await s.stored(shop)).webhook.state).toBe('off')
  await changeRepository(s.app, { id, linked: true }, s.signal)
  expect((await s.stored(shop)).webhook.state).toBe('live')
  expect(await hooksAtGitLab()).toEqual(['groups'])
})

test('deleting the account removes the hook of the group', async () => {
  const s = await start('auto')
  await s.project('shop', ['SHOP-1 begin'])
  await s.sweep()
  await s.app.db.write('interactive', (tx) => tx.updateTable('accounts').set({ managed_by: 'browser' }).execute())

  await requestAccountDeletion(s.app, acme, { removeHooks: true, removeFromJira: true })
  await s.settle()

  expect(await hooksAtGitLab()).toEqual([])
})

test('a hook that GitLab stopped is woken, and what it missed is read', async () => {
  const s = await start('project')
  const shop = await s.project('shop', ['SHOP-1 begin'])
  await s.sweep()
  s.setDown(true)
  for (const number of [2, 3, 4, 5]) {
    await s.push(shop, `b${number}`, [`no key ${number}`])
    await s.gitlab.settle()
  }
  s.setDown(false)
  await s.push(shop, 'late', ['SHOP-6 while it was stopped'])
  await s.gitlab.settle()
  expect(s.answers).toEqual([])
  const account = await findAccount(s.app.db.read, acme)
  if (account === null) throw new Error('no account')

  await reconcileWebhook(s.app, { account, hostId: (await s.stored(shop)).hostId, method: 'watch' }, s.signal)
  await s.settle()

  expect((await s.stored(shop)).webhook).toEqual({ state: 'live', reason: null })
  expect(s.shown('SHOP-6')).not.toBeNull()
})

test.each([401, 403, 404, 500, 502])(
  'management that is answered with %i leaves the schedule working and says why',
  async (status) => {
    const s = await start('auto', { premium: false })
    const shop = await s.project('shop', ['SHOP-1 begin'])
    const recover = s.gitlab.faults.add({ match: { path: HOOKS }, answer: { status }, times: 999 })
    await s.sweep()

    const { state, reason } = (await s.stored(shop)).webhook
    expect(['polling', 'broken']).toContain(state)
    expect(reason).toMatch(/\w{4,}/)
    expect(s.shown('SHOP-1')).not.toBeNull()

    recover()
    s.clock.advance(DAY_MS)
    await s.sweep()
    expect((await s.stored(shop)).webhook.state).toBe('live')
  },
)

test('a rate limit met while hooks are managed ends the round, and the next one goes on', async () => {
  const s = await start('project')
  const shop = await s.project('shop', ['SHOP-1 begin'])
  const recover = s.gitlab.faults.add({ match: { path: HOOKS }, answer: { status: 429 }, times: 999 })
  await s.sweep()
  expect((await s.stored(shop)).webhook.state).toBe('polling')

  recover()
  s.clock.advance(HOUR_MS)
  await s.sweep()
  expect((await s.stored(shop)).webhook.state).toBe('live')
})

test('a local address that GitLab refuses names the setting', async () => {
  const s = await start('auto')
  s.gitlab.features.allowLocalHooks = false
  const shop = await s.project('shop', ['SHOP-1 begin'])
  await s.sweep()

  expect((await s.stored(shop)).webhook).toMatchObject({
    state: 'broken',
    reason: expect.stringContaining('Outbound requests') as string,
  })
  const overview = await readWebhookOverview(s.app.db.read, acme)
  expect(overview.counts).toEqual({ live: 0, polling: 0, broken: 1, off: 0 })
  expect(overview.reasons).toHaveLength(1)
})
