import { afterEach, expect, test } from 'vitest'
import { ISSUE_PROPERTY_NAME } from '../../jira/issue-property.ts'
import { checkConnections } from '../doctor/check-connections.ts'
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../test-clock.ts'
import { JIRA_WEBHOOK_SECRET } from '../test-connector.ts'
import { startStory, type Story, type StoryOptions } from '../test-story.ts'
import { findInstallation } from './install-jira-webhook.ts'
import { findLastPoll, findPollInterval } from './poll-jira.ts'
import { noteArrival } from './webhook-arrival.ts'

let story: Story
afterEach(() => story.close())

/** No webhooks: what happens in Jira is found by asking. */
const start = async (options: StoryOptions = {}) => {
  story = await startStory({ jiraEvents: { poll: 'auto' }, ...options })
  return story
}
const wait = async (ms = 6 * MINUTE_MS) => {
  story.clock.advance(ms)
  await story.settle()
}
/** Each unknown issue is also asked for by itself, less and less often: else either of the two may find it first. */
const untilOwnLooksAreRare = async () => {
  for (let look = 0; look < 20; look += 1) await wait()
}
const issueRow = (key: string) =>
  story.app.db.read
    .selectFrom('issues')
    .select(['state', 'jira_id', 'current_key'])
    .where('issue_key', '=', key)
    .executeTakeFirstOrThrow()
const property = (key: string) => story.jira.world.findIssue(key)?.properties.get(ISSUE_PROPERTY_NAME)
const searches = () => story.jira.requests().filter(({ path }) => path.endsWith('/search'))

test('an issue that appears is found at the next look, however long it was missed', async () => {
  const s = await start()
  await s.project('shop', ['SHOP-99 early', 'SHOP-1 begin'])
  await s.sweep()
  await untilOwnLooksAreRare()
  s.jira.world.createIssue({ project: 'SHOP', number: 99, summary: 'Late' })

  await wait()

  expect(s.shown('SHOP-99')?.commits).toEqual(['SHOP-99 early'])
  expect(await findLastPoll(s.app.db.read)).toMatchObject({ appeared: 1 })
}, 60_000)

test('where nothing is waited for, a look costs one search for a hundred known issues', async () => {
  const s = await start()
  await s.project('shop', ['SHOP-1 begin', 'SHOP-2 next', 'PAY-1 other'])
  await s.sweep()
  await wait()
  s.jira.forgetRequests()

  await wait()

  expect(searches()).toHaveLength(1)
  expect(await findLastPoll(s.app.db.read)).toMatchObject({ requests: 1, compared: 3, appeared: 0, moved: 0, gone: 0 })
})

test('an issue named by a former key of its project is found under the new one', async () => {
  const s = await start()
  s.jira.world.renameProjectKey('SHOP', 'STORE')
  await wait()
  await s.project('shop', ['SHOP-99 by the former key'])
  await s.sweep()
  expect(await issueRow('SHOP-99')).toMatchObject({ state: 'unknown' })
  s.jira.world.createIssue({ project: 'STORE', number: 99, summary: 'Late' })

  await wait()

  expect(s.shown('STORE-99')?.commits).toEqual(['SHOP-99 by the former key'])
})

test('moves and deletions that nobody told of are found within a day', async () => {
  const s = await start()
  await s.project('shop', ['SHOP-1 moves', 'SHOP-2 goes', 'SHOP-3 stays'])
  await s.sweep()
  const { key } = s.jira.world.moveIssue('SHOP-1', 'PAY')
  s.jira.world.deleteIssue('SHOP-2')
  s.jira.forgetRequests()

  await wait()

  expect(property(key)).toMatchObject({ issue: key })
  expect(await issueRow('SHOP-1')).toMatchObject({ state: 'clean', current_key: key })
  expect(await issueRow('SHOP-2')).toMatchObject({ state: 'unknown', jira_id: null })
  expect(s.jira.writes().properties).toBe(1)
  await wait()
  expect(await findLastPoll(s.app.db.read)).toMatchObject({ moved: 0, gone: 0 })
})

test('a changed project key reaches the issues that do not change any more', async () => {
  const s = await start()
  await s.project('shop', ['SHOP-1 begin'])
  await s.sweep()

  s.jira.world.renameProjectKey('SHOP', 'STORE')
  await wait()

  expect(property('STORE-1')).toMatchObject({ issue: 'STORE-1' })
})

test('an issue of a project that was deleted and made again gets its information', async () => {
  const s = await start()
  await s.project('shop', ['PAY-1 begin'])
  await s.sweep()
  s.jira.world.deleteProject('PAY')
  for (let look = 0; look < 2; look += 1) await wait()
  s.jira.world.addProject({ key: 'PAY', name: 'Pay again' })
  s.jira.world.seedIssues('PAY', 1)

  for (let look = 0; look < 2; look += 1) await wait()

  expect(s.shown('PAY-1')?.commits).toEqual(['PAY-1 begin'])
})

test('more changed issues than are worth reading are not read', async () => {
  const s = await start()
  await s.project('shop', ['SHOP-20000 early'])
  await s.sweep()
  s.jira.world.seedIssues('SHOP', 10_100)
  s.jira.world.createIssue({ project: 'SHOP', number: 20_000, summary: 'Late' })
  s.jira.forgetRequests()

  await wait()

  expect(s.shown('SHOP-20000')).not.toBeNull()
  expect(searches().length).toBeLessThan(10)
}, 60_000)

