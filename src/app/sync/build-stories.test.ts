import { afterEach, describe, expect, test } from 'vitest'
import { KINDS } from '../../db/test-database.ts'
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../test-clock.ts'
import { startStory, type Story, type StoryOptions } from '../test-story.ts'

let story: Story
afterEach(() => story.close())

const start = async (options?: StoryOptions) => {
  story = await startStory(options)
  const shop = await story.project('shop', ['SHOP-1 begin'])
  const { gitlab, maintainer, ...s } = story
  return { ...s, gitlab, maintainer, shop }
}

/** `#number STATE ref: keys` of the stored builds. */
const builds = async () => {
  const rows = await story.app.db.read
    .selectFrom('builds as b')
    .innerJoin('build_keys as k', 'k.build_id', 'b.id')
    .select(['b.number', 'b.state', 'b.ref', 'k.issue_key'])
    .orderBy('b.number')
    .orderBy('k.issue_key')
    .execute()
  const groups = Map.groupBy(rows, (row) => `#${row.number} ${row.state} ${row.ref}`)
  return [...groups].map(([name, keys]) => `${name}: ${keys.map((row) => row.issue_key).join(' ')}`)
}
/** For lists; what counting jobs costs is told in their own stories. */
const pipelineRequests = () => story.gitlab.requests.filter(({ path }) => /\/(pipelines|deployments)\?/.test(path)).length

test.each(KINDS)(
  'builds are linked by commit, branch and merge request, and Jira shows them (%s)',
  { timeout: 60_000 },
  async (kind) => {
    const { shop, gitlab, maintainer, ...s } = await start({ kind })
    await s.push(shop, 'shop-2-cart', ['SHOP-3 work'])
    await gitlab.openMergeRequest(shop, { author: maintainer, title: 'For SHOP-4', sourceBranch: 'shop-2-cart' })
    gitlab.addPipeline(shop, { ref: 'main', status: 'failed' })
    gitlab.addPipeline(shop, { ref: 'shop-2-cart', status: 'running' })
    gitlab.addPipeline(shop, { ref: 'refs/merge-requests/1/merge', sha: 'c'.repeat(40) })

    await s.sweep()

    await expect
      .poll(builds, { timeout: 20_000 })
      .toEqual([
        '#1 FAILED main: SHOP-1',
        '#2 IN_PROGRESS shop-2-cart: SHOP-2 SHOP-3 SHOP-4',
        '#3 SUCCESSFUL shop-2-cart: SHOP-2 SHOP-3 SHOP-4',
      ])
    await expect.poll(() => s.shownRuns('SHOP-4').builds, { timeout: 20_000 }).toEqual(['#3 SUCCESSFUL', '#2 IN_PROGRESS'])
    await expect.poll(() => s.shownRuns('SHOP-1').builds, { timeout: 20_000 }).toEqual(['#1 FAILED'])
  },
)

test('a build that names no issue is not stored', async () => {
  const { shop, gitlab, ...s } = await start()
  await s.push(shop, 'topic', ['no key'])
  gitlab.addPipeline(shop, { ref: 'topic' })

  await s.sweep()

  expect(await s.app.db.read.selectFrom('builds').select('id').execute()).toEqual([])
  expect((await s.stored(shop)).sync.error).toBeNull()
})

test('a state that moves on is followed, and reading it again changes nothing', async () => {
  const { shop, gitlab, ...s } = await start()
  const pipeline = gitlab.addPipeline(shop, { ref: 'main', status: 'running' })
  await s.sweep()
  s.clock.advance(MINUTE_MS)

  gitlab.setPipelineStatus(shop, pipeline, 'success')
  await s.sync(shop)
  expect(s.shownRuns('SHOP-1').builds).toEqual(['#1 SUCCESSFUL'])
  const version = () => s.app.db.read.selectFrom('issues').select('version').where('issue_key', '=', 'SHOP-1').executeTakeFirst()
  const before = await version()

  await s.sync(shop)

  expect(await version()).toEqual(before)
})

test('the first import looks back 90 days', async () => {
  const { shop, gitlab, ...s } = await start()
  const daysAgo = (days: number) => new Date(s.clock.now().getTime() - days * DAY_MS)
  gitlab.addPipeline(shop, { ref: 'main', createdAt: daysAgo(91) })
  gitlab.addPipeline(shop, { ref: 'main', createdAt: daysAgo(89) })

  await s.sweep()

  expect(await builds()).toEqual(['#2 SUCCESSFUL main: SHOP-1'])
})

test('a merge request opened after its build leads to it', async () => {
  const { shop, gitlab, maintainer, ...s } = await start()
  await s.push(shop, 'topic', ['no key'])
  gitlab.addPipeline(shop, { ref: 'topic' })
  gitlab.addPipeline(shop, { ref: 'main' })
  await s.sweep()
  s.clock.advance(MINUTE_MS)

  const request = await gitlab.openMergeRequest(shop, { author: maintainer, title: 'For SHOP-2', sourceBranch: 'topic' })
  await s.sync(shop)
  expect(s.shownRuns('SHOP-2').builds).toEqual(['#1 SUCCESSFUL'])

  s.clock.advance(MINUTE_MS)
  await gitlab.updateMergeRequest(request, maintainer, { title: 'For nothing' })
  await s.sync(shop)
  expect(await builds()).toEqual(['#2 SUCCESSFUL main: SHOP-1'])
  expect(s.shown('SHOP-2')).toBeNull()
})

