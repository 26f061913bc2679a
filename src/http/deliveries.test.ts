import { afterEach, beforeEach, expect, test } from 'vitest'
import { createApiToken } from '../app/identity/api-tokens.ts'
import { saveJiraWrites, type JiraWrite } from '../db/stores/jira-writes.ts'
import { clearPayloads, setWebhookOutcome, setWebhooksFollowed } from '../db/stores/webhook-deliveries.ts'
import { markIssuesDirty } from '../db/stores/issues.ts'
import { saveWebhook } from '../db/test-rows.ts'
import { accountId, issueKey } from '../domain/ids.ts'
import type { DeliveryDetailJson, DeliveryJson } from '../contract/delivery.ts'
import { startTestHttpApp, type TestHttpApp } from './test-http-app.ts'

let t: TestHttpApp
beforeEach(async () => {
  t = await startTestHttpApp()
  await t.addAccount({ id: accountId('acme') })
})
afterEach(() => t.dispose())

interface List {
  readonly items: readonly DeliveryJson[]
  readonly next: string | null
}

const list = async (query: string) => (await t.send('GET', `/api/v1/deliveries?${query}`)).json<List>()

async function addWebhook(deliveryId: string, state: 'done' | 'dead' | null, more: { body?: string } = {}): Promise<number> {
  const problem = { code: 'unexpected-answer', message: 'No project.', remedy: null }
  return t.app.db.write('webhook', async (tx) => {
    const id = await saveWebhook(tx, {
      accountId: accountId('acme'),
      deliveryId,
      event: 'Push Hook',
      receivedAt: 1_000,
      body: '{}',
      headers: { 'x-gitlab-event': 'Push Hook' },
      ...more,
    })
    if (id === null) throw new Error('not stored')
    if (state !== null) await setWebhookOutcome(tx, id, { state, problem: state === 'dead' ? problem : null, now: 2_000 })
    return id
  })
}

async function addWrite(more: Partial<JiraWrite> = {}): Promise<void> {
  await t.app.db.write('background', (tx) =>
    saveJiraWrites(tx, [
      {
        key: issueKey('SHOP-1'),
        jiraId: '10001',
        kind: 'property',
        writtenAt: 3_000,
        ms: 20,
        outcome: 'done',
        status: 200,
        error: null,
        bytes: 120,
        contentHash: 'property:x',
        syncId: 4,
        ...more,
      },
    ]),
  )
}

test('webhooks are listed newest first, by page and by state, without their payloads', async () => {
  await addWebhook('a', 'done')
  await addWebhook('b', 'dead')
  await addWebhook('c', null)

  const first = await list('limit=2')
  expect(first.items.map((item) => [item.id, item.state])).toEqual([
    ['in-3', 'pending'],
    ['in-2', 'dead'],
  ])
  const second = await list(`limit=2&cursor=${first.next}`)
  expect(second).toEqual({
    items: [
      {
        id: 'in-1',
        direction: 'in',
        accountId: 'acme',
        deliveryId: 'a',
        event: 'Push Hook',
        receivedAt: '1970-01-01T00:00:01.000Z',
        state: 'done',
        attempts: 1,
        processedAt: '1970-01-01T00:00:02.000Z',
        error: null,
        repositoryId: null,
        headers: { 'x-gitlab-event': 'Push Hook' },
        payloadKept: true,
      },
    ],
    next: null,
  })
  expect((await list('state=dead')).items).toMatchObject([{ id: 'in-2', error: { code: 'unexpected-answer' } }])
  expect((await t.send('GET', `/api/v1/deliveries?direction=out&cursor=${first.next}`)).status).toBe(400)
})

test('writes to Jira are listed with what caused them', async () => {
  await addWrite()

  expect((await list('direction=out')).items).toEqual([
    {
      id: 'out-1',
      direction: 'out',
      issue: 'SHOP-1',
      issueId: '10001',
      kind: 'property',
      writtenAt: '1970-01-01T00:00:03.000Z',
      ms: 20,
      state: 'done',
      status: 200,
      error: null,
      bytes: 120,
      contentHash: 'property:x',
      syncId: '4',
      repositoryId: null,
    },
  ])
  expect((await list('direction=out&state=failed')).items).toEqual([])
  expect((await list('direction=out&state=dead')).items).toEqual([])
})

test('webhooks of one repository are listed alone', async () => {
  const id = await t.addRepository({ path: 'acme/shop' })
  const about = await addWebhook('a', null)
  await addWebhook('b', 'done')
  await t.app.db.write('webhook', (tx) => setWebhooksFollowed(tx, [{ id: about, state: 'done', repositoryId: id }], 2_000))
  await addWrite()

  expect((await list(`repository=${id}`)).items).toMatchObject([{ id: 'in-1', repositoryId: id }])
  expect((await list(`repository=${id}&state=dead`)).items).toEqual([])
  expect((await list(`repository=${id}&direction=out`)).items).toEqual([])
  const counts = { commits: 0, branches: 0, pull_requests: 0, issues: 0 }
  const journal = {
    repository_id: Number(id),
    trigger: 'manual',
    mode: 'soft' as const,
    started_at: 1,
    outcome: 'done' as const,
    ...counts,
  }
  await t.app.db.write('background', (tx) =>
    tx
      .insertInto('syncs')
      .values({ ...journal, id: 4 })
      .execute(),
  )
  expect((await list(`repository=${id}&direction=out`)).items).toMatchObject([{ id: 'out-1', syncId: '4', repositoryId: id }])
  expect((await list('repository=')).items).toHaveLength(2)
  expect((await list('repository=99')).items).toEqual([])
  expect((await list("repository=1' or 1=1")).items).toEqual([])
})

