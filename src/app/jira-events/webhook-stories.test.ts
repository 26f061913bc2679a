import { createHmac } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { ISSUE_PROPERTY_NAME } from '../../jira/issue-property.ts'
import { toPathSecret } from '../../jira/webhook-signature.ts'
import { MINUTE_MS } from '../test-clock.ts'
import { JIRA_WEBHOOK_SECRET } from '../test-connector.ts'
import { startStory, type Story, type StoryOptions } from '../test-story.ts'
import { findInstallation, renewJiraWebhook } from './install-jira-webhook.ts'
import { looksAfterJira, pollJira } from './poll-jira.ts'
import { receiveJiraWebhook } from './receive-jira-webhook.ts'
import { startJiraReceiver, type TestJiraReceiver } from './test-jira-receiver.ts'
import { findArrival } from './webhook-arrival.ts'

let story: Story
let receiver: TestJiraReceiver
beforeEach(async () => {
  receiver = await startJiraReceiver()
})
afterEach(async () => {
  receiver.close()
  await story.close()
})

/** A connector that Jira can reach, its webhook installed, and no poll beside it. */
const start = async ({ version = '10.3.5', ...more }: StoryOptions & { version?: string } = {}) => {
  story = await startStory({
    jiraEvents: { webhooks: 'auto' },
    jiraOptions: { version },
    connector: { settings: { serverUrl: receiver.serverUrl } },
    ...more,
  })
  receiver.app = story.app
  return story
}
const issueRow = (key: string) =>
  story.app.db.read
    .selectFrom('issues')
    .select(['state', 'jira_id', 'current_key', 'due_at', 'attempts'])
    .where('issue_key', '=', key)
    .executeTakeFirstOrThrow()
/** Until what Jira told has reached us and was followed. */
const followed = async () => {
  await story.jira.webhooks.settle()
  story.clock.advance(2_500)
  await story.settle()
}
const property = (key: string) => story.jira.world.findIssue(key)?.properties.get(ISSUE_PROPERTY_NAME)

describe.each(['9.12.4', '10.3.5', '11.1.0'])('Jira %s', (version) => {
  test('gets the webhook from the connector, and an issue created after its commit has it at once', async () => {
    const s = await start({ version })
    await s.project('shop', ['SHOP-99 early'])
    await s.sweep()
    expect(await issueRow('SHOP-99')).toMatchObject({ state: 'unknown' })
    expect(await findInstallation(s.app.db.read)).toMatchObject({ state: 'installed' })

    s.jira.world.createIssue({ project: 'SHOP', number: 99, summary: 'Late' })
    await followed()

    expect(receiver.answers).toEqual(['stored'])
    expect(s.shown('SHOP-99')?.commits).toEqual(['SHOP-99 early'])
    const [hook, ...others] = s.jira.webhooks.all.values()
    expect(others).toEqual([])
    expect(hook?.url).toBe(
      `${receiver.serverUrl}/webhooks/jira${version.startsWith('9') ? `/${toPathSecret(JIRA_WEBHOOK_SECRET)}` : ''}`,
    )
    expect(hook?.secret).toBe(version.startsWith('9') ? null : JIRA_WEBHOOK_SECRET)
  })
})

test('a moved issue gets its information under the new key, with one write', async () => {
  const s = await start()
  await s.project('shop', ['SHOP-1 before the move'])
  await s.sweep()
  s.jira.forgetRequests()

  const { id, key } = s.jira.world.moveIssue('SHOP-1', 'PAY')
  await followed()

  expect(property(key)).toMatchObject({ issue: key, summary: { commits: 1 } })
  expect(await issueRow('SHOP-1')).toMatchObject({ jira_id: id, current_key: key, state: 'clean' })
  expect(s.jira.writes().properties).toBe(1)
})

test('a move whose webhook was lost is noticed with the next change', async () => {
  const s = await start()
  await s.project('shop', ['SHOP-1 before the move'])
  await s.sweep()
  s.jira.webhooks.lost = true
  const moved = s.jira.world.moveIssue('SHOP-1', 'PAY')
  s.jira.webhooks.lost = false

  s.jira.world.noteChange(moved, [{ field: 'summary', from: 'a', to: 'b' }])
  await followed()

  expect(property(moved.key)).toMatchObject({ issue: moved.key })
})

