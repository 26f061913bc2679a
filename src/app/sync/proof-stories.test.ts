import { afterEach, expect, test } from 'vitest'
import { listSyncs } from '../../db/stores/sync-journal.ts'
import { readProofHours, readProofTotals } from '../../db/views/drift.ts'
import { accountId } from '../../domain/ids.ts'
import { mapConcurrently } from '../../lib/map-concurrently.ts'
import type { Project } from '../../sandbox/gitlab/model.ts'
import { requestRepositorySync } from '../repositories/change-repository.ts'
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../test-clock.ts'
import { startStory, type Story, type StoryOptions } from '../test-story.ts'
import { proofJobKey } from './prove-account.ts'

let story: Story
afterEach(() => story.close())

const ACME = accountId('acme')
const MERGE_REQUESTS = /\/merge_requests\?/

async function start(options?: StoryOptions) {
  story = await startStory(options)
  return story
}

/** `shop` with a branch and a merge request, imported a while ago. */
async function startImported() {
  const s = await start()
  const shop = await s.project('shop', ['SHOP-1 begin'])
  await s.push(shop, 'topic', ['SHOP-2 topic'])
  const request = await s.gitlab.openMergeRequest(shop, { author: s.maintainer, title: 'SHOP-3', sourceBranch: 'topic' })
  await s.sweep()
  s.clock.advance(DAY_MS)
  s.gitlab.clearRequests()
  return { ...s, shop, request }
}

async function prove() {
  await story.app.db.write('interactive', (tx) =>
    story.app.jobs.add(tx, {
      name: 'prove-account',
      payload: { accountId: ACME, step: 'compare' },
      key: proofJobKey(ACME, 'compare'),
    }),
  )
  await story.settle()
}

/** Until what was suspected is looked at again. */
async function confirm() {
  story.clock.advance(5 * MINUTE_MS + 1)
  await story.settle()
}

async function totals() {
  const [total] = await readProofTotals(story.app.db.read)
  if (total === undefined) return null
  const { proved, failed, drift } = total
  return { proved, failed, ...drift }
}

const NONE = { found: 0, repaired: 0 }
const NOTHING = { refs: NONE, 'pull-requests': NONE, builds: NONE, deployments: NONE, 'missing-repository': NONE }
const REPAIRED = { found: 1, repaired: 1 }
const trigger = async (project: Project) => {
  const { id } = await story.stored(project)
  return (await listSyncs(story.app.db.read, id, { before: null, limit: 1 }))[0]?.trigger
}

test('a repository that equals the host is proved with one listing of refs and three requests', async () => {
  const s = await startImported()

  await prove()

  expect(await totals()).toEqual({ proved: 1, failed: 0, ...NOTHING })
  const paths = s.gitlab.requests.map(({ method, path }) => `${method} ${path.replace(/\?.*/, '')}`)
  expect(paths.filter((path) => path.includes('.git'))).toEqual([
    'GET /acme/shop.git/info/refs',
    'POST /acme/shop.git/git-upload-pack',
  ])
  expect(paths.filter((path) => path.includes('/api/'))).toEqual(
    ['merge_requests', 'pipelines', 'deployments'].map((list) => `GET /api/v4/projects/${s.shop.id}/${list}`),
  )
  expect(await trigger(s.shop)).toBe('test')
})

test('a branch that moved without a hook and without a stamp is drift, and an ordinary synchronisation repairs it', async () => {
  const s = await startImported()
  await s.push(s.shop, 'main', ['SHOP-4 unnoticed'], { notice: false })

  await prove()
  expect(await totals()).toBeNull()
  await confirm()

  expect(await totals()).toMatchObject({ proved: 1, refs: REPAIRED, 'pull-requests': NONE })
  expect(await trigger(s.shop)).toBe('proof')
  expect(await s.commits(s.shop)).toContain('SHOP-4 unnoticed')
  await expect.poll(() => s.shown('SHOP-4')?.commits).toEqual(['SHOP-4 unnoticed'])
})

