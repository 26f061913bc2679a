import { afterEach, expect, test } from 'vitest'
import { listAccounts, setAccountState } from '../../db/stores/accounts.ts'
import { listSyncs } from '../../db/stores/sync-journal.ts'
import { accountId } from '../../domain/ids.ts'
import { declareAccounts } from '../accounts/declare-accounts.ts'
import { cancelRepositorySync, changeRepository, requestRepositorySync } from '../repositories/change-repository.ts'
import { HOUR_MS, MINUTE_MS } from '../test-clock.ts'
import { toAccountSettings } from '../test-connector.ts'
import { startStory, type Story, type StoryOptions } from '../test-story.ts'
import { syncJobKey } from './request-sync.ts'

let story: Story
afterEach(() => story.close())

const start = async (options?: StoryOptions) => {
  story = await startStory(options)
  return story
}
const account = async (id = 'acme') => (await listAccounts(story.app.db.read)).find((one) => one.id === id)
const MERGE_REQUESTS = /\/merge_requests\?/

test('a revoked token asks for a new sign-in, keeps the data, knocks seldom and recovers', async () => {
  const s = await start({ connector: { scheduled: true } })
  const shop = await s.project('shop', ['SHOP-1 begin'])
  await s.sweep()
  s.token.revoked = true
  s.gitlab.clearRequests()

  s.clock.advance(61 * MINUTE_MS)
  await s.settle()
  for (let minute = 0; minute < 10; minute++) {
    s.clock.advance(MINUTE_MS)
    await s.settle()
  }
  expect(await account()).toMatchObject({ state: 'needs-sign-in', problem: { code: 'credentials-refused' } })
  expect(s.gitlab.requests.length).toBeLessThan(5)
  expect(await s.commits(shop)).toEqual(['SHOP-1 begin'])
  expect(s.shown('SHOP-1')).not.toBeNull()

  s.token.revoked = false
  await s.push(shop, 'main', ['SHOP-2 after it'])
  s.clock.advance(61 * MINUTE_MS)
  await s.settle()
  expect(await account()).toMatchObject({ state: 'ok', problem: null })
  expect(await s.commits(shop)).toEqual(['SHOP-1 begin', 'SHOP-2 after it'])
})

test('a token revoked between two sweeps pauses the repository and marks the account', async () => {
  const s = await start()
  const shop = await s.project('shop', ['SHOP-1 begin'])
  await s.sweep()
  s.token.revoked = true

  const { sync } = await s.sync(shop)

  expect(sync).toMatchObject({ state: 'paused', retryAt: null, error: { code: 'credentials-refused' } })
  expect(sync.error?.remedy).toMatch(/token/)
  expect(await account()).toMatchObject({ state: 'needs-sign-in' })
})

test('a rate limit pauses until the time that the host names, then it goes on by itself', async () => {
  const s = await start()
  const shop = await s.project('shop', ['SHOP-1 begin'])
  await s.sweep()
  await s.push(shop, 'main', ['SHOP-2 next'])
  const limited = { status: 429, headers: { 'retry-after': '600' }, body: 'Retry later' }
  s.gitlab.faults.add({ match: { path: MERGE_REQUESTS }, answer: limited })

  const { sync } = await s.sync(shop)
  expect(sync).toMatchObject({ state: 'paused', error: { code: 'rate-limited' } })
  const wait = (sync.retryAt?.getTime() ?? 0) - s.clock.now().getTime()
  expect(wait).toBeGreaterThan(590_000)
  expect(wait).toBeLessThanOrEqual(600_000)

  s.clock.advance(601_000)
  await s.settle()
  expect((await s.stored(shop)).sync).toMatchObject({ state: 'idle', error: null })
  expect(await s.commits(shop)).toEqual(['SHOP-1 begin', 'SHOP-2 next'])
})