test('one webhook is shown with its payload, cut when it is long, and without it when it is gone', async () => {
  await addWebhook('a', 'done', { body: '{"ref":"<b>ünïcode</b>"}' })
  await addWebhook('b', 'done', { body: `"${'x'.repeat(300_000)}"` })
  const show = async (id: string) => (await t.send('GET', `/api/v1/deliveries/${id}`)).json<DeliveryDetailJson>()

  expect(await show('in-1')).toEqual({
    delivery: expect.objectContaining({ id: 'in-1', headers: { 'x-gitlab-event': 'Push Hook' } }),
    payload: { text: '{"ref":"<b>ünïcode</b>"}', length: 24 },
  })
  const long = await show('in-2')
  expect([long.payload?.text.length, long.payload?.length]).toEqual([200_000, 300_002])
  await t.app.db.write('background', (tx) => clearPayloads(tx, { after: 0, before: 9_000, limit: 10 }))
  expect(await show('in-1')).toMatchObject({ delivery: { payloadKept: false }, payload: null })
})

test('a token that may only read sees the delivery and not its payload', async () => {
  await addWebhook('a', 'done')
  const { value } = await createApiToken(t.app, { name: 'x', scope: 'read', createdBy: null, expiresAt: null })

  const answer = await t.send('GET', '/api/v1/deliveries/in-1', { authorization: `Bearer ${value}` })

  expect(answer.json()).toMatchObject({ delivery: { id: 'in-1', payloadKept: true }, payload: null })
})

test('one write to Jira is shown', async () => {
  await addWrite()

  expect((await t.send('GET', '/api/v1/deliveries/out-1')).json()).toMatchObject({
    delivery: { id: 'out-1', issue: 'SHOP-1' },
    payload: null,
  })
})

test('a dead webhook is replayed', async () => {
  await addWebhook('a', 'dead')

  const answer = await t.send('POST', '/api/v1/deliveries/in-1/replay')

  expect([answer.status, answer.json()]).toEqual([202, expect.objectContaining({ id: 'in-1', state: 'pending', error: null })])
  expect(await t.app.jobs.stats(t.app.db.read)).toMatchObject({ waiting: 1 })
})

test('what is about no issue says so, and neither it nor a comment is written again', async () => {
  await addWrite({ kind: 'comment', contentHash: null })
  await addWrite({ kind: 'webhook', key: null, jiraId: null, syncId: null, bytes: null, contentHash: null })
  await t.app.db.write('background', (tx) => markIssuesDirty(tx, [{ key: issueKey('SHOP-1'), at: 1 }], 1))

  expect((await list('direction=out')).items).toMatchObject([
    { id: 'out-2', kind: 'webhook', issue: null, issueId: null, syncId: null, repositoryId: null },
    { id: 'out-1', kind: 'comment', issue: 'SHOP-1', issueId: '10001', syncId: '4' },
  ])
  for (const id of ['out-1', 'out-2']) {
    const answer = await t.send('POST', `/api/v1/deliveries/${id}/replay`)
    expect([answer.status, answer.json()['code']]).toEqual([409, 'delivery-not-replayable'])
  }
})

test('a write whose issue is stored is replayed; without it there is nothing to write', async () => {
  await addWrite()
  expect((await t.send('POST', '/api/v1/deliveries/out-1/replay')).json()).toMatchObject({ code: 'delivery-not-replayable' })
  await t.app.db.write('background', (tx) => markIssuesDirty(tx, [{ key: issueKey('SHOP-1'), at: 1 }], 1))

  expect((await t.send('POST', '/api/v1/deliveries/out-1/replay')).status).toBe(202)
})

test.each(['in-7', 'out-7', 'up-1', 'in-', "in-1' or 1=1", 'in-9999999999999999999'])('%s is not found', async (id) => {
  const path = `/api/v1/deliveries/${encodeURIComponent(id)}`

  for (const answer of [await t.send('GET', path), await t.send('POST', `${path}/replay`)]) {
    expect([answer.status, answer.json()['code']]).toEqual([404, 'delivery-not-found'])
  }
})

test('nobody gets in without a token', async () => {
  for (const path of ['GET /api/v1/deliveries', 'POST /api/v1/deliveries/in-1/replay'] as const) {
    const [method, url] = path.split(' ') as ['GET' | 'POST', string]
    expect((await t.send(method, url, { authorization: null })).status).toBe(401)
  }
})
