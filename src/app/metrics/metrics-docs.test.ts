import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Registry } from 'prom-client'
import { afterEach, expect, test } from 'vitest'
import { packageRoot } from '../../lib/package-root.ts'
import { createTestClock } from '../test-clock.ts'
import { createTestConnector, toAccountSettings, type TestConnector } from '../test-connector.ts'
import { createPrometheusMetrics } from './prometheus-metrics.ts'
import { registerStateMetrics } from './state-metrics.ts'

let connector: TestConnector
afterEach(() => connector.close())

const rows = [
  ...readFileSync(join(packageRoot, 'docs', 'metrics.md'), 'utf8').matchAll(/^\| `(dvcs_[a-z_]+)` \| (\w+) \| ([^|]*) \|/gm),
].map(([, name = '', type = '', labels = '']) => ({
  name,
  type,
  labels: [...labels.matchAll(/`([a-z]+)`/g)].map(([, label = '']) => label),
}))

async function start(kind: 'sqlite' | 'postgres') {
  const settings = toAccountSettings('acme', { url: 'http://gitlab.test', owner: 'acme' })
  connector = await createTestConnector({
    clock: createTestClock(),
    accounts: [{ settings, token: 't' }],
    jira: { url: 'http://127.0.0.1:9/jira', token: 't' },
    kind,
  })
  const registry = new Registry()
  const metrics = createPrometheusMetrics({ registry, jiraUrl: () => 'http://127.0.0.1:9/jira' })
  registerStateMetrics(registry, { app: connector.app })
  return { registry, metrics }
}

test.each(['sqlite', 'postgres'] as const)(
  'docs/metrics.md lists every metric with its type and labels, on %s',
  async (kind) => {
    const { registry, metrics } = await start(kind)
    await connector.app.db.write('background', (tx) =>
      tx.insertInto('proofs').values({ account_id: 'acme', hour: 0, proved: 5, refs_found: 3, refs_repaired: 2 }).execute(),
    )
    metrics.webhookAnswered('Push Hook', 'stored')
    metrics.webhookProcessed('Push Hook', 'done')
    metrics.syncEnded('done', 10)
    metrics.jiraWritten('property', 'done')
    metrics.smartCommit('done')
    const headers = { 'ratelimit-remaining': '590' }
    metrics.exchanged({ url: new URL('http://gitlab.test/api/v4/projects'), status: 200, headers, ms: 5 })
    // Due in an hour: something to count on both databases.
    await connector.app.db.write('background', (tx) =>
      connector.app.jobs.add(tx, {
        name: 'process-webhook',
        payload: { deliveryId: 1 },
        key: 'later',
        runAt: new Date(connector.app.clock.now().getTime() + 3_600_000),
      }),
    )

    const found = await registry.getMetricsAsJSON()

    const bucketLabel = new Set(['le'])
    const told = found.map(({ name, type, values }) => ({
      name,
      type: String(type),
      labels: [...new Set(values.flatMap(({ labels }) => Object.keys(labels)))].filter((label) => !bucketLabel.has(label)),
    }))
    const byName = (list: readonly { name: string; labels: readonly string[] }[]) =>
      list.map((row) => ({ ...row, labels: [...row.labels].sort() })).sort((a, b) => (a.name < b.name ? -1 : 1))
    expect(byName(rows)).toEqual(byName(told))
    const text = await registry.metrics()
    expect(text).toContain('dvcs_jobs{job="process-webhook",state="waiting"} 1')
    expect(text).toContain('dvcs_accounts{state="ok"} 1')
    expect(text).toContain('dvcs_drift{account="acme",kind="refs",state="found"} 3')
    // Starting a PostgreSQL takes long on a busy machine.
  },
  90_000,
)

test('what others send makes no new labels, and Jira below a path of the host is told from it', async () => {
  const { registry, metrics } = await start('sqlite')
  for (const event of ['Push Hook', 'invented', 'constructor', '__proto__', '"}\n']) metrics.webhookAnswered(event, 'refused')
  const exchange = { status: 200, headers: {}, ms: 1 }
  metrics.exchanged({ url: new URL('http://127.0.0.1:9/jira/rest/api/2/myself'), ...exchange })
  metrics.exchanged({ url: new URL('http://127.0.0.1:9/jirafoo'), ...exchange })
  metrics.exchanged({ url: new URL('http://127.0.0.1:9/gitlab'), ...exchange, status: null })

  const text = await registry.metrics()

  expect(text.match(/^dvcs_webhooks_received_total.*/gm)).toEqual([
    'dvcs_webhooks_received_total{event="push",answer="refused"} 1',
    'dvcs_webhooks_received_total{event="other",answer="refused"} 4',
  ])
  expect(text.match(/^dvcs_requests_seconds_count.*/gm)).toEqual([
    'dvcs_requests_seconds_count{target="jira",status="200"} 1',
    'dvcs_requests_seconds_count{target="host",status="200"} 1',
    'dvcs_requests_seconds_count{target="host",status="none"} 1',
  ])
})

test('a scrape asks the queue once', async () => {
  connector = await createTestConnector({ clock: createTestClock(), accounts: [], jira: null })
  const { app } = connector
  let asked = 0
  const jobs: typeof app.jobs = { ...app.jobs, statsByName: (db) => ((asked += 1), app.jobs.statsByName(db)) }
  const registry = new Registry()
  registerStateMetrics(registry, { app: { ...app, jobs } })

  await registry.metrics()
  await registry.metrics()

  expect(asked).toBe(2)
})
