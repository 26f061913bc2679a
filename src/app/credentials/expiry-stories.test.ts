import { afterEach, expect, test } from 'vitest'
import { toPlainToken } from '../../hosts/gitlab/webhook.ts'
import { findAccount } from '../../db/stores/accounts.ts'
import { accountId } from '../../domain/ids.ts'
import { createLogger } from '../../lib/logger.ts'
import { DAY_MS } from '../test-clock.ts'
import { startStory, type Story, type StoryOptions } from '../test-story.ts'
import { checkCredentials } from './check-credentials.ts'

const acme = accountId('acme')
let story: Story
let warned: string[] = []
afterEach(() => story.close())

async function start(options: StoryOptions = {}) {
  warned = []
  const destination = {
    write(line: string) {
      const { msg, days } = JSON.parse(line) as { msg: string; days?: number }
      if (msg.startsWith('token expire')) warned.push(`${msg} ${days ?? ''}`)
    },
  }
  story = await startStory({ jira: false, ...options, connector: { log: createLogger({ level: 'warn', destination }) } })
}
const look = () => checkCredentials(story.app, { accountId: acme, planNext: false }, story.signal)
const account = () => findAccount(story.app.db.read, acme)
const inDays = (days: number) => new Date(story.clock.now().getTime() + days * DAY_MS).toISOString().slice(0, 10)

test('an end that is far away is no problem', async () => {
  await start()

  await look()

  expect([await account(), warned]).toMatchObject([{ state: 'ok', problem: null }, []])
})

test('people are told 30, 7 and 1 days ahead: once each in the log, all the while in the account', async () => {
  await start()
  story.token.expiresAt = inDays(40)
  const told: (string | undefined)[] = []

  for (const days of [0, 11, 1, 22, 1, 4]) {
    story.clock.advance(days * DAY_MS)
    await look()
    await story.sweep()
    told.push((await account())?.problem?.code)
  }

  expect(warned).toEqual(['token expires soon 30', 'token expires soon 7', 'token expires soon 1'])
  expect(told).toEqual([undefined, ...Array.from({ length: 5 }, () => 'token-expires')])
  expect((await account())?.state).toBe('ok')
})

test('a successor takes the problem away', async () => {
  await start()
  story.token.expiresAt = inDays(3)
  await look()
  const before = await account()
  story.token.expiresAt = inDays(300)

  await look()

  expect([before?.problem?.code, (await account())?.problem]).toEqual(['token-expires', null])
})

test('a token that does not expire', async () => {
  await start()
  story.token.expiresAt = null

  await look()

  expect((await account())?.problem).toBeNull()
})

test('the event of GitLab asks for a look; the problem of a sweep that failed stays', async () => {
  await start({ account: { webhooks: 'manual' } })
  story.token.expiresAt = inDays(3)
  const { receiveWebhook } = await import('../webhooks/receive-webhook.ts')
  const [secret = ''] = await story.app.connections.webhookSecrets(acme, story.clock.now())

  const headers = { 'x-gitlab-token': toPlainToken(secret), 'x-gitlab-event': 'Resource Access Token Hook' }
  const body = Buffer.from(JSON.stringify({ object_kind: 'access_token', event_name: 'expiring_access_token' }))
  const received = await receiveWebhook(story.app, { accountId: acme, headers, body })
  await story.settle()
  const told = (await account())?.problem?.code
  story.gitlab.faults.add({ match: { path: /groups/ }, answer: { status: 500 }, times: 9 })
  await story.sweep()
  await look()

  expect([received, told]).toEqual(['stored', 'token-expires'])
  expect(await account()).toMatchObject({ state: 'degraded', problem: { code: 'host-unavailable' } })
})
