import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { holdDelivery, releaseDelivery } from '../app/delivery/delivery-hold.ts'
import { createTestClock } from '../app/test-clock.ts'
import { createTestConnector, type TestConnector } from '../app/test-connector.ts'
import { markIssuesDirty, recordDelivery } from '../db/stores/issues.ts'
import { replaceProjects } from '../db/stores/projects.ts'
import { issueKey } from '../domain/ids.ts'
import { ConnectorError } from '../lib/connector-error.ts'
import { systemClock } from '../lib/clock.ts'
import { followDelivery } from './follow-work.ts'
import type { ProgressView } from './progress-view.ts'

let connector: TestConnector
const closers: (() => Promise<void> | void)[] = []
afterEach(async () => {
  await connector.close()
  for (const close of closers.splice(0)) await close()
})

const REASON = { code: 'jira-unavailable', message: 'Jira is not working at the moment.', remedy: null }

async function startWaiting(...keys: string[]) {
  // Nothing delivers here: the test says what becomes of the issues.
  const server = createServer((_request, response) => void response.writeHead(500).end()).listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  closers.push(() => void server.close())
  const { port } = server.address() as AddressInfo
  connector = await createTestConnector({
    clock: createTestClock(),
    accounts: [],
    jira: { url: `http://127.0.0.1:${port}`, token: 't' },
    settings: { deliver: false },
  })
  const { app } = connector
  await app.db.write('background', async (tx) => {
    await replaceProjects(tx, [{ id: '1', key: 'SHOP', formerKeys: [], name: 'Shop' }])
    await markIssuesDirty(
      tx,
      keys.map((key) => ({ key: issueKey(key), at: 1 })),
      1,
    )
  })
  const lines: string[] = []
  const progress: Parameters<ProgressView['delivery']>[0][] = []
  const view: ProgressView = {
    line: (text) => void lines.push(text),
    repositories() {},
    delivery: (state) => void progress.push(state),
    stop() {},
  }
  const follow = () => followDelivery({ db: app.db, view, clock: systemClock, signal: connector.signal })
  const record = (key: string, outcome: Parameters<typeof recordDelivery>[2]) =>
    app.db.write('interactive', (tx) => recordDelivery(tx, { key: issueKey(key), version: 1 }, outcome, 2))
  return { app, lines, progress, follow, record }
}

test('says how far it is and ends when nothing waits', async () => {
  const { lines, progress, follow, record } = await startWaiting('SHOP-1', 'SHOP-2')

  const following = follow()
  await expect.poll(() => progress.length).toBeGreaterThan(0)
  for (const key of ['SHOP-1', 'SHOP-2']) await record(key, { state: 'clean', contentHash: 'x' })

  expect(await following).toBe(true)
  expect(progress[0]).toMatchObject({ delivered: 0, total: 2 })
  expect(progress.at(-1)).toMatchObject({ delivered: 2, total: 2 })
  expect(lines).toEqual(['Jira: 2 issues up to date, 0 refused, 0 keys name no issue of this Jira'])
})

test('what only a person can mend ends it with the reason', async () => {
  const { app, lines, follow } = await startWaiting('SHOP-1')
  await holdDelivery(app, new ConnectorError('jira-not-the-same', { userMessage: 'Another Jira.', remedy: 'Say which.' }))

  expect(await follow()).toBe(false)
  expect(lines).toEqual(['Jira: 1 issues wait. Another Jira. Say which.'])
})

test('a Jira that goes on failing ends it, a short failure or a rate limit does not', async () => {
  const { app, lines, progress, follow, record } = await startWaiting('SHOP-1')
  const fail = (code: string) => holdDelivery(app, new ConnectorError(code, { userMessage: 'No.', retryable: true }))
  await fail('jira-unavailable')
  const following = follow()
  for (let tries = 0; tries < 6; tries++) await fail('jira-rate-limited')
  const looked = progress.length
  await expect.poll(() => progress.length).toBeGreaterThan(looked + 1)
  expect(lines).toEqual([])
  await app.db.write('interactive', (tx) => releaseDelivery(tx))
  await record('SHOP-1', { state: 'clean', contentHash: 'x' })
  expect(await following).toBe(true)

  await app.db.write('background', (tx) => markIssuesDirty(tx, [{ key: issueKey('SHOP-1'), at: 1 }], 1))
  for (let tries = 0; tries < 5; tries++) await fail('jira-unavailable')
  expect(await follow()).toBe(false)
})

test('an issue that fails again and again is named and not waited for', async () => {
  const { lines, follow, record } = await startWaiting('SHOP-1', 'SHOP-2')
  await record('SHOP-1', { state: 'clean', contentHash: 'x' })
  for (let tries = 0; tries < 4; tries++) await record('SHOP-2', { state: 'retrying', at: Date.UTC(2100, 0), reason: REASON })

  expect(await follow()).toBe(false)
  expect(lines.at(-1)).toBe(
    'Jira: 1 issues could not be written and will be tried again, for instance: Jira is not working at the moment.',
  )
})
