import { afterEach, expect, test, vi } from 'vitest'
import { findWebhookGaps } from '../../db/stores/webhook-gaps.ts'
import { accountId } from '../../domain/ids.ts'
import type { Project } from '../../sandbox/gitlab/model.ts'
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../test-clock.ts'
import { recordMissedWebhooks, recordStart } from './record-missed-webhooks.ts'
import { startReachableStory, type ReachableStory } from './test-receiver.ts'

// Many sweeps each: a machine that is busy takes its time.
vi.setConfig({ testTimeout: 180_000 })

let story: ReachableStory
afterEach(() => story.close())

const acme = accountId('acme')

/** `shop` with a pipeline and a live hook, read an hour ago. */
async function start(webhooks: 'project' | 'auto', scheduled = false) {
  const s = (story = await startReachableStory({
    account: { webhooks },
    gitlab: { features: { tier: 'premium' } },
    connector: { scheduled },
  }))
  s.gitlab.addMember(s.acme, s.maintainer, 'owner')
  const shop = await s.project('shop', ['SHOP-1 begin'])
  s.gitlab.addPipeline(shop, { ref: 'main' })
  await s.sweep()
  await s.gitlab.settle()
  s.clock.advance(3 * HOUR_MS)
  if (!scheduled) await s.sweep()
  s.clock.advance(HOUR_MS)
  await s.settle()
  expect((await s.stored(shop)).webhook.state).toBe('live')
  expect(s.shownRuns('SHOP-1').builds).toEqual(['#1 SUCCESSFUL'])
  return { ...s, shop }
}

/** A pipeline and a deployment whose webhooks nobody takes. */
async function runUnheard(project: Project) {
  const environment = story.gitlab.addEnvironment(project, { name: 'staging', tier: 'staging' })
  story.setDown(true)
  story.gitlab.addPipeline(project, { ref: 'main', status: 'failed' })
  story.gitlab.addDeployment(project, { environment, ref: 'main' })
  await story.gitlab.settle()
  story.setDown(false)
}

const FOUND = { builds: ['#1 SUCCESSFUL', '#2 FAILED'], deployments: ['staging SUCCESSFUL'] }
const NOT_FOUND = { builds: ['#1 SUCCESSFUL'], deployments: [] }

test.each(['project', 'auto'] as const)('what the webhooks missed is found within hours (%s)', async (mode) => {
  const s = await start(mode, true)
  await runUnheard(s.shop)

  for (let hour = 0; hour < 5; hour++) {
    s.clock.advance(61 * MINUTE_MS)
    await s.settle()
  }

  expect((await s.stored(s.shop)).webhook.state).toBe('live')
  expect(s.shownRuns('SHOP-1')).toEqual(FOUND)
})

test('a start of the connector has its accounts looked at soon, one without live webhooks not', async () => {
  const s = await start('project')
  await runUnheard(s.shop)
  await s.settle()
  expect(s.shownRuns('SHOP-1')).toEqual(NOT_FOUND)

  await recordStart(s.app)
  await s.settle()
  expect(s.shownRuns('SHOP-1')).toEqual(FOUND)

  await s.app.db.write('interactive', (tx) => tx.updateTable('repositories').set({ webhook_state: 'polling' }).execute())
  s.clock.advance(HOUR_MS)
  s.gitlab.clearRequests()
  await recordStart(s.app)
  await s.settle()
  expect(s.gitlab.requests).toEqual([])
})

test('webhooks that could not be stored have their account swept, those of nobody in particular are looked after later', async () => {
  const s = await start('project')
  await runUnheard(s.shop)
  s.app.webhooks.missed.note(null)
  await recordMissedWebhooks(s.app)
  await s.settle()
  expect(s.shownRuns('SHOP-1')).toEqual(NOT_FOUND)
  expect(await findWebhookGaps(s.app.db.read, acme)).toEqual({ missedAt: expect.any(Number) as number, wokenAt: null })

  s.app.webhooks.missed.note(acme)
  s.app.webhooks.missed.note(accountId('nobody'))
  await recordMissedWebhooks(s.app)
  await s.settle()
  expect(s.shownRuns('SHOP-1')).toEqual(FOUND)
  expect(s.app.webhooks.missed.list().size).toBe(0)
})

test('a look leaves half of the rate limit, and one that the host refuses leaves the sweep as it is', async () => {
  const s = await start('project')
  await runUnheard(s.shop)
  s.clock.advance(4 * HOUR_MS)
  s.gitlab.faults.add({ match: { path: /\/pipelines\?/ }, answer: { status: 502 }, times: 99 })
  await s.sweep()
  expect(s.shownRuns('SHOP-1')).toEqual(NOT_FOUND)
  const { state } = await s.app.db.read.selectFrom('accounts').select('state').where('id', '=', acme).executeTakeFirstOrThrow()
  expect(state).toBe('ok')

  s.gitlab.faults.clear()
  const connection = await s.app.connections.get(acme)
  const left = vi.spyOn(connection, 'requestsLeft').mockReturnValue(0.4)
  s.gitlab.clearRequests()
  await s.sweep()
  expect(s.gitlab.requests.filter(({ path }) => /\/pipelines\?/.test(path))).toEqual([])
  left.mockRestore()
  await s.sweep()
  expect(s.shownRuns('SHOP-1')).toEqual(FOUND)
})

test.each([
  [
    'stopped',
    (s: ReachableStory) => {
      // As after the 40th failure in a row: GitLab calls it no more.
      for (const hook of s.gitlab.hooks.values()) hook.failures = 40
      return Promise.resolve()
    },
  ],
  [
    'removed',
    (s: ReachableStory) => {
      s.gitlab.hooks.clear()
      return Promise.resolve()
    },
  ],
] as const)('what a hook of a group missed while it was %s is read when it is woken', async (_name, stop) => {
  const s = await start('auto')
  await stop(s)
  s.gitlab.addPipeline(s.shop, { ref: 'main' })
  await s.gitlab.settle()
  expect(s.shownRuns('SHOP-1').builds).toEqual(['#1 SUCCESSFUL'])

  s.clock.advance(61 * MINUTE_MS)
  await s.sweep()

  expect((await s.stored(s.shop)).webhook.state).toBe('live')
  expect(s.shownRuns('SHOP-1').builds).toHaveLength(s.shop.pipelines.length)
  s.gitlab.clearRequests()
  await s.sweep()
  expect(s.gitlab.requests.filter(({ path }) => /\/pipelines\?/.test(path))).toEqual([])
})

test('a repository that rested for a week is not read again when the hook of its group is woken', async () => {
  const s = await start('auto')
  s.clock.advance(8 * DAY_MS)
  await s.sweep()
  s.gitlab.hooks.clear()
  s.clock.advance(HOUR_MS)
  s.gitlab.clearRequests()

  await s.sweep()

  expect((await findWebhookGaps(s.app.db.read, acme)).wokenAt).not.toBeNull()
  expect(s.gitlab.requests.filter(({ path }) => /\/pipelines\?|\.git/.test(path))).toEqual([])
})
