import { randomBytes } from 'node:crypto'
import { sql } from 'kysely'
import pg from 'pg'
import { afterEach, expect, test } from 'vitest'
import { createTestDatabaseUrl } from '../../test/postgres.ts'
import { HOUR_MS } from '../app/test-clock.ts'
import { startStory, type Story, type StoryOptions } from '../app/test-story.ts'
import { problemSchema } from '../contract/problem.ts'
import { accountId } from '../domain/ids.ts'
import { toPlainToken } from '../hosts/gitlab/webhook.ts'
import type { Project } from '../sandbox/gitlab/model.ts'
import { startTestHttpApp, type TestHttpApp } from './test-http-app.ts'

// A machine that is busy takes its time, and a pool its ten seconds to find a database that is away.
const PATIENCE = { timeout: 60_000 }

let story: Story
let t: TestHttpApp
const closing: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
})

async function start(options: StoryOptions) {
  story = await startStory(options)
  closing.push(() => story.close())
  t = await startTestHttpApp({ app: story.app })
  closing.push(() => t.dispose())
  const id = accountId('acme')
  await story.app.connections.webhookSecret(id)
  const [secret = ''] = await story.app.connections.webhookSecrets(id, story.clock.now())
  const shop = await story.project('shop', ['SHOP-1 begin'])
  await story.sweep()
  const tell = (delivery: string, { id: projectId }: Project = shop) =>
    t.send('POST', '/webhooks/acme', {
      authorization: null,
      body: { object_kind: 'push', project_id: projectId, commits: [], padding: 'x'.repeat(20_000) },
      headers: { 'x-gitlab-token': toPlainToken(secret), 'x-gitlab-event': 'Push Hook', 'idempotency-key': delivery },
    })
  return { shop, tell }
}

const deliveries = async () => {
  const rows = await story.app.db.read.selectFrom('webhook_deliveries').select(['delivery_id', 'state']).orderBy('id').execute()
  return rows.map(({ delivery_id, state }) => `${delivery_id} ${state}`)
}

test('a full disk under SQLite: webhooks are put off, nothing answered is lost, and it goes on by itself', PATIENCE, async () => {
  const { shop, tell } = await start({})
  const setMostPages = (pages: ReturnType<typeof sql>) =>
    story.app.db.write('interactive', (tx) => sql`pragma max_page_count = ${pages}`.execute(tx))
  expect((await tell('before')).status).toBe(202)
  await story.settle()
  await story.push(
    shop,
    'SHOP-2-big',
    Array.from({ length: 100 }, (_, index) => `SHOP-2 ${index} ${randomBytes(1_000).toString('hex')}`),
  )

  await setMostPages(sql`1`) // as many as there are
  const { sync } = await story.sync(shop)
  expect(sync).toMatchObject({ state: 'retrying', error: { code: 'disk-full' } })
  expect(sync.error?.remedy).toMatch(/Free space/)
  expect(await story.commits(shop)).toEqual(['SHOP-1 begin'])

  let accepted = 0
  let answer = await tell(`fill-${accepted}`)
  // What is left in the pages that are there.
  for (; answer.status === 202 && accepted < 2_000; answer = await tell(`fill-${accepted}`)) accepted += 1
  expect([answer.status, problemSchema.parse(answer.json()).code]).toEqual([503, 'webhook-not-stored'])
  expect(answer.headers['retry-after']).toBe('30')

  await setMostPages(sql`1073741823`)
  expect((await tell(`fill-${accepted}`)).status).toBe(202)
  story.clock.advance(HOUR_MS)
  await story.settle()
  expect((await story.stored(shop)).sync).toMatchObject({ state: 'idle', error: null })
  expect(await story.commits(shop)).toHaveLength(101)
  const expected = ['before', ...Array.from({ length: accepted + 1 }, (_, index) => `fill-${index}`)]
  expect(await deliveries()).toEqual(expected.map((id) => `${id} done`))
  expect(story.shown('SHOP-2')).not.toBeNull()
})

test('PostgreSQL gone and back: webhooks are put off meanwhile, and work goes on without a restart', PATIENCE, async () => {
  const { shop, tell } = await start({ kind: 'postgres' })
  await expect.poll(async () => (await story.stored(shop)).sync.state, PATIENCE).toBe('idle')
  await expect.poll(() => story.commits(shop), PATIENCE).toEqual(['SHOP-1 begin'])
  const { rows } = await sql<{ name: string }>`select current_database() as name`.execute(story.app.db.read)
  const name = rows[0]?.name ?? ''
  const admin = new pg.Client({ connectionString: await createTestDatabaseUrl() })
  await admin.connect()
  closing.push(() => admin.end())
  expect((await tell('before')).status).toBe(202)

  await admin.query(`alter database ${name} allow_connections false`)
  await admin.query('select pg_terminate_backend(pid) from pg_stat_activity where datname = $1', [name])
  const answer = await tell('during')
  expect([answer.status, problemSchema.parse(answer.json()).code]).toEqual([503, 'webhook-not-stored'])
  expect(answer.headers['retry-after']).toBe('30')
  await story.push(shop, 'main', ['SHOP-2 during'])

  await admin.query(`alter database ${name} allow_connections true`)
  await expect.poll(async () => (await tell('after')).status, PATIENCE).toSatisfy((status) => status === 202 || status === 200)
  await expect.poll(() => story.commits(shop), PATIENCE).toEqual(['SHOP-1 begin', 'SHOP-2 during'])
  await expect.poll(deliveries, PATIENCE).toEqual(['before done', 'after done'])
})
