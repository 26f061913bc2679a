import { afterEach, expect, test } from 'vitest'
import { countIssuesByState } from '../../db/stores/issues.ts'
import { ISSUE_PROPERTY_NAME } from '../../jira/issue-property.ts'
import { HOUR_MS, MINUTE_MS } from '../test-clock.ts'
import { startStory, type Story, type StoryOptions } from '../test-story.ts'

let story: Story
afterEach(() => story.close())

const start = async (options?: StoryOptions) => {
  story = await startStory(options)
  return story
}
const issueRow = (key: string) =>
  story.app.db.read
    .selectFrom('issues')
    .select(['state', 'due_at', 'reason', 'jira_id', 'current_key'])
    .where('issue_key', '=', key)
    .executeTakeFirstOrThrow()
/** Long enough for the next reading of Jira's projects, and for jobs that failed. */
const wait = async (ms = 6 * MINUTE_MS) => {
  story.clock.advance(ms)
  await story.settle()
}

test('a hundred changes of one issue are one write', async () => {
  const s = await start()
  await s.project(
    'shop',
    Array.from({ length: 100 }, (_, index) => `SHOP-1 change ${index}`),
  )

  await s.sweep()

  expect(s.jira.writes().properties).toBe(1)
  expect(s.shown('SHOP-1')?.commits).toHaveLength(100)
})

test('content that did not change is not written again', async () => {
  const s = await start()
  const shop = await s.project('shop', ['SHOP-1 begin', 'SHOP-2 next'])
  await s.push(shop, 'topic', ['SHOP-3 topic'])
  await s.gitlab.openMergeRequest(shop, { author: s.maintainer, title: 'For SHOP-2', sourceBranch: 'topic' })
  await s.sweep()
  s.jira.forgetRequests()

  await s.sync(shop, 'full')
  await s.sync(shop)
  await wait(HOUR_MS)

  expect(s.jira.writes()).toMatchObject({ properties: 0, propertiesDeleted: 0 })
})

test('a project that comes to Jira later gets its history without a request to GitLab', async () => {
  const s = await start()
  await s.project('shop', ['NEW-1 early', 'SHOP-1 begin'])
  await s.sweep()
  expect(await issueRow('NEW-1')).toMatchObject({ state: 'unknown', due_at: null })
  s.gitlab.clearRequests()
  s.jira.world.addProject({ key: 'NEW', name: 'New' })
  s.jira.world.seedIssues('NEW', 3)

  await wait()

  expect(s.shown('NEW-1')?.commits).toEqual(['NEW-1 early'])
  expect(s.gitlab.requests).toEqual([])
})

test('an issue that is created after its commit gets it', async () => {
  const s = await start()
  await s.project('shop', ['SHOP-99 early'])
  await s.sweep()
  expect(await issueRow('SHOP-99')).toMatchObject({ state: 'unknown' })
  s.jira.world.createIssue({ project: 'SHOP', number: 99, summary: 'Late' })

  await wait()

  expect(s.shown('SHOP-99')?.commits).toEqual(['SHOP-99 early'])
})

test('a moved issue keeps its information under both keys, as one issue with one property', async () => {
  const s = await start()
  const shop = await s.project('shop', ['SHOP-1 before the move'])
  await s.sweep()
  const { id, key } = s.jira.world.moveIssue('SHOP-1', 'PAY')
  await s.push(shop, 'main', [`${key} after the move`, 'SHOP-1 by its old name'])
  s.jira.forgetRequests()

  await s.sync(shop)

  const commits = ['PAY-21 after the move', 'SHOP-1 before the move', 'SHOP-1 by its old name']
  expect(s.shown('SHOP-1')?.commits).toEqual(commits)
  expect(s.jira.world.findIssue('PAY-21')?.properties.get(ISSUE_PROPERTY_NAME)).toMatchObject({
    issue: 'PAY-21',
    summary: { commits: 3 },
  })
  expect(await issueRow('SHOP-1')).toMatchObject({ jira_id: id, state: 'clean' })
  expect(await issueRow('PAY-21')).toMatchObject({ jira_id: id, state: 'clean' })
  await wait(HOUR_MS)
  await s.sync(shop, 'full')
  expect(s.jira.writes().properties).toBe(1)
})