test('pages are read to the end', async () => {
  const s = await start()
  await s.project('shop', ['SHOP-1300 early'])
  await s.sweep()
  await untilOwnLooksAreRare()
  s.jira.world.seedIssues('SHOP', 1_200)
  s.jira.world.createIssue({ project: 'SHOP', number: 1_300, summary: 'Late' })
  s.jira.forgetRequests()

  await wait()

  expect(s.shown('SHOP-1300')).not.toBeNull()
  expect(await findLastPoll(s.app.db.read)).toMatchObject({ requests: 3, appeared: 1 })
}, 60_000)

test('while webhooks arrive Jira is asked once an hour, without them every five minutes', async () => {
  const s = await start({ jiraEvents: { poll: 'auto', webhooks: 'manual' } })
  expect(await findPollInterval(s.app)).toBe(5 * MINUTE_MS)

  await s.app.db.write('interactive', (tx) => noteArrival(tx, { at: s.clock.now().getTime(), event: 'jira:issue_created' }))

  expect(await findPollInterval(s.app)).toBe(HOUR_MS)
  s.clock.advance(5 * DAY_MS)
  expect(await findPollInterval(s.app)).toBe(5 * MINUTE_MS)
})

test('a user who is no administrator leaves the webhook to people', async () => {
  const s = await start({
    jiraEvents: { poll: 'auto', webhooks: 'auto' },
    jiraOptions: {
      users: [{ name: 'connector', displayName: 'C', emailAddress: 'c@example.com', tokens: [{ token: 'jira-token' }] }],
    },
    connector: { settings: { serverUrl: 'http://127.0.0.1:9' } },
  })

  expect(await findInstallation(s.app.db.read)).toMatchObject({
    state: 'by-hand',
    reason: "The connector's user is no Jira administrator.",
  })
  expect(await findLastPoll(s.app.db.read)).not.toBeNull()
})

test('a webhook that is there is adopted, and a second one removed', async () => {
  const s = await start({
    jiraEvents: { webhooks: 'auto' },
    connector: { settings: { serverUrl: 'http://127.0.0.1:9' } },
  })
  const [hook] = s.jira.webhooks.all.values()
  if (hook === undefined) throw new Error('no webhook')
  s.jira.webhooks.all.set(1, { ...hook, id: 1, name: 'by hand' })
  hook.enabled = false
  hook.secret = 'changed'

  await wait(DAY_MS + MINUTE_MS)

  expect([...s.jira.webhooks.all.values()]).toMatchObject([{ enabled: true, url: 'http://127.0.0.1:9/webhooks/jira' }])
  expect([...s.jira.webhooks.all.values()][0]?.secret).not.toBe('changed')
})

test('another Jira behind the same address changes nothing', async () => {
  const s = await start({
    jiraEvents: { poll: 'auto', webhooks: 'auto' },
    connector: { settings: { serverUrl: 'http://127.0.0.1:9' } },
  })
  await s.project('shop', ['SHOP-1 begin'])
  await s.sweep()
  s.jira.configure({ serverId: 'another-jira' })
  s.jira.webhooks.all.clear()
  s.jira.world.deleteIssue('SHOP-1')

  await wait(DAY_MS + HOUR_MS)

  expect(s.jira.webhooks.all.size).toBe(0)
  expect(await issueRow('SHOP-1')).toMatchObject({ state: 'clean' })
})

test('the doctor says where the webhook goes and that none arrived, without the secret', async () => {
  const s = await start({ jiraEvents: { poll: 'auto', webhooks: 'manual' } })
  const steps = []
  for await (const step of checkConnections(s.app, s.signal)) steps.push(step)

  const step = steps.find(({ name }) => name === 'webhook')
  expect(step).toMatchObject({ subject: 'Jira', ok: true })
  expect(step?.message).toContain('none ever arrived at http://connector.test/webhooks/jira')
  expect(step?.remedy).toContain('System > WebHooks')
  expect(JSON.stringify(steps)).not.toContain(JIRA_WEBHOOK_SECRET)
})

test('a list of webhooks that is none, and a Jira that fails, keep neither the poll nor a later installation back', async () => {
  const s = await start({
    jiraEvents: { poll: 'auto', webhooks: 'auto' },
    jiraOptions: { version: '9.12.4' },
    connector: { settings: { serverUrl: 'http://127.0.0.1:9' } },
  })
  s.jira.webhooks.all.clear()
  s.jira.setFault('empty-index', { only: /\/webhooks\// })
  await wait(DAY_MS + MINUTE_MS)
  const polled = await findLastPoll(s.app.db.read)
  expect(await findInstallation(s.app.db.read)).toMatchObject({ state: 'by-hand' })
  expect(polled?.at).toBeGreaterThan(s.clock.now().getTime() - MINUTE_MS)

  s.jira.setFault('none')
  await wait()

  expect(await findInstallation(s.app.db.read)).toMatchObject({ state: 'installed' })
  expect(s.jira.webhooks.all.size).toBe(1)
})
