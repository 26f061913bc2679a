import { afterEach, expect, test } from 'vitest'
import { KINDS } from '../../db/test-database.ts'
import type { IssueKey } from '../../domain/ids.ts'
import { ISSUE_PROPERTY_NAME } from '../../jira/issue-property.ts'
import { readDevelopmentInformation } from '../delivery/development-information.ts'
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../test-clock.ts'
import { startStory, type Story, type StoryOptions } from '../test-story.ts'

let story: Story
afterEach(() => story.close())

async function start(options?: StoryOptions) {
  story = await startStory(options)
  // Jira's list of projects is there before anything names them.
  await story.sweep()
  return { s: story, shop: await story.project('shop', ['SHOP-1 begin']) }
}

const jobsOf = async (key: string) => {
  const { repositories } = await readDevelopmentInformation(story.app, key as IssueKey)
  return repositories.flatMap(({ builds }) => builds.map(({ number, jobs }) => ({ number, jobs })))
}
const jobRequests = () => story.gitlab.requests.filter(({ path }) => path.includes('/jobs')).map(({ path }) => path)
const writes = () => story.jira.writes().properties

test.each(KINDS)(
  'the panel tells how many jobs of a finished build passed, and nothing while it runs (%s)',
  { timeout: 60_000 },
  async (kind) => {
    const { s, shop } = await start({ kind })
    const running = s.gitlab.addPipeline(shop, { ref: 'main', status: 'running', jobs: ['success', 'success', 'running'] })
    await s.sweep()
    await expect.poll(() => jobsOf('SHOP-1'), { timeout: 20_000 }).toEqual([{ number: 1, jobs: null }])
    expect(jobRequests()).toEqual([])

    s.clock.advance(MINUTE_MS)
    s.gitlab.setPipelineStatus(shop, running, 'failed')
    await s.sync(shop)

    const jobs = { total: 3, successful: 2, failed: 1 }
    await expect.poll(() => jobsOf('SHOP-1'), { timeout: 20_000 }).toEqual([{ number: 1, jobs }])
    expect(jobRequests()).toEqual([`/api/v4/projects/${shop.id}/pipelines/${running.id}/jobs?include_retried=false&per_page=100`])
  },
)

test('what is counted is on the issue, is not asked for again, and Jira gets no other property for it', async () => {
  const { s, shop } = await start()
  s.gitlab.addPipeline(shop, { ref: 'main', jobs: ['success'] })
  await s.sweep()
  expect(await jobsOf('SHOP-1')).toEqual([{ number: 1, jobs: { total: 1, successful: 1, failed: 0 } }])
  const property = JSON.stringify(s.jira.world.findIssue('SHOP-1')?.properties.get(ISSUE_PROPERTY_NAME))
  expect(property).toContain('"jobs":{"total":1,"successful":1,"failed":0}')
  const before = writes()
  s.gitlab.clearRequests()

  await s.sync(shop)
  await s.sync(shop, 'full')

  expect(jobRequests()).toEqual([])
  expect(writes()).toBe(before)
})

test.each([403, 404])('jobs that GitLab answers with %i are not known, and the synchronisation is done', async (status) => {
  const { s, shop } = await start()
  s.gitlab.addPipeline(shop, { ref: 'main' })
  s.gitlab.faults.add({ match: { path: /\/jobs/ }, answer: { status }, times: 99 })

  await s.sweep()
  await s.sync(shop)

  expect(await jobsOf('SHOP-1')).toEqual([{ number: 1, jobs: null }])
  expect((await s.stored(shop)).sync).toMatchObject({ state: 'idle', error: null })
  expect(jobRequests()).toHaveLength(1)
})

test.each([429, 500])('jobs that %i keeps away are counted by the next synchronisation; this one is done', async (status) => {
  const { s, shop } = await start()
  s.gitlab.addPipeline(shop, { ref: 'main' })
  const mend = s.gitlab.faults.add({ match: { path: /\/jobs/ }, answer: { status }, times: 99 })
  await s.sweep()
  expect(await jobsOf('SHOP-1')).toEqual([{ number: 1, jobs: null }])
  expect((await s.stored(shop)).sync).toMatchObject({ state: 'idle', error: null })

  mend()
  s.clock.advance(HOUR_MS)
  await s.sync(shop)

  expect(await jobsOf('SHOP-1')).toEqual([{ number: 1, jobs: { total: 1, successful: 1, failed: 0 } }])
})

test('twenty builds are counted in one synchronisation, the newest first, and none that is older than two weeks', async () => {
  const { s, shop } = await start()
  const now = s.clock.now().getTime()
  for (let number = 1; number <= 25; number += 1) {
    const days = number <= 2 ? 20 : 2
    s.gitlab.addPipeline(shop, { ref: 'main', createdAt: new Date(now - days * DAY_MS + number * MINUTE_MS) })
  }
  const counted = async () => (await jobsOf('SHOP-1')).filter(({ jobs }) => jobs !== null).map(({ number }) => number)

  await s.sweep()
  expect(await counted()).toEqual(Array.from({ length: 20 }, (_, index) => 25 - index))
  await s.sync(shop)
  await s.sync(shop)

  expect(await counted()).toEqual(Array.from({ length: 23 }, (_, index) => 25 - index))
  expect(jobRequests()).toHaveLength(23)
})

test('a build that names no issue of a project in Jira costs no request', async () => {
  const { s, shop } = await start()
  await s.push(shop, 'utf', ['Use UTF-8 everywhere'])
  s.gitlab.addPipeline(shop, { ref: 'utf' })

  await s.sweep()

  expect(jobRequests()).toEqual([])
})
