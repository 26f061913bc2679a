import BetterSqlite3 from 'better-sqlite3'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { findAccount } from '../../db/stores/accounts.ts'
import { accountId } from '../../domain/ids.ts'
import type { FaultAnswer } from '../../sandbox/gitlab/faults.ts'
import { requestRepositorySync } from '../repositories/change-repository.ts'
import { DAY_MS, HOUR_MS } from '../test-clock.ts'
import { toAccountSettings } from '../test-connector.ts'
import { readContent } from '../test-content.ts'
import { startStory, type Story, type StoryOptions } from '../test-story.ts'

let story: Story
afterEach(() => story.close())

const MERGE_REQUESTS = /\/merge_requests\?/
const LISTING = /\/groups\/\d+\/projects\?/

/** `shop` with a branch and a merge request, imported and delivered. */
async function startImported(options?: StoryOptions) {
  const s = (story = await startStory(options))
  const shop = await s.project('shop', ['SHOP-1 begin'])
  await s.push(shop, 'topic', ['SHOP-2 topic'])
  await s.gitlab.openMergeRequest(shop, { author: s.maintainer, title: 'SHOP-3', sourceBranch: 'topic' })
  await s.sweep()
  return { ...s, shop }
}

const problemOf = async (id: string) => (await findAccount(story.app.db.read, accountId(id)))?.problem?.code ?? null

/** What was imported, without how the last run ended. */
async function imported() {
  const { repositories: _, ...content } = await readContent(story.app.db.read)
  return content
}

const html = { 'content-type': 'text/html' }
/** What GitLab, or what lies before it, answers; the code it gets; what becomes of the synchronisation. */
const ANSWERS: readonly (readonly [string, FaultAnswer, string, 'paused' | 'retrying'])[] = [
  ['401', { status: 401, body: { message: '401 Unauthorized' } }, 'credentials-refused', 'paused'],
  ['403 for a scope', { status: 403, body: { error: 'insufficient_scope', scope: 'api' } }, 'scope-missing', 'paused'],
  ['409', { status: 409 }, 'unexpected-answer', 'retrying'],
  ['429 that names the time', { status: 429, headers: { 'retry-after': '600' } }, 'rate-limited', 'paused'],
  ['429 that names none', { status: 429 }, 'rate-limited', 'paused'],
  ['500', { status: 500 }, 'host-unavailable', 'retrying'],
  ['502 of a proxy', 'html502', 'host-unavailable', 'retrying'],
  ['a cut body', 'cut', 'response-cut', 'retrying'],
  ['a broken connection', 'reset', 'connection-failed', 'retrying'],
  ['a sign-in page', { status: 200, headers: html, body: '<html>Sign in</html>' }, 'unexpected-answer', 'paused'],
  ['JSON of another shape', { status: 200, body: [{ iid: 'seven' }] }, 'unexpected-answer', 'paused'],
  ['no list', { status: 200, body: { message: 'ok' } }, 'unexpected-answer', 'paused'],
  ['an endless body', 'endless', 'response-too-large', 'paused'],
  ['a body that drips', 'drip', 'request-timeout', 'retrying'],
  ['a redirect to another host', { status: 302, headers: { location: 'http://other.invalid/' } }, 'redirect-refused', 'paused'],
]

test.each(ANSWERS)('%s in a full synchronisation loses nothing, and the next one is complete', async (_, answer, code, state) => {
  const s = await startImported({ connector: { http: { exchangeTimeoutMs: 4_000 } } })
  const before = await imported()
  s.gitlab.faults.add({ match: { path: MERGE_REQUESTS }, answer, times: 9 })

  const { sync } = await s.sync(s.shop, 'full')

  expect(sync).toMatchObject({ state, error: { code } })
  expect(JSON.stringify(sync.error)).not.toContain(s.token.value)
  expect(await imported()).toEqual(before)
  expect(s.shown('SHOP-3')?.pullRequests).toEqual(['!1 OPEN'])

  s.gitlab.faults.clear()
  // Beyond what a host that named a time is left alone for.
  s.clock.advance(HOUR_MS)
  expect((await s.sync(s.shop, 'full')).sync).toMatchObject({ state: 'idle', error: null })
  expect(await imported()).toEqual(before)
})

test.each(ANSWERS)('%s in the listing of repositories removes and marks nothing', async (_, answer, code) => {
  const s = await startImported({ connector: { http: { exchangeTimeoutMs: 4_000 } } })
  s.clock.advance(2 * DAY_MS)
  s.gitlab.faults.add({ match: { path: LISTING }, answer, times: 9 })

  await s.sweep()

  await expect.poll(() => problemOf('acme')).toBe(code)
  expect(await s.stored(s.shop)).toMatchObject({ missing: false })
  s.gitlab.faults.clear()
  s.clock.advance(HOUR_MS)
  await s.sweep()
  expect(await problemOf('acme')).toBeNull()
  expect(await s.stored(s.shop)).toMatchObject({ missing: false })
})