test('a branch that was deleted unnoticed is drift', async () => {
  const s = await startImported()
  await s.gitlab.git(s.shop, ['update-ref', '-d', 'refs/heads/topic'])

  await prove()
  await confirm()

  expect(await totals()).toMatchObject({ refs: REPAIRED })
  expect(await s.branches(s.shop)).toEqual(['main'])
})

test('a merge request that changed unnoticed is drift', async () => {
  const s = await startImported()
  s.request.title = 'PAY-9 another title'
  s.request.updatedAt = s.clock.now()

  await prove()
  await confirm()

  expect(await totals()).toMatchObject({ refs: NONE, 'pull-requests': REPAIRED })
  expect(await s.pullRequests(s.shop)).toEqual(['!1 OPEN: PAY-9 SHOP-2'])
})

test('a pipeline and a deployment of which no webhook told are drift', async () => {
  const s = await startImported()
  const environment = s.gitlab.addEnvironment(s.shop, { name: 'staging', tier: 'staging' })
  s.gitlab.addPipeline(s.shop, { ref: 'main', status: 'failed' })
  s.gitlab.addDeployment(s.shop, { environment, ref: 'main' })

  await prove()
  await confirm()

  expect(await totals()).toMatchObject({ refs: NONE, 'pull-requests': NONE, builds: REPAIRED, deployments: REPAIRED })
  expect(await trigger(s.shop)).toBe('proof')
  expect(s.shownRuns('SHOP-1')).toEqual({ builds: ['#1 FAILED'], deployments: ['staging SUCCESSFUL'] })
})

test('a pipeline that moved on unnoticed is drift', async () => {
  const s = await startImported()
  const pipeline = s.gitlab.addPipeline(s.shop, { ref: 'main', status: 'running' })
  await s.sync(s.shop)
  s.clock.advance(HOUR_MS)
  s.gitlab.setPipelineStatus(s.shop, pipeline, 'success')

  await prove()
  await confirm()

  expect(await totals()).toMatchObject({ builds: REPAIRED, deployments: NONE })
  expect(s.shownRuns('SHOP-1').builds).toEqual(['#1 SUCCESSFUL'])
})

test('a pipeline older than the first look is no drift, nor is a list that GitLab does not show', async () => {
  const s = await startImported()
  s.gitlab.addPipeline(s.shop, { ref: 'main', createdAt: new Date(s.clock.now().getTime() - 91 * DAY_MS) })
  s.gitlab.faults.add({ match: { path: /\/deployments\?/ }, answer: { status: 403 }, times: 9 })

  await prove()

  expect(await totals()).toEqual({ proved: 1, failed: 0, ...NOTHING })
})

test('a repository that is gone is drift until a sweep has marked it', async () => {
  const s = await startImported()
  await s.gitlab.deleteProject(s.shop)

  await prove()
  await confirm()

  expect(await totals()).toMatchObject({ refs: NONE, 'missing-repository': REPAIRED })
  expect((await s.stored(s.shop)).missing).toBe(true)
})

test('what a synchronisation repaired between seeing and looking again is no drift', async () => {
  const s = await startImported()
  await s.push(s.shop, 'main', ['SHOP-4 late hook'], { notice: false })
  await prove()

  s.clock.advance(MINUTE_MS)
  await s.sync(s.shop)
  await confirm()

  expect(await totals()).toEqual({ proved: 1, failed: 0, ...NOTHING })
  expect(await trigger(s.shop)).toBe('test')
})

test('what a synchronisation that runs just now is about to read is no drift', async () => {
  const s = await startImported()
  const { id } = await s.stored(s.shop)
  await s.push(s.shop, 'main', ['SHOP-4 pushed'], { notice: false })
  await prove()
  const release = s.gitlab.faults.add({ match: { method: 'POST', path: /git-upload-pack/ }, answer: 'hang', times: 1 })
  await requestRepositorySync(s.app, { id, mode: 'soft', trigger: 'test' })
  await expect.poll(async () => (await s.stored(s.shop)).sync.state).toBe('running')

  s.clock.advance(5 * MINUTE_MS + 1)

  await expect.poll(totals).toMatchObject({ proved: 1, refs: NONE })
  release()
})