test('a deleted issue is asked for once more and written never again; made anew it gets everything', async () => {
  const s = await start()
  const shop = await s.project('shop', ['SHOP-1 begin', 'SHOP-2 stays'])
  await s.sweep()
  s.jira.forgetRequests()

  s.jira.world.deleteIssue('SHOP-1')
  await followed()

  expect(await issueRow('SHOP-1')).toMatchObject({ state: 'unknown', jira_id: null, current_key: null, due_at: null })
  expect(s.jira.writes().properties).toBe(0)
  const asked = s.jira.requests().length
  s.clock.advance(MINUTE_MS)
  await s.settle()
  expect(s.jira.requests().length).toBe(asked)

  s.jira.world.createIssue({ project: 'SHOP', number: 1, summary: 'Again' })
  await followed()

  expect(s.shown('SHOP-1')?.commits).toEqual(['SHOP-1 begin'])
  await s.push(shop, 'main', ['SHOP-1 more'])
  await s.sync(shop)
  expect(s.shown('SHOP-1')?.commits).toEqual(['SHOP-1 begin', 'SHOP-1 more'])
})

test('a webhook that lies about a deletion changes nothing', async () => {
  const s = await start()
  await s.project('shop', ['SHOP-1 begin'])
  await s.sweep()
  s.jira.forgetRequests()
  const issue = s.jira.world.findIssue('SHOP-1')

  if (issue !== null)
    s.jira.webhooks.fire({ kind: 'issue', event: 'jira:issue_deleted', type: 'issue_deleted', issue, changes: [] })
  await followed()

  expect(await issueRow('SHOP-1')).toMatchObject({ state: 'clean', jira_id: issue?.id })
  expect(s.jira.writes()).toMatchObject({ properties: 0, propertiesDeleted: 0 })
})

test('changes of fields, and issues that nothing here names, cost neither a write nor a request', async () => {
  const s = await start()
  const shop = await s.project('shop', ['SHOP-1 begin'])
  await s.sweep()
  s.jira.world.createIssue({ project: 'PAY', summary: 'The first to arrive' })
  await followed()
  s.jira.forgetRequests()
  const version = () => s.app.db.read.selectFrom('issues').select('version').where('issue_key', '=', 'SHOP-1').executeTakeFirst()
  const before = await version()

  for (const key of ['SHOP-1', 'PAY-1', 'PAY-2']) {
    const issue = s.jira.world.findIssue(key)
    if (issue !== null) s.jira.world.noteChange(issue, [{ field: 'status', from: 'To Do', to: 'Done' }])
  }
  await followed()

  expect(receiver.answers.slice(-3)).toEqual(['nothing-new', 'nothing-new', 'nothing-new'])
  expect(s.jira.requests()).toEqual([])
  expect(await version()).toEqual(before)
  expect((await s.stored(shop)).sync.state).toBe('idle')
})

test('a project that is created, renamed or deleted is known within seconds', async () => {
  const s = await start()
  await s.project('shop', ['NEW-1 early', 'SHOP-1 begin'])
  await s.sweep()
  const projects = async () =>
    (await s.app.db.read.selectFrom('projects').select('key').orderBy('key').execute()).map(({ key }) => key)

  s.jira.world.addProject({ key: 'NEW', name: 'New' })
  s.jira.world.seedIssues('NEW', 1)
  await followed()
  expect(s.shown('NEW-1')?.commits).toEqual(['NEW-1 early'])

  s.jira.world.renameProjectKey('SHOP', 'STORE')
  await followed()
  expect(await projects()).toEqual(['NEW', 'PAY', 'SHOP', 'STORE'])

  s.jira.world.deleteProject('NEW')
  await followed()
  expect(await projects()).toEqual(['PAY', 'SHOP', 'STORE'])
})