test('a merge request opened after its build leads to it although the run broke off in between', async () => {
  const { shop, gitlab, maintainer, ...s } = await start()
  await s.push(shop, 'topic', ['no key'])
  gitlab.addPipeline(shop, { ref: 'topic' })
  gitlab.addPipeline(shop, { ref: 'main' })
  await s.sweep()
  s.clock.advance(MINUTE_MS)
  await gitlab.openMergeRequest(shop, { author: maintainer, title: 'For SHOP-2', sourceBranch: 'topic' })
  gitlab.faults.add({ match: { path: /\/pipelines\?/ }, answer: { status: 500 }, times: 99 })
  expect((await s.sync(shop)).sync).toMatchObject({ error: { code: 'host-unavailable' } })
  expect(await s.pullRequests(shop)).toEqual(['!1 OPEN: SHOP-2'])
  gitlab.faults.clear()

  await s.sync(shop)

  expect(s.shownRuns('SHOP-2').builds).toEqual(['#1 SUCCESSFUL'])
  gitlab.clearRequests()
  await s.sync(shop)
  expect(pipelineRequests()).toBe(2)
})

test('a full synchronisation removes a build that was deleted, and keeps those older than the first look', async () => {
  const { shop, gitlab, ...s } = await start()
  gitlab.addPipeline(shop, { ref: 'main' })
  gitlab.addPipeline(shop, { ref: 'main' })
  await s.sweep()
  s.clock.advance(100 * DAY_MS)
  shop.pipelines.pop()

  await s.sync(shop, 'full')

  expect(await builds()).toEqual(['#1 SUCCESSFUL main: SHOP-1'])
})

test('a first import that breaks off goes on where it was', async () => {
  const { shop, gitlab, ...s } = await start()
  for (let minute = 0; minute < 150; minute++) {
    gitlab.addPipeline(shop, { ref: 'main', createdAt: new Date(s.clock.now().getTime() - (200 - minute) * MINUTE_MS) })
  }
  gitlab.faults.add({ match: { path: /\/pipelines\?/ }, answer: { status: 500 }, after: 1, times: 99 })
  await s.sweep()
  expect((await s.stored(shop)).sync).toMatchObject({ state: 'retrying', error: { code: 'host-unavailable' } })
  expect(await builds()).toHaveLength(100)
  gitlab.faults.clear()
  gitlab.clearRequests()

  await s.sync(shop)

  expect(await builds()).toHaveLength(150)
  expect(pipelineRequests()).toBe(2)
})

test.each([403, 404])('pipelines and deployments that answer %i are none, not a failure', async (status) => {
  const { shop, gitlab, ...s } = await start()
  gitlab.faults.add({
    match: { path: /\/(pipelines|deployments)\?/ },
    answer: { status, body: { message: String(status) } },
    times: 99,
  })

  await s.sweep()

  expect(await s.commits(shop)).toEqual(['SHOP-1 begin'])
  expect((await s.stored(shop)).sync.error).toBeNull()
})

test('unlinking hides builds, deleting the repository takes them along', async () => {
  const { shop, gitlab, ...s } = await start()
  await s.push(shop, 'SHOP-2-cart', ['no key'])
  gitlab.addPipeline(shop, { ref: 'SHOP-2-cart' })
  gitlab.addDeployment(shop, {
    environment: gitlab.addEnvironment(shop, { name: 'staging', tier: 'staging' }),
    ref: 'SHOP-2-cart',
  })
  await s.sweep()
  expect(s.shownRuns('SHOP-2')).toEqual({ builds: ['#1 SUCCESSFUL'], deployments: ['staging SUCCESSFUL'] })

  await gitlab.deleteProject(shop)
  await s.sweep()
  s.clock.advance(DAY_MS + HOUR_MS)
  await s.sweep()

  for (const table of [
    'builds',
    'build_keys',
    'deployments',
    'deployment_keys',
    'environment_deployments',
    'listing_marks',
    'build_heads',
  ] as const)
    expect(await s.app.db.read.selectFrom(table).selectAll().execute()).toEqual([])
  expect(s.shown('SHOP-2')).toBeNull()
})

describe('sweeps', () => {
  test('find a build that moved no stamp, as long as something happened within a week', async () => {
    const { shop, gitlab, ...s } = await start()
    gitlab.addPipeline(shop, { ref: 'main' })
    await s.sweep()
    s.clock.advance(2 * DAY_MS)
    await s.sweep()

    gitlab.addPipeline(shop, { ref: 'main', status: 'failed' })
    s.clock.advance(HOUR_MS)
    await s.sweep()

    expect(s.shownRuns('SHOP-1').builds).toEqual(['#1 SUCCESSFUL', '#2 FAILED'])
  })

  test('ask an idle repository nothing, and one that a webhook tells of now and then for the newest alone', async () => {
    const { shop, gitlab, ...s } = await start({ account: { webhooks: 'manual' } })
    gitlab.addPipeline(shop, { ref: 'main' })
    await s.sweep()
    s.clock.advance(2 * DAY_MS)
    await s.sweep()
    await s.app.db.write('interactive', (tx) => tx.updateTable('repositories').set({ webhook_state: 'live' }).execute())
    gitlab.clearRequests()
    await s.sweep()
    const whileLive = pipelineRequests()
    s.clock.advance(4 * HOUR_MS)
    await s.sweep()
    await s.sweep()
    const hoursLater = pipelineRequests()
    gitlab.clearRequests()
    await s.app.db.write('interactive', (tx) => tx.updateTable('repositories').set({ webhook_state: 'polling' }).execute())
    s.clock.advance(8 * DAY_MS)
    await s.sweep()

    expect([whileLive, hoursLater, pipelineRequests()]).toEqual([0, 2, 0])
  })
})