test('errors of the host are tried again, ever later, and end when it recovers', async () => {
  const s = await start()
  const shop = await s.project('shop', ['SHOP-1 begin'])
  await s.sweep()
  s.gitlab.faults.add({ match: { path: MERGE_REQUESTS }, answer: { status: 500 }, times: 2 })

  const first = await s.sync(shop)
  expect(first.sync).toMatchObject({ state: 'retrying', error: { code: 'host-unavailable' } })
  const minutes = (at: Date | null) => Math.round(((at?.getTime() ?? 0) - s.clock.now().getTime()) / MINUTE_MS)
  expect(minutes(first.sync.retryAt)).toBe(1)

  s.clock.advance(MINUTE_MS + 1_000)
  await s.settle()
  const second = await s.stored(shop)
  expect(second.sync.state).toBe('retrying')
  expect(minutes(second.sync.retryAt)).toBe(2)

  s.clock.advance(2 * MINUTE_MS + 1_000)
  await s.settle()
  expect((await s.stored(shop)).sync).toMatchObject({ state: 'idle', error: null })
  const journal = await listSyncs(s.app.db.read, first.id, { before: null, limit: 10 })
  expect(journal.map(({ outcome, trigger }) => `${trigger} ${outcome}`)).toEqual([
    'retry done',
    'retry failed',
    'test failed',
    'test done',
  ])
})

test.each(['cut', 'html502', 'reset'] as const)('an answer that is %s loses nothing', async (answer) => {
  const s = await start()
  const shop = await s.project('shop', ['SHOP-1 begin'])
  await s.push(shop, 'topic', ['SHOP-2 topic'])
  await s.gitlab.openMergeRequest(shop, { author: s.maintainer, title: 'SHOP-3', sourceBranch: 'topic' })
  await s.sweep()
  s.gitlab.faults.add({ match: { path: MERGE_REQUESTS }, answer, times: 9 })

  expect((await s.sync(shop, 'full')).sync.state).toBe('retrying')
  expect(await s.pullRequests(shop)).toEqual(['!1 OPEN: SHOP-2 SHOP-3'])

  s.gitlab.faults.clear()
  expect((await s.sync(shop)).sync.state).toBe('idle')
})

test('a Git server that fails in the middle of the first import leaves nothing half done behind', async () => {
  const s = await start()
  const shop = await s.project('shop', ['SHOP-1 begin', 'SHOP-2 next'])
  s.gitlab.faults.add({ match: { method: 'POST', path: /git-upload-pack/ }, answer: { status: 500 }, after: 1, times: 9 })

  await s.sweep()
  expect((await s.stored(shop)).sync.state).toBe('retrying')

  s.gitlab.faults.clear()
  await s.sync(shop)
  expect(await s.commits(shop)).toEqual(['SHOP-1 begin', 'SHOP-2 next'])
})

test('one failing account does not delay another on the same GitLab', async () => {
  const s = await start({
    more: ({ gitlab, maintainer }) => {
      const beta = gitlab.addGroup({ path: 'beta' })
      gitlab.addMember(beta, maintainer, 'maintainer')
      const token = gitlab.createToken({ user: maintainer, scopes: ['api'], value: 'glpat-beta' })
      return [{ settings: toAccountSettings('beta', { url: gitlab.url, owner: 'beta' }), token: token.value }]
    },
  })
  const beta = await s.gitlab.addProject({ namespace: 'beta', path: 'tools' })
  await s.push(beta, 'main', ['PAY-1 beta'])
  await s.project('shop', ['SHOP-1 begin'])
  s.gitlab.faults.add({ match: { path: /\/groups\/acme/ }, answer: 'hang', times: 9 })

  await s.app.db.write('interactive', (tx) =>
    s.app.jobs.add(tx, { name: 'sweep-account', payload: { accountId: accountId('acme'), trigger: 'test' }, key: 'sweep:acme' }),
  )
  await s.app.db.write('interactive', (tx) =>
    s.app.jobs.add(tx, { name: 'sweep-account', payload: { accountId: accountId('beta'), trigger: 'test' }, key: 'sweep:beta' }),
  )

  await expect.poll(() => s.shown('PAY-1'), { timeout: 20_000 }).not.toBeNull()
  expect(await account('beta')).toMatchObject({ state: 'ok' })
})