test('a listing that is the same page for ever ends, and removes nothing', async () => {
  const s = await startImported()
  const one = { id: 999, path_with_namespace: 'acme/loop', web_url: 'http://gitlab.invalid/acme/loop', default_branch: 'main' }
  const link = `<${s.gitlab.url}/api/v4/groups/${s.acme.id}/projects?page=2&per_page=100>; rel="next"`
  s.gitlab.faults.add({ match: { path: LISTING }, answer: { status: 200, headers: { link }, body: [one] }, times: 99 })
  s.gitlab.clearRequests()

  await s.sweep()

  await expect.poll(() => problemOf('acme')).toBe('unexpected-answer')
  expect(s.gitlab.requests.length).toBeLessThan(9)
  expect(await s.stored(s.shop)).toMatchObject({ missing: false })
})

test.each([
  ['a name that does not exist', () => 'http://gitlab.invalid', 'dns-failed'],
  ['a port without TLS', (url: string) => url.replace('http:', 'https:'), 'tls-failed'],
  ['a closed port', () => 'http://127.0.0.1:1', 'connection-failed'],
])('%s is told of its account, and another one goes on', async (_, toUrl, code) => {
  const s = await startImported({
    more: ({ gitlab }) => [
      { settings: toAccountSettings('beta', { url: toUrl(gitlab.url), owner: 'beta' }), token: 'glpat-beta' },
    ],
  })
  await s.push(s.shop, 'main', ['SHOP-4 meanwhile'])

  const beta = accountId('beta')
  await s.app.db.write('interactive', (tx) =>
    s.app.jobs.add(tx, { name: 'sweep-account', payload: { accountId: beta, trigger: 'test' }, key: 'sweep:beta' }),
  )
  await s.sweep()

  await expect.poll(() => problemOf('beta'), { timeout: 20_000 }).toBe(code)
  expect(await problemOf('acme')).toBeNull()
  expect(await s.commits(s.shop)).toContain('SHOP-4 meanwhile')
})

test('a repository that is rewritten between listing and fetch ends as it is then', async () => {
  const s = await startImported()
  const [rewritten = ''] = await s.push(s.shop, 'aside', ['SHOP-5 rewritten'], { from: null, notice: false })
  await s.gitlab.git(s.shop, ['update-ref', '-d', 'refs/heads/aside'])
  await s.push(s.shop, 'main', ['SHOP-6 soon gone'])
  // The first POST lists the refs; the second belongs to git's fetch.
  s.gitlab.faults.add({ match: { method: 'POST', path: /git-upload-pack/ }, answer: 'slow', after: 1 })
  s.gitlab.clearRequests()
  const { id } = await s.stored(s.shop)
  await requestRepositorySync(s.app, { id, mode: 'soft', trigger: 'test' })
  const posts = () => s.gitlab.requests.filter(({ method }) => method === 'POST').length
  await expect.poll(posts, { timeout: 20_000 }).toBe(2)

  await s.gitlab.git(s.shop, ['update-ref', 'refs/heads/main', rewritten])
  await s.settle()
  await s.sync(s.shop)

  expect((await s.stored(s.shop)).sync).toMatchObject({ state: 'idle', error: null })
  expect(await s.commits(s.shop)).toEqual(['SHOP-1 begin', 'SHOP-2 topic', 'SHOP-5 rewritten'])
})

test('a clock that is set back by hours keeps nothing waiting that is asked for', async () => {
  const s = await startImported()
  s.clock.setBack(5 * HOUR_MS)
  await s.push(s.shop, 'main', ['SHOP-7 after it'])

  await s.sweep()

  expect(await s.commits(s.shop)).toContain('SHOP-7 after it')
  await expect.poll(() => s.shown('SHOP-7')?.commits, { timeout: 20_000 }).toEqual(['SHOP-7 after it'])
  expect((await s.sync(s.shop, 'full')).sync).toMatchObject({ state: 'idle', error: null })
})

test('a database that another program has locked for a while loses nothing', async () => {
  const s = await startImported()
  await s.push(s.shop, 'main', ['SHOP-8 meanwhile'])
  const { id } = await s.stored(s.shop)
  const other = new BetterSqlite3(join(s.dataDir, 'connector.sqlite'))
  other.exec('begin immediate')
  const asked = requestRepositorySync(s.app, { id, mode: 'soft', trigger: 'test' })
  await new Promise((resolve) => setTimeout(resolve, 300))
  other.exec('rollback')
  other.close()

  await asked
  await s.settle()

  expect(await s.commits(s.shop)).toContain('SHOP-8 meanwhile')
  expect((await s.stored(s.shop)).sync).toMatchObject({ state: 'idle', error: null })
})
