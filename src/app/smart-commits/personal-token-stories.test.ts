import { afterEach, expect, test, vi } from 'vitest'
import { silentLogger } from '../../lib/logger.ts'
import { createSandboxJira, type SandboxJira } from '../../sandbox/jira/sandbox-jira.ts'
import { acceptConnectedJira, connectJira } from '../jira/connect-jira.ts'
import { storeOwnToken } from './change-authors.ts'
import { findOwnToken } from './find-own-token.ts'
import { startSmartStory, USERS, type SmartStory } from './test-smart-story.ts'

vi.setConfig({ testTimeout: 120_000 })

let story: SmartStory
let other: SandboxJira | null = null
afterEach(async () => {
  await other?.close()
  other = null
  await story.close()
})

const connection = (url: string) => ({
  url,
  auth: { token: 'jira-token' },
  property: { others: 'full' as const, projects: {} },
  delivery: ['property'] as const,
  webhooks: 'off' as const,
  connectedBy: 'token',
  connectedAt: 0,
})

/** Ann stored a token for the first Jira. */
async function start() {
  story = await startSmartStory({ jira: false, connector: { settings: { deliver: true } } })
  await connectJira(story.app, connection(story.jira.url), story.signal)
  await story.settle()
  const ann = await story.app.jira?.client.getPerson({ token: 'token-of-ann' }, story.signal)
  const userKey = ann?.userKey ?? ''
  await storeOwnToken(story.app, { userKey, token: 'token-of-ann' }, story.signal)
  return { s: story, userKey }
}

/** A Jira with the same people and issues at another address. */
async function startOther(s: SmartStory): Promise<SandboxJira> {
  other = await createSandboxJira({ clock: s.clock, log: silentLogger, users: USERS })
  other.world.addProject({ key: 'SHOP', name: 'Shop' })
  other.world.seedIssues('SHOP', 20)
  return other
}

async function pushSigned(s: SmartStory, message: string): Promise<void> {
  const [sha = ''] = await s.push(s.shop, 'main', [message])
  s.shop.signatures.set(sha, 'verified')
  await s.sync(s.shop)
}

test('an own token is not sent to another address, also when an administrator takes the Jira there for the same', async () => {
  const { s, userKey } = await start()
  const moved = await startOther(s)

  await connectJira(s.app, connection(moved.url), s.signal)
  await acceptConnectedJira(s.app, s.signal)
  await s.settle()
  expect(await findOwnToken(s.app, userKey)).toMatchObject({ problem: { code: 'secret-unreadable' } })
  await pushSigned(s, 'SHOP-1 #comment signed')

  expect(moved.requests().filter(({ user }) => user !== 'connector')).toEqual([])
  expect(moved.world.findIssue('SHOP-1')?.comments.map(({ author }) => author)).toEqual(['connector'])
})

test('stored again for the new address, it acts there', async () => {
  const { s, userKey } = await start()
  const moved = await startOther(s)
  await connectJira(s.app, connection(moved.url), s.signal)
  await acceptConnectedJira(s.app, s.signal)

  await storeOwnToken(s.app, { userKey, token: 'token-of-ann' }, s.signal)
  await pushSigned(s, 'SHOP-1 #comment signed')

  expect(await findOwnToken(s.app, userKey)).toMatchObject({ problem: null })
  expect(moved.world.findIssue('SHOP-1')?.comments.map(({ author }) => author)).toEqual(['ann'])
})

test('a token that an older version stored, bound to no address, is not used', async () => {
  const { s, userKey } = await start()
  const sealed = s.secretBox.seal('token-of-ann', `jira-user:${userKey}:token`)
  await s.app.db.write('background', (tx) => tx.updateTable('smart_commit_tokens').set({ token_sealed: sealed }).execute())
  s.jira.forgetRequests()

  await pushSigned(s, 'SHOP-1 #comment signed')

  expect(s.jira.requests().filter(({ user }) => user === 'ann')).toEqual([])
  expect(s.jira.world.findIssue('SHOP-1')?.comments.map(({ author }) => author)).toEqual(['connector'])
  const { problem } = await s.app.db.read.selectFrom('smart_commit_tokens').select('problem').executeTakeFirstOrThrow()
  expect(problem).toContain('Store the token again')
})
