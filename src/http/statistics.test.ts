import { afterEach, beforeEach, expect, test } from 'vitest'
import { overviewSchema, repositoryStatisticsSchema } from '../contract/statistics.ts'
import { accountId } from '../domain/ids.ts'
import { startTestHttpApp, type TestHttpApp } from './test-http-app.ts'

let t: TestHttpApp
let id: number
beforeEach(async () => {
  t = await startTestHttpApp()
  await t.addAccount({ id: accountId('acme') })
  id = Number(await t.addRepository({ path: 'acme/shop' }))
})
afterEach(() => t.dispose())

/** A webhook that came `ago` ms before now, followed by a synchronisation and a write to Jira. */
async function journal(now: number, ago: number): Promise<void> {
  await t.app.db.write('background', async (tx) => {
    const received = now - ago
    const webhook = await tx
      .insertInto('webhook_deliveries')
      .values({
        account_id: 'acme',
        delivery_id: `d${ago}`,
        event: 'push',
        received_at: received,
        headers: '{}',
        state: 'done',
        attempts: 1,
        error: null,
        hint: null,
      })
      .returning('id')
      .executeTakeFirstOrThrow()
    const sync = await tx
      .insertInto('syncs')
      .values({
        repository_id: id,
        trigger: 'webhook',
        mode: 'soft',
        started_at: received + 100,
        finished_at: received + 1_000,
        outcome: 'done',
        error: null,
        commits: 1,
        branches: 0,
        pull_requests: 0,
        issues: 1,
        asked_by: `webhook:${webhook.id}`,
      })
      .returning('id')
      .executeTakeFirstOrThrow()
    const write = {
      issue_key: 'SHOP-1',
      jira_id: '1',
      ms: 100,
      outcome: 'done' as const,
      status: 200,
      error: null,
      bytes: 1,
      content_hash: 'h',
      sync_id: sync.id,
    }
    await tx
      .insertInto('jira_writes')
      .values([
        // A comment is not what the panel waits for.
        { ...write, kind: 'comment', written_at: received + 1_100 },
        { ...write, kind: 'property', written_at: received + 1_900 },
      ])
      .execute()
  })
}

test('a repository by weeks, with its lag', async () => {
  const now = t.app.clock.now().getTime()
  await journal(now, 5_000)
  await t.app.db.write('background', (tx) =>
    tx
      .insertInto('commits')
      .values({
        repository_id: id,
        sha: 'a'.repeat(40),
        message: 'SHOP-1',
        author_name: 'A',
        author_email: null,
        authored_at: now,
        merge: 0,
        generation: 0,
      })
      .execute(),
  )

  const answer = await t.send('GET', `/api/v1/repositories/${id}/statistics`)

  const { weeks, lag, syncs } = repositoryStatisticsSchema.parse(answer.json())
  expect(weeks).toHaveLength(52)
  expect(weeks.at(-1)).toMatchObject({ commits: 1, pullRequests: 0 })
  expect(new Date(weeks.at(-1)?.week ?? '').getUTCDay()).toBe(1)
  expect(lag).toEqual({ stored: { p50: 1, p95: 1, max: 1, samples: 1 }, delivered: { p50: 2, p95: 2, max: 2, samples: 1 } })
  expect(syncs).toEqual({ running: 0, done: 1, failed: 0, cancelled: 0 })
  expect((await t.send('GET', '/api/v1/repositories/999/statistics')).status).toBe(404)
})

test('everything on one page', async () => {
  const now = t.app.clock.now().getTime()
  await journal(now, 26 * 60 * 60_000)
  await journal(now, 0)

  const overview = overviewSchema.parse((await t.send('GET', '/api/v1/overview')).json())

  expect(overview).toMatchObject({
    repositories: { total: 1, linked: 1, states: { idle: 1 } },
    accounts: { ok: 1, degraded: 0, problems: [] },
    jira: { state: null, waiting: { issues: 0, oldestSeconds: null }, refused: { issues: 0, oldestSeconds: null } },
    drift: { found: 0, repaired: 0, open: 0 },
  })
  expect([overview.webhooks.length, overview.jiraWrites.length, overview.lag.length]).toEqual([24, 24, 24])
  expect(overview.webhooks.at(-1)).toMatchObject({ done: 1 })
  expect(overview.jiraWrites.at(-1)).toMatchObject({ done: 2, failed: 0 })
  expect(overview.jiraWrites.reduce((sum, { done }) => sum + done, 0)).toBe(2)
  expect(overview.lag.at(-1)?.delivered?.p95).toBe(2)
})
