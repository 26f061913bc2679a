import { afterEach, expect, test } from 'vitest'
import { KINDS } from '../../db/test-database.ts'
import { startStory, type Story, type StoryOptions } from '../test-story.ts'
import { connectJira } from './connect-jira.ts'
import { createJiraAccess, type NewJira } from './jira-access.ts'

let story: Story | null = null
afterEach(async () => {
  await story?.close()
  story = null
})

async function start(options: StoryOptions = {}): Promise<Story> {
  story = await startStory({ jira: false, connector: { settings: { deliver: true } }, ...options })
  return story
}

const connection = (s: Story, more: Partial<NewJira> = {}): NewJira => ({
  url: s.jira.url,
  auth: { token: 'jira-token' },
  property: { others: 'full', projects: {} },
  delivery: ['property'],
  webhooks: 'off',
  connectedBy: 'token',
  connectedAt: 0,
  ...more,
})

test('what was stored before Jira was connected is delivered when it is, without a restart', async () => {
  const s = await start()
  await s.project('shop', ['SHOP-1 early'])
  await s.sweep()
  expect(s.shown('SHOP-1')).toBeNull()

  await connectJira(s.app, connection(s), s.signal)
  await s.settle()

  expect(s.shown('SHOP-1')?.commits).toEqual(['SHOP-1 early'])
})

test('another detail is delivered after a change, and nothing when the change fails', async () => {
  const s = await start()
  await s.project('shop', ['SHOP-1 early'])
  await s.sweep()
  await connectJira(s.app, connection(s), s.signal)
  await s.settle()
  const before = s.app.jira

  await expect(connectJira(s.app, connection(s, { auth: { token: 'wrong' } }), s.signal)).rejects.toMatchObject({
    code: 'connection-test-failed',
  })
  expect(s.app.jira).toBe(before)

  await connectJira(s.app, connection(s, { auth: null, property: { others: 'counts', projects: {} } }), s.signal)
  await s.settle()
  expect(s.shown('SHOP-1')).toEqual({ commits: [], branches: [], pullRequests: [] })
})

test('nothing is written to another Jira', async () => {
  const s = await start()
  await s.project('shop', ['SHOP-1 early'])
  await connectJira(s.app, connection(s), s.signal)
  await s.settle()
  s.jira.configure({ serverId: 'another' })

  await connectJira(s.app, connection(s), s.signal)
  await s.sweep()

  expect(s.shown('SHOP-1')).toBeNull()
})

test.each(KINDS)('on %s another node notices, and opens the same credentials', async (kind) => {
  const s = await start({ kind })
  const { app } = s
  const node = await createJiraAccess({
    db: app.db,
    secretBox: s.secretBox,
    http: app.http,
    clock: app.clock,
    log: app.log,
    installationId: 'x',
    declared: null,
  })
  expect(node.current()).toBeNull()

  await connectJira(app, connection(s), s.signal)

  if (kind === 'postgres') {
    s.clock.advance(3_000)
    await expect.poll(() => node.current()?.client.base.href).toBe(`${s.jira.url}/`)
  } else await node.refresh()
  const same = node.current()
  await node.refresh()
  expect(node.current()).toBe(same)
  expect((await same?.client.getUser(s.signal))?.name).toBe('connector')
})
