import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import { buffer } from 'node:stream/consumers'
import { Registry } from 'prom-client'
import { afterEach, expect, test } from 'vitest'
import { readWrites } from '../../db/views/deliveries.ts'
import { listSyncs } from '../../db/stores/sync-journal.ts'
import { accountId } from '../../domain/ids.ts'
import { createLogger } from '../../lib/logger.ts'
import { explainReference } from '../explain/explain-reference.ts'
import { createPrometheusMetrics } from '../metrics/prometheus-metrics.ts'
import { startStory, type Story } from '../test-story.ts'
import { receiveWebhook } from '../webhooks/receive-webhook.ts'
import type { UnverifiedWebhook } from '../webhooks/webhook-verifier.ts'

let story: Story
let server: Server
afterEach(async () => {
  server.closeAllConnections()
  server.close()
  await story.close()
})

/** A connector that GitLab can reach, with `shop` imported; its log lines and its numbers. */
async function startTraced() {
  server = createServer((request, response) => {
    void buffer(request).then(async (body) => {
      const headers = request.headers as UnverifiedWebhook['headers']
      await receiveWebhook(story.app, { accountId: accountId('acme'), headers, body })
      response.writeHead(202).end()
    })
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  const serverUrl = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`
  const lines: Record<string, unknown>[] = []
  const log = createLogger({
    level: 'debug',
    destination: { write: (line) => void lines.push(JSON.parse(line) as Record<string, unknown>) },
  })
  const registry = new Registry()
  const metrics = createPrometheusMetrics({ registry, jiraUrl: () => null })
  story = await startStory({ account: { webhooks: 'auto' }, connector: { settings: { serverUrl }, log, metrics } })
  const shop = await story.project('shop', ['SHOP-1 begin'])
  await story.sweep()
  return { ...story, shop, lines, registry }
}

test('one push is followed by its ids from the webhook to Jira: in the log, the journals, the numbers and in words', async () => {
  const { shop, lines, registry, ...s } = await startTraced()

  const [sha = ''] = await s.push(shop, 'main', ['SHOP-2 pushed'])
  await expect.poll(() => s.shown('SHOP-2')?.commits, { timeout: 20_000 }).toEqual(['SHOP-2 pushed'])
  await s.settle()

  const has = (msg: string, fields: Record<string, unknown>): unknown =>
    expect.arrayContaining([expect.objectContaining({ msg, ...fields })])
  const stored = lines.find(({ msg }) => msg === 'webhook stored')
  const webhook = stored?.['webhook']
  const started = lines.find((line) => line['msg'] === 'sync started' && line['webhook'] === webhook)
  const sync = started?.['sync']
  expect(webhook).toEqual(expect.any(Number))
  expect(sync).toEqual(expect.any(Number))
  expect(lines).toEqual(has('webhook followed', { webhook, outcome: 'done', event: 'Push Hook', repositoryId: '1' }))
  expect(lines).toEqual(has('sync ended', { webhook, sync, outcome: 'done', commits: 1 }))
  expect(lines).toEqual(has('issue delivered', { webhook, sync, issue: 'SHOP-2', ms: expect.any(Number) }))

  const [entry] = await listSyncs(s.app.db.read, (await s.stored(shop)).id, { before: null, limit: 1 })
  expect(entry).toMatchObject({ id: String(sync), askedBy: `webhook:${String(webhook)}` })
  const { items } = await readWrites(s.app.db.read, { before: null, limit: 1, state: null })
  expect(items).toMatchObject([{ key: 'SHOP-2', syncId: sync }])

  const told = await explainReference(s.app, sha, s.signal)
  expect(told.subjects[0]?.steps[0]?.text).toContain(`the webhook in-${String(webhook)}, received at`)

  const text = await registry.metrics()
  expect(text).toContain('dvcs_webhooks_processed_total{event="push",outcome="done"} 1')
  expect(text).toContain('dvcs_webhook_to_stored_seconds_count 1')
  expect(text).toContain('dvcs_webhook_to_jira_seconds_count 1')
  expect(text).toContain('dvcs_jira_writes_total{kind="property",outcome="done"} 2')
  expect(text).toMatch(/dvcs_requests_seconds_count\{target="host",status="200"\} [1-9]/)
})

test('a push during a synchronisation is traced as well: the request that is remembered keeps who asked', async () => {
  const { shop, ...s } = await startTraced()
  const { id } = await s.stored(shop)
  const slow = s.gitlab.faults.add({ match: { path: /\.git\// }, answer: 'slow' })
  const running = s.sync(shop)
  await expect.poll(async () => (await s.stored(shop)).sync.state, { timeout: 20_000 }).toBe('running')

  await s.push(shop, 'main', ['SHOP-3 meanwhile'])
  await running
  slow()
  await expect.poll(() => s.shown('SHOP-3')?.commits, { timeout: 20_000 }).toEqual(['SHOP-3 meanwhile'])
  await s.settle()

  const askers = (await listSyncs(s.app.db.read, id, { before: null, limit: 9 })).map((entry) => entry.askedBy)
  expect(askers[0]).toMatch(/^webhook:/)
})