test('a renamed project key goes on under the former one', async () => {
  const s = await start()
  const shop = await s.project('shop', ['SHOP-1 before'])
  await s.sweep()
  s.jira.world.renameProjectKey('SHOP', 'STORE')
  await wait()
  await s.push(shop, 'main', ['STORE-1 after', 'SHOP-2 by the former key'])

  await s.sync(shop)

  expect(s.shown('STORE-1')?.commits).toEqual(['SHOP-1 before', 'STORE-1 after'])
  expect(s.shown('STORE-2')?.commits).toEqual(['SHOP-2 by the former key'])
})

test('while Jira is down nothing is lost, however long it lasts', async () => {
  const s = await start()
  s.jira.setFault('unavailable')
  const shop = await s.project('shop', ['SHOP-1 begin'])
  await s.sweep()
  expect((await s.stored(shop)).sync.state).toBe('idle')
  for (let tries = 0; tries < 30; tries++) await wait()
  expect(s.shown('SHOP-1')).toBeNull()

  s.jira.setFault('none')
  s.jira.world.addProject({ key: 'NEW', name: 'New' })
  s.jira.world.seedIssues('NEW', 1)
  for (let tries = 0; tries < 3; tries++) await wait()

  expect(s.shown('SHOP-1')?.commits).toEqual(['SHOP-1 begin'])
  const projects = await s.app.db.read.selectFrom('projects').select('key').where('key', '=', 'NEW').execute()
  expect(projects).toHaveLength(1)
}, 60_000)

test('an issue that Jira refuses keeps the reason, and the others go on', async () => {
  const s = await start()
  s.jira.world.addProject({ key: 'READ', name: 'Read only', members: { viewers: ['connector'] } })
  s.jira.world.seedIssues('READ', 1)
  await wait()
  const shop = await s.project('shop', ['READ-1 refused', 'SHOP-1 taken'])

  await s.sweep()

  expect(s.shown('SHOP-1')).not.toBeNull()
  const row = await issueRow('READ-1')
  expect(row).toMatchObject({ state: 'refused', due_at: null })
  expect(JSON.parse(row.reason ?? '')).toMatchObject({ code: 'jira-permission-missing' })

  const project = s.jira.world.findProject('READ')
  if (project !== null) project.members = null
  await s.push(shop, 'main', ['READ-1 changed'])
  await s.sync(shop)
  expect(s.shown('READ-1')?.commits).toEqual(['READ-1 changed', 'READ-1 refused'])
  expect(await issueRow('READ-1')).toMatchObject({ state: 'clean', reason: null })
})

test('another Jira behind the same address gets nothing', async () => {
  const s = await start()
  const shop = await s.project('shop', ['SHOP-1 begin'])
  await s.sweep()
  s.jira.configure({ serverId: 'another-jira' })
  s.jira.forgetRequests()
  s.clock.advance(11 * MINUTE_MS)

  await s.push(shop, 'main', ['SHOP-2 not for you'])
  await s.sync(shop)
  await wait()

  expect(s.jira.writes().properties).toBe(0)
  expect(await issueRow('SHOP-2')).toMatchObject({ state: 'dirty' })
})

test('an account for some Jira projects tells the others nothing', async () => {
  const s = await start({ account: { jiraProjects: ['PAY'] } })
  await s.project('shop', ['SHOP-1 begin', 'PAY-1 begin'])

  await s.sweep()

  expect(s.shown('PAY-1')?.commits).toEqual(['PAY-1 begin'])
  expect(s.shown('SHOP-1')).toBeNull()
})

test('with links an issue gets one remote link, which goes with the information', async () => {
  const s = await start({ delivery: ['property', 'link'] })
  const shop = await s.project('shop', ['SHOP-1 begin'])
  await s.push(shop, 'topic', ['SHOP-2 topic'])
  await s.sweep()
  const links = (key: string) => s.jira.world.findIssue(key)?.remoteLinks.map(({ globalId }) => globalId)
  const id = s.jira.world.findIssue('SHOP-2')?.id
  expect(links('SHOP-2')).toEqual([`dvcs-connector:test-installation:${id}`])

  await s.push(shop, 'topic', ['SHOP-2 more'])
  await s.sync(shop)
  expect(links('SHOP-2')).toHaveLength(1)

  await s.deleteBranch(shop, 'topic')
  await s.sync(shop)
  expect(links('SHOP-2')).toEqual([])
  expect(links('SHOP-1')).toHaveLength(1)
  expect(await countIssuesByState(s.app.db.read)).toMatchObject({ clean: 2, dirty: 0 })
})
