import { afterEach, expect, test } from 'vitest'
import { saveAccount } from '../../db/stores/accounts.ts'
import { listKeysOfSameIssue } from '../../db/stores/issues.ts'
import { issueKey } from '../../domain/ids.ts'
import { ISSUE_PROPERTY_NAME } from '../../jira/issue-property.ts'
import { acceptMovedJira } from '../identity/ensure-same-jira.ts'
import { DELIVERY_DELAY_MS } from '../app-context.ts'
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../test-clock.ts'
import { toAccountSettings } from '../test-connector.ts'
import { startStory, type Story, type StoryOptions } from '../test-story.ts'
import { deliverIssues } from './deliver-issues.ts'
import { refreshProjects } from './refresh-projects.ts'

let story: Story
afterEach(() => story.close())

const start = async (options?: StoryOptions) => {
  story = await startStory(options)
  return story
}
const issueRow = (key: string) =>
  story.app.db.read
    .selectFrom('issues')
    .select(['state', 'jira_id', 'current_key', 'content_hash', 'check_at'])
    .where('issue_key', '=', key)
    .executeTakeFirstOrThrow()
const wait = async (ms = 6 * MINUTE_MS) => {
  story.clock.advance(ms)
  await story.settle()
}
const property = (key: string) => story.jira.world.findIssue(key)?.properties.get(ISSUE_PROPERTY_NAME)
/** A connector whose workers do not deliver: what `deliverWith` delivers, nobody else does at the same time. */
const startWithoutDelivery = () => start({ connector: { settings: { deliver: false } } })
/** The same connector after a restart with other settings; nothing is to settle afterwards, its jobs stay. */
const deliverWith = async (changes: Partial<Pick<Story['app'], 'jira' | 'settings'>>) => {
  const app = { ...story.app, ...changes }
  await refreshProjects(app, story.signal)
  await deliverIssues(app, story.signal)
}
/** Imported changes wait a moment for more of their kind. */
const deliverAfterBurst = (changes: Parameters<typeof deliverWith>[0]) => {
  story.clock.advance(DELIVERY_DELAY_MS)
  return deliverWith(changes)
}
const jiraOf = ({ app }: Story) => {
  if (app.jira === null) throw new Error('no Jira')
  return app.jira
}

test('what was refused is delivered after the permission came, without a change', async () => {
  const s = await start()
  s.jira.world.addProject({ key: 'READ', name: 'Read only', members: { viewers: ['connector'] } })
  s.jira.world.seedIssues('READ', 3)
  await wait()
  await s.project('shop', ['READ-1 one', 'READ-2 two', 'READ-3 three'])
  await s.sweep()
  expect(await issueRow('READ-1')).toMatchObject({ state: 'refused' })
  const project = s.jira.world.findProject('READ')
  if (project !== null) project.members = null

  await wait(10 * MINUTE_MS)

  for (const key of ['READ-1', 'READ-2', 'READ-3']) expect(s.shown(key)?.commits).toHaveLength(1)
})

test('an issue that stays refused is asked about ever less often', async () => {
  const s = await start()
  s.jira.world.addProject({ key: 'READ', name: 'Read only', members: { viewers: ['connector'] } })
  s.jira.world.seedIssues('READ', 1)
  await wait()
  await s.project('shop', ['READ-1 one'])
  await s.sweep()
  s.jira.forgetRequests()

  for (let refresh = 0; refresh < 40; refresh++) await wait()

  // Four hours: after 5, 10, 20, 40, 80 minutes.
  const tried = s.jira.requests().filter(({ method, path }) => method === 'PUT' && path.includes('/issue/')).length
  expect(tried).toBeGreaterThanOrEqual(4)
  expect(tried).toBeLessThanOrEqual(6)
})

test('a full synchronisation brings back a property that was deleted in Jira, and writes no other', async () => {
  const s = await start()
  const shop = await s.project('shop', ['SHOP-1 begin', 'SHOP-2 next'])
  await s.sweep()
  s.jira.world.findIssue('SHOP-1')?.properties.delete(ISSUE_PROPERTY_NAME)
  s.jira.forgetRequests()

  await s.sync(shop, 'full')

  expect(s.shown('SHOP-1')?.commits).toEqual(['SHOP-1 begin'])
  expect(s.jira.writes().properties).toBe(1)
})

test('less detail applies to issues that do not change any more', async () => {
  const s = await startWithoutDelivery()
  await s.project('shop', ['SHOP-1 a secret name'])
  await s.sweep()
  await deliverAfterBurst({})
  expect(JSON.stringify(property('SHOP-1'))).toContain('a secret name')

  await deliverWith({ jira: { ...jiraOf(s), propertyLevel: () => 'counts' } })

  expect(JSON.stringify(property('SHOP-1'))).not.toContain('a secret name')
})

