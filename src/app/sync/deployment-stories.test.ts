import { rm } from 'node:fs/promises'
import { afterEach, expect, test } from 'vitest'
import { KINDS } from '../../db/test-database.ts'
import { mirrorOf } from './open-history.ts'
import { HOUR_MS, MINUTE_MS } from '../test-clock.ts'
import { startStory, type Story, type StoryOptions } from '../test-story.ts'

let story: Story
afterEach(() => story.close())

async function start(options?: StoryOptions) {
  story = await startStory(options)
  const shop = await story.project('shop', ['SHOP-1 begin'])
  const staging = story.gitlab.addEnvironment(shop, { name: 'staging', tier: 'staging' })
  // A minute apart, in the past: on PostgreSQL the queue's own clock cannot be moved.
  let at = story.clock.now().getTime() - HOUR_MS
  const deploy = (status = 'success', more: { readonly sha?: string } = {}) => {
    at += MINUTE_MS
    return story.gitlab.addDeployment(shop, { environment: staging, ref: 'main', status, createdAt: new Date(at), ...more })
  }
  return { ...story, shop, deploy }
}

/** `#number STATE environment (type): keys` of the stored deployments. */
const deployments = async () => {
  const rows = await story.app.db.read
    .selectFrom('deployments as d')
    .innerJoin('deployment_keys as k', 'k.deployment_id', 'd.id')
    .select(['d.number', 'd.state', 'd.environment', 'd.environment_type', 'k.issue_key'])
    .orderBy('d.number')
    .orderBy('k.issue_key')
    .execute()
  const groups = Map.groupBy(rows, (row) => `#${row.number} ${row.state} ${row.environment} (${row.environment_type})`)
  return [...groups].map(([name, keys]) => `${name}: ${keys.map((row) => row.issue_key).join(' ')}`)
}
const requestsOf = (part: RegExp) => story.gitlab.requests.filter(({ path }) => part.test(path)).length

test.each(KINDS)('a deployment brings the commits since the last successful one (%s)', { timeout: 60_000 }, async (kind) => {
  const s = await start({ kind })
  s.deploy()
  await s.push(s.shop, 'main', ['SHOP-2 one', 'no key', 'SHOP-3 two'])
  s.deploy('failed')
  await s.push(s.shop, 'main', ['SHOP-4 three'])
  s.deploy()

  await s.sweep()

  await expect
    .poll(deployments, { timeout: 20_000 })
    .toEqual([
      '#1 SUCCESSFUL staging (staging): SHOP-1',
      '#2 FAILED staging (staging): SHOP-2 SHOP-3',
      '#3 SUCCESSFUL staging (staging): SHOP-2 SHOP-3 SHOP-4',
    ])
  const shown = () => s.shownRuns('SHOP-2').deployments
  await expect.poll(shown, { timeout: 20_000 }).toEqual(['staging FAILED', 'staging SUCCESSFUL'])
})

test('deployments of later runs count from those of earlier ones, with keys or without', async () => {
  const s = await start()
  await s.push(s.shop, 'main', ['no key'])
  s.deploy()
  await s.sweep()
  expect(await deployments()).toEqual([])
  await s.push(s.shop, 'main', ['SHOP-2 one', 'no key either'])
  s.deploy()

  await s.sync(s.shop)
  expect(await deployments()).toEqual(['#2 SUCCESSFUL staging (staging): SHOP-2'])
  await s.sync(s.shop, 'full')
  expect(await deployments()).toEqual(['#2 SUCCESSFUL staging (staging): SHOP-2'])
})

test('a rollback brings nothing but its own commit', async () => {
  const s = await start()
  const first = s.deploy()
  const [tip = ''] = await s.push(s.shop, 'topic', ['SHOP-2 work'])
  await s.gitlab.git(s.shop, ['update-ref', 'refs/heads/main', tip])
  await s.gitlab.noticePush(s.shop, s.maintainer)
  s.deploy()
  s.deploy('success', { sha: first.sha })

  await s.sweep()

  expect(await deployments()).toEqual([
    '#1 SUCCESSFUL staging (staging): SHOP-1',
    '#2 SUCCESSFUL staging (staging): SHOP-2',
    '#3 SUCCESSFUL staging (staging): SHOP-1',
  ])
})

test('a local copy that is gone is fetched again although no branch moved', async () => {
  const s = await start()
  s.deploy()
  await s.push(s.shop, 'main', ['SHOP-2 one', 'no key'])
  await s.sweep()
  const { id } = await s.stored(s.shop)
  await mirrorOf(s.app, { id }).discard()
  await rm(`${s.dataDir}/git/${id}.git`, { recursive: true, force: true })
  s.deploy()

  await s.sync(s.shop)

  expect(await deployments()).toContain('#2 SUCCESSFUL staging (staging): SHOP-2')
})

test('an environment is asked for its tier once, and again by a full synchronisation', async () => {
  const s = await start()
  s.deploy()
  await s.sweep()
  s.deploy()
  await s.sync(s.shop)
  expect(requestsOf(/\/environments/)).toBe(1)

  await s.sync(s.shop, 'full')

  expect(requestsOf(/\/environments/)).toBe(2)
})

test(
  'an old deployment that changes again keeps its issues when what was before it is long forgotten',
  { timeout: 60_000 },
  async () => {
    const s = await start()
    s.deploy()
    await s.push(s.shop, 'main', ['SHOP-2 one', 'no key'])
    const old = s.deploy()
    await s.sweep()
    for (let more = 0; more < 101; more++) s.deploy()
    await s.sync(s.shop)
    const remembered = await s.app.db.read.selectFrom('environment_deployments').select('number').execute()
    expect(remembered).toHaveLength(100)
    s.clock.advance(2 * HOUR_MS)

    const changedAt = s.clock.now()
    old.updatedAt = changedAt
    await s.sync(s.shop)

    const row = await s.app.db.read
      .selectFrom('deployments')
      .select('updated_at')
      .where('number', '=', 2)
      .executeTakeFirstOrThrow()
    expect(row.updated_at).toBe(changedAt.getTime())
    expect(await deployments()).toEqual(['#1 SUCCESSFUL staging (staging): SHOP-1', '#2 SUCCESSFUL staging (staging): SHOP-2'])
  },
)

test('a full synchronisation removes a deployment that was deleted', async () => {
  const s = await start()
  s.deploy()
  s.deploy()
  await s.sweep()
  s.shop.deployments.pop()

  await s.sync(s.shop, 'full')

  expect(await deployments()).toEqual(['#1 SUCCESSFUL staging (staging): SHOP-1'])
  const known = await s.app.db.read.selectFrom('environment_deployments').select('number').execute()
  expect(known).toEqual([{ number: 1 }])
})