test('a request during a run is remembered and runs after it', async () => {
  const s = await start()
  const shop = await s.project('shop', ['SHOP-1 begin'])
  await s.sweep()
  const { id } = await s.stored(shop)
  s.gitlab.faults.add({ match: { path: MERGE_REQUESTS }, answer: 'slow' })
  await requestRepositorySync(s.app, { id, mode: 'soft', trigger: 'first' })
  await expect.poll(async () => (await s.stored(shop)).sync.state, { timeout: 20_000 }).toBe('running')

  await requestRepositorySync(s.app, { id, mode: 'full', trigger: 'second' })
  await requestRepositorySync(s.app, { id, mode: 'soft', trigger: 'third' })
  await s.settle()

  const journal = await listSyncs(s.app.db.read, id, { before: null, limit: 2 })
  expect(journal.map(({ mode, trigger, outcome }) => ({ mode, trigger, outcome }))).toEqual([
    { mode: 'full', trigger: 'requested', outcome: 'done' },
    { mode: 'soft', trigger: 'first', outcome: 'done' },
  ])
})

test('a cancelled run ends at once, keeps what is stored, and the next sweep completes it', async () => {
  const s = await start()
  const shop = await s.project('shop', ['SHOP-1 begin'])
  await s.sweep()
  s.clock.advance(5 * HOUR_MS)
  await s.push(shop, 'main', ['SHOP-2 next'])
  await s.sweep()
  const { id } = await s.stored(shop)
  await s.push(shop, 'main', ['SHOP-3 more'])
  s.gitlab.faults.add({ match: { method: 'POST', path: /git-upload-pack/ }, answer: 'hang', times: 1 })
  s.gitlab.clearRequests()
  await requestRepositorySync(s.app, { id, mode: 'soft', trigger: 'test' })
  await expect.poll(() => s.gitlab.requests.some(({ method }) => method === 'POST'), { timeout: 20_000 }).toBe(true)

  await cancelRepositorySync(s.app, id, s.abort)
  await s.settle()
  expect((await s.stored(shop)).sync).toMatchObject({ state: 'idle', error: { code: 'cancelled' } })

  s.clock.advance(5 * HOUR_MS)
  await s.sweep()
  expect(await s.commits(shop)).toEqual(['SHOP-1 begin', 'SHOP-2 next', 'SHOP-3 more'])
  expect((await s.stored(shop)).sync.error).toBeNull()
})

test('unlinking hides what a repository told, linking shows it again', async () => {
  const s = await start()
  const shop = await s.project('shop', ['SHOP-1 begin'])
  await s.sweep()
  const { id } = await s.stored(shop)

  await changeRepository(s.app, { id, linked: false }, s.signal)
  await s.settle()
  expect(s.shown('SHOP-1')).toBeNull()
  expect(await s.commits(shop)).toEqual(['SHOP-1 begin'])

  await changeRepository(s.app, { id, linked: true }, s.signal)
  await s.settle()
  expect(s.shown('SHOP-1')?.commits).toEqual(['SHOP-1 begin'])
})

test('unlinking a repository that waits leaves it idle', async () => {
  const s = await start()
  const shop = await s.project('shop', ['SHOP-1 begin'])
  await s.sweep()
  const { id } = await s.stored(shop)
  s.gitlab.faults.add({ match: { path: MERGE_REQUESTS }, answer: { status: 500 } })
  expect((await s.sync(shop)).sync.state).toBe('retrying')

  await changeRepository(s.app, { id, linked: false }, s.signal)

  expect((await s.stored(shop)).sync.state).toBe('idle')
  const waiting = await s.app.db.read.selectFrom('jobs').select('id').where('key', '=', syncJobKey(id)).execute()
  expect(waiting).toEqual([])
})

test('an account that comes back into the configuration file is served again', async () => {
  const s = await start()
  const settings = toAccountSettings('acme', { url: s.gitlab.url, owner: 'acme' })
  await declareAccounts(s.app, [])
  expect(await account()).toMatchObject({ state: 'degraded', problem: { code: 'account-not-configured' } })

  await declareAccounts(s.app, [settings])
  expect(await account()).toMatchObject({ state: 'ok', problem: null })
})

test('declaring an account again keeps another problem that it has', async () => {
  const s = await start()
  const problem = { code: 'credentials-refused', message: 'refused', remedy: null }
  await s.app.db.write('interactive', (tx) => setAccountState(tx, accountId('acme'), 'needs-sign-in', problem))

  await declareAccounts(s.app, [toAccountSettings('acme', { url: s.gitlab.url, owner: 'acme' })])

  expect(await account()).toMatchObject({ state: 'needs-sign-in', problem })
})