test('a bulk creation of 1,000 issues is looked up by the hundred', async () => {
  const s = await start()
  const wanted = Array.from({ length: 150 }, (_, index) => `SHOP-${index + 100} early`)
  await s.project('shop', wanted)
  await s.sweep()
  s.jira.forgetRequests()

  for (let number = 100; number < 1_100; number += 1) s.jira.world.createIssue({ project: 'SHOP', number, summary: 'Bulk' })
  await followed()
  await followed()

  expect(s.shown('SHOP-100')).not.toBeNull()
  expect(s.shown('SHOP-249')).not.toBeNull()
  expect(s.jira.writes().properties).toBe(150)
  // A search for a hundred, and for what of a wave is left over.
  expect(s.jira.requests().filter(({ path }) => path.endsWith('/search')).length).toBeLessThan(30)
  expect(receiver.answers.filter((answer) => answer === 'refused')).toEqual([])
}, 60_000)

test('once Jira has signed, what an address alone vouches for is refused; of a Jira before 10 it is taken again', async () => {
  const s = await start({ version: '9.12.4' })
  await s.project('shop', ['SHOP-98 early', 'SHOP-99 early'])
  await s.sweep()
  const [old] = s.jira.webhooks.all.values()
  const body = Buffer.from(JSON.stringify({ webhookEvent: 'jira:issue_updated', issue: { id: '1', key: 'OPS-1' } }))
  const send = (proof: { signature?: string; path?: boolean }) =>
    receiveJiraWebhook(s.app, {
      proof: { signature: proof.signature, pathSecret: proof.path === true ? (old?.url.split('/').at(-1) ?? '') : null },
      body,
    })
  const signature = `sha256=${createHmac('sha256', JIRA_WEBHOOK_SECRET).update(body).digest('hex')}`

  expect(await send({ path: true })).toBe('nothing-new')
  expect(await send({ signature })).toBe('nothing-new')
  expect(await send({ path: true })).toBe('refused')
  s.clock.advance(MINUTE_MS)
  expect(await send({ signature })).toBe('nothing-new')
  expect(await send({ path: true })).toBe('refused')

  const jira = s.app.jira
  if (jira === null) throw new Error('no Jira')
  jira.events.installation.saved = false
  await renewJiraWebhook(s.app, jira, s.signal)
  expect(await send({ path: true })).toBe('nothing-new')
})

test('switched off, the webhook that was installed goes, and those of people stay', async () => {
  const s = await start()
  await s.settle()
  const [ours] = s.jira.webhooks.all.values()
  if (ours === undefined || s.app.jira === null) throw new Error('none was installed')
  s.jira.webhooks.all.set(99, { ...ours, id: 99, name: 'by hand' })
  const off = { ...s.app, jira: { ...s.app.jira, events: { ...s.app.jira.events, webhooks: 'off' as const } } }

  s.jira.setFault('unavailable', { only: /webhook/ })
  await pollJira(off, s.signal)
  expect([...s.jira.webhooks.all.values()]).toHaveLength(2)
  s.jira.setFault('none')
  await pollJira(off, s.signal)

  expect([...s.jira.webhooks.all.values()].map(({ name }) => name)).toEqual(['by hand'])
  expect(await findInstallation(s.app.db.read)).toBeNull()
  expect(await looksAfterJira(off)).toBe(false)
})

test('a webhook with another secret is refused and noted nowhere', async () => {
  const s = await start({ jiraEvents: { webhooks: 'manual', webhookSecret: 'another secret of jira' } })
  await s.project('shop', ['SHOP-99 early'])
  await s.sweep()
  s.jira.webhooks.all.set(1, {
    id: 1,
    name: 'by hand',
    url: `${receiver.serverUrl}/webhooks/jira`,
    events: ['jira:issue_created'],
    enabled: true,
    jql: '',
    excludeBody: false,
    secret: JIRA_WEBHOOK_SECRET,
    updatedAt: s.clock.now(),
  })

  s.jira.world.createIssue({ project: 'SHOP', number: 99, summary: 'Late' })
  await followed()

  expect(receiver.answers).toEqual(['refused'])
  expect(await issueRow('SHOP-99')).toMatchObject({ state: 'unknown' })
  expect(await findArrival(s.app.db.read)).toBeNull()
})