test('links that are switched on later, and another address of ours, reach every issue once', async () => {
  const s = await startWithoutDelivery()
  await s.project('shop', ['SHOP-1 begin'])
  await s.sweep()
  await deliverAfterBurst({})
  const jira = { ...jiraOf(s), delivery: ['property', 'link'] as const }

  await deliverWith({ jira })
  expect(s.jira.world.findIssue('SHOP-1')?.remoteLinks).toHaveLength(1)

  const settings = { ...s.app.settings, serverUrl: 'https://dvcs.example.com' }
  await deliverWith({ jira, settings })
  expect(property('SHOP-1')).toMatchObject({ panelUrl: 'https://dvcs.example.com/issues/SHOP-1' })
  expect(s.jira.world.findIssue('SHOP-1')?.remoteLinks[0]).toMatchObject({
    value: { object: { url: 'https://dvcs.example.com/issues/SHOP-1' } },
  })

  s.jira.forgetRequests()
  await deliverWith({ jira, settings })
  expect(s.jira.writes()).toMatchObject({ properties: 0 })
})

test('an account that no longer serves a project takes its information back', async () => {
  const s = await start()
  await s.project('shop', ['SHOP-1 begin', 'PAY-1 begin'])
  await s.sweep()
  const settings = toAccountSettings('acme', { url: s.gitlab.url, owner: 'acme', jiraProjects: ['PAY'] })

  await s.app.db.write('interactive', (tx) => saveAccount(tx, settings, {}, s.clock.now().getTime()))
  await wait()

  expect(s.shown('SHOP-1')).toBeNull()
  expect(s.shown('PAY-1')?.commits).toEqual(['PAY-1 begin'])
})

test('in a Jira that was moved no issue gets what belongs to the one that had its number', async () => {
  const s = await start()
  const shop = await s.project('shop', ['SHOP-1 begin', 'SHOP-2 next'])
  await s.sweep()
  // The new Jira gave their numbers to other issues.
  const [one, two] = [s.jira.world.findIssue('SHOP-1')?.id ?? '', s.jira.world.findIssue('SHOP-2')?.id ?? '']
  await s.app.db.write('interactive', async (tx) => {
    await tx.updateTable('issues').set({ jira_id: two }).where('issue_key', '=', 'SHOP-1').execute()
    await tx.updateTable('issues').set({ jira_id: '999999' }).where('issue_key', '=', 'SHOP-2').execute()
  })
  s.jira.configure({ serverId: 'moved-jira' })

  await acceptMovedJira(s.app, jiraOf(s), s.signal)
  await wait()
  await s.push(shop, 'main', ['SHOP-1 more'])
  await s.sync(shop)

  expect(s.shown('SHOP-1')?.commits).toEqual(['SHOP-1 begin', 'SHOP-1 more'])
  expect(s.shown('SHOP-2')?.commits).toEqual(['SHOP-2 next'])
  expect(await issueRow('SHOP-1')).toMatchObject({ jira_id: one, state: 'clean' })
  expect(await issueRow('SHOP-2')).toMatchObject({ jira_id: two, state: 'clean' })
})

test('an issue that was deleted and made again under its key is found again', async () => {
  const s = await start()
  const shop = await s.project('shop', ['SHOP-1 begin'])
  await s.sweep()
  await s.app.db.write('interactive', (tx) =>
    tx.updateTable('issues').set({ jira_id: '999999' }).where('issue_key', '=', 'SHOP-1').execute(),
  )
  await s.push(shop, 'main', ['SHOP-1 more'])

  await s.sync(shop)

  expect(s.shown('SHOP-1')?.commits).toEqual(['SHOP-1 begin', 'SHOP-1 more'])
  expect(await issueRow('SHOP-1')).toMatchObject({ jira_id: s.jira.world.findIssue('SHOP-1')?.id, state: 'clean' })
})

test('an issue that moved is called by its new key at the next delivery, and found by it', async () => {
  const s = await start()
  const shop = await s.project('shop', ['SHOP-1 before'])
  await s.sweep()
  const { key } = s.jira.world.moveIssue('SHOP-1', 'PAY')
  await s.push(shop, 'main', ['SHOP-1 by its old name'])

  await s.sync(shop)

  expect(property(key)).toMatchObject({ issue: key, summary: { commits: 2 } })
  expect(await listKeysOfSameIssue(s.app.db.read, issueKey(key))).toEqual([key, 'SHOP-1'])
})

test('keys that name no issue are asked about with one request, and ever less often', async () => {
  const s = await start()
  await s.project(
    'shop',
    Array.from({ length: 50 }, (_, index) => `SHOP-${index + 900} no issue`),
  )
  await s.sweep()
  s.jira.forgetRequests()

  for (let refresh = 0; refresh < 40; refresh++) await wait()

  const asked = s.jira.requests().filter(({ path }) => /\/search$|\/issue\//.test(path))
  expect(asked.length).toBeGreaterThanOrEqual(4)
  expect(asked.length).toBeLessThanOrEqual(6)

  s.jira.world.createIssue({ project: 'SHOP', number: 900, summary: 'Late' })
  await wait(DAY_MS + HOUR_MS)
  expect(s.shown('SHOP-900')?.commits).toEqual(['SHOP-900 no issue'])
})