test('a renamed repository is compared at its new address', async () => {
  const s = await startImported()
  s.gitlab.rename(s.shop, 'store')
  await s.project('shop', ['SHOP-5 of another project'])

  await prove()

  expect(await totals()).toMatchObject({ proved: 1, refs: NONE })
})

test('a difference that goes by itself is no drift', async () => {
  const s = await startImported()
  const head = s.shop.refs.get('refs/heads/main') ?? ''
  await s.gitlab.git(s.shop, ['update-ref', 'refs/heads/passing', head])
  await prove()
  await s.gitlab.git(s.shop, ['update-ref', '-d', 'refs/heads/passing'])
  await confirm()

  expect(await totals()).toMatchObject({ proved: 1, refs: NONE })
})

test('a repository that cannot be compared counts as failed and does not keep the others from their turn', async () => {
  const s = await startImported()
  s.gitlab.faults.add({ match: { path: /\.git\// }, answer: { status: 403 }, times: 9 })

  await prove()

  expect(await totals()).toMatchObject({ proved: 0, failed: 1, refs: NONE })
})

test.each([
  ['does not answer', { status: 502 }, 9],
  ['limits its rate', { status: 429, headers: { 'retry-after': '600' } }, 1],
] as const)('a host that %s ends the part, and nothing counts', async (_, answer, times) => {
  const s = await startImported()
  s.gitlab.faults.add({ match: { path: MERGE_REQUESTS }, answer, times })

  await prove()

  expect(await totals()).toBeNull()
  s.gitlab.faults.clear()
  s.clock.advance(11 * MINUTE_MS)
  await prove()
  expect(await totals()).toMatchObject({ proved: 1 })
})

test('fifty repositories are proved within a day by three an hour, each once, also over restarts and repeated jobs', async () => {
  const s = await start()
  await mapConcurrently(Array.from({ length: 50 }), 4, (_, number) =>
    s.gitlab.addProject({ namespace: s.acme, path: `repository-${number}` }),
  )
  await s.app.db.write('interactive', (tx) => tx.updateTable('accounts').set({ auto_link: 0 }).execute())
  await s.sweep()
  await s.app.db.write('interactive', (tx) =>
    tx.updateTable('repositories').set({ linked: 1, sync_started_at: 1, sync_finished_at: 1 }).execute(),
  )

  const perHour: number[] = []
  for (let hour = 0; hour < 23; hour++) {
    s.gitlab.clearRequests()
    await prove()
    await prove()
    perHour.push(s.gitlab.requests.filter(({ path }) => MERGE_REQUESTS.test(path)).length)
    s.clock.advance(HOUR_MS)
  }

  expect(perHour).toEqual([...Array.from({ length: 16 }, () => 3), 2, ...Array.from({ length: 6 }, () => 0)])
  expect(await totals()).toMatchObject({ proved: 50, failed: 0 })
  const { items } = await readProofHours(s.app.db.read, ACME, { after: null, limit: 100 })
  expect(items.reduce((sum, { proved }) => sum + proved, 0)).toBe(50)
}, 60_000)

test('the schedule proves a part every hour, beside the sweeps', async () => {
  const s = await start({ connector: { scheduled: true } })
  await s.project('shop', ['SHOP-1 begin'])
  await s.sweep()
  expect(await totals()).toBeNull()

  s.clock.advance(61 * MINUTE_MS)
  await s.settle()
  expect(await totals()).toMatchObject({ proved: 1 })

  s.clock.advance(DAY_MS)
  await s.settle()
  expect(await totals()).toMatchObject({ proved: 2 })
})
