import { createHmac } from 'node:crypto'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { JiraConnection } from '../app/delivery/jira-connection.ts'
import { jiraWebhookSchema } from '../contract/jira-webhook.ts'
import { problemSchema } from '../contract/problem.ts'
import { markIssuesDirty } from '../db/stores/issues.ts'
import { issueKey } from '../domain/ids.ts'
import { createJiraClient } from '../jira/client.ts'
import { toPathSecret } from '../jira/webhook-signature.ts'
import { startTestHttpApp, type SendOptions, type TestHttpApp } from './test-http-app.ts'

const SECRET = 'a secret of Jira/with ${odd} characters'
const URL = '/webhooks/jira'
const created = { webhookEvent: 'jira:issue_created', issue: { id: '10012', key: 'SHOP-7' } }

let base: TestHttpApp
let t: TestHttpApp
let jira: JiraConnection
const start = async (events: Partial<JiraConnection['events']> = {}) => {
  base = await startTestHttpApp()
  const clientOf: JiraConnection['clientOf'] = (auth) =>
    createJiraClient({ url: 'http://127.0.0.1:9', auth, http: base.app.http, clock: base.app.clock, log: base.app.log })
  jira = {
    client: clientOf({ token: 'x' }),
    clientOf,
    propertyLevel: () => 'full',
    delivery: ['property'],
    installationId: 'test',
    identityCheck: { trustedUntilMs: 0 },
    events: {
      webhooks: 'manual',
      poll: 'auto',
      webhookSecrets: () => Promise.resolve([SECRET]),
      installation: { saved: false },
      ...events,
    },
  }
  t = await startTestHttpApp({ app: { ...base.app, jira }, limits: { unverifiedWebhooksPerMinute: 2 } })
}
const stop = async () => {
  await t.dispose()
  await base.dispose()
}

const sign = (payload: string | Buffer, secret = SECRET) => ({
  'content-type': 'application/json; charset=UTF-8',
  'x-hub-signature': `sha256=${createHmac('sha256', secret).update(payload).digest('hex')}`,
})
const post = (payload: string | Buffer, more: SendOptions = {}, url = URL) =>
  t.send('POST', url, { authorization: null, payload, headers: sign(payload), ...more })
const json = { 'content-type': 'application/json' }
const code = (answer: { json(): unknown }) => problemSchema.parse(answer.json()).code
const issueRow = () =>
  base.app.db.read
    .selectFrom('issues')
    .select(['state', 'version', 'due_at'])
    .where('issue_key', '=', 'SHOP-7')
    .executeTakeFirst()
const holdIssue = async () => {
  await base.app.db.write('interactive', (tx) => markIssuesDirty(tx, [{ key: issueKey('SHOP-7'), at: 1 }], 1))
  await base.app.db.write('interactive', (tx) => tx.updateTable('issues').set({ state: 'unknown', due_at: null }).execute())
}

describe("Jira's webhook", () => {
  beforeEach(() => start())
  afterEach(stop)

  test('is on disk, with the job that follows it, before the answer', async () => {
    await holdIssue()

    const answer = await post(JSON.stringify(created))

    expect([answer.status, answer.text]).toEqual([202, ''])
    expect(await issueRow()).toMatchObject({ state: 'dirty', version: 2 })
    expect((await base.app.jobs.stats(base.app.db.read)).waiting).toBe(1)
  })

  test('of what nothing here names needs no place, and repeated ones none more', async () => {
    const other = JSON.stringify({ ...created, issue: { id: '10013', key: 'SHOP-8' } })

    expect((await post(other)).status).toBe(200)
    expect((await post(other)).status).toBe(200)
    expect((await base.app.jobs.stats(base.app.db.read)).waiting).toBe(0)
  })

  test('before Jira 10 carries its secret in the address, which is logged nowhere', async () => {
    await holdIssue()

    const right = await post(JSON.stringify(created), { headers: json }, `${URL}/${toPathSecret(SECRET)}`)
    const wrong = await post(JSON.stringify(created), {}, `${URL}/wrong`)

    expect([right.status, wrong.status, code(wrong)]).toEqual([202, 401, 'webhook-refused'])
    expect(JSON.stringify([...base.logged, ...t.logged])).not.toContain('odd')
  })

  test('without a signature, or with a wrong one, is refused before it is read', async () => {
    await holdIssue()
    const cut = '{"cut":'

    const none = await post(cut, { headers: json })
    const wrong = await post(JSON.stringify(created), { headers: sign(JSON.stringify(created), 'wrong') })

    expect([none.status, wrong.status]).toEqual([401, 401])
    expect([code(none), code(wrong)]).toEqual(['webhook-refused', 'webhook-refused'])
    expect(await issueRow()).toMatchObject({ state: 'unknown', version: 1 })
  })

  test.each(['{"cut":', '', '\xff\xfe'])('%j is no JSON', async (text) => {
    const answer = await post(Buffer.from(text, 'latin1'))

    expect([answer.status, code(answer)]).toEqual([400, 'webhook-not-json'])
  })

  test('of another content type or too large is refused', async () => {
    const form = await post('x', { headers: { ...sign('x'), 'content-type': 'application/x-www-form-urlencoded' } })
    const large = Buffer.alloc(25 * 1024 * 1024 + 1, 'x')
    const tooLarge = await post(large)

    expect([form.status, tooLarge.status]).toEqual([415, 413])
    expect((await t.send('GET', URL, { authorization: null })).status).toBe(404)
  })

  test('floods of unverified ones get 429 by address, verified ones never', async () => {
    const refused = () => post('{}', { headers: json, from: '192.0.2.1' })

    const statuses = [(await refused()).status, (await refused()).status, (await refused()).status]

    expect(statuses).toEqual([401, 401, 429])
    expect((await post('{}', { from: '192.0.2.1' })).status).toBe(200)
    expect((await post('{}', { headers: json, from: '192.0.2.2' })).status).toBe(401)
  })

  test('a database that cannot be written: come again', async () => {
    await holdIssue()
    const db = { ...base.app.db, write: () => Promise.reject(new Error('disk full')) }
    const failing = await startTestHttpApp({ app: { ...base.app, jira, db } })
    try {
      const payload = JSON.stringify(created)
      const answer = await failing.send('POST', URL, { authorization: null, payload, headers: sign(payload) })

      expect([answer.status, code(answer)]).toEqual([503, 'webhook-not-stored'])
      expect(answer.headers['retry-after']).toBe('30')
      expect(answer.text).not.toContain('disk full')
    } finally {
      await failing.dispose()
    }
  })

  test('5,000 mutated payloads never make it fail', async () => {
    await holdIssue()
    const text = JSON.stringify({
      ...created,
      webhookEvent: 'jira:issue_updated',
      changelog: { items: [{ field: 'Key', fromString: 'SHOP-7', toString: 'PAY-1' }] },
    })
    const mutated = fc
      .array(
        fc.tuple(
          fc.nat(text.length),
          fc.nat(8),
          fc.oneof(fc.string(), fc.constantFrom('null', '{}', '[]', '"', '1e999', '\\ud800')),
        ),
        {
          minLength: 1,
          maxLength: 6,
        },
      )
      .map((changes) =>
        changes.reduce(
          (whole, [start, length, replacement]) => whole.slice(0, start) + replacement + whole.slice(start + length),
          text,
        ),
      )
    const replaced = fc
      .tuple(fc.constantFrom('issue', 'changelog', 'webhookEvent', 'id'), fc.jsonValue())
      .map(([name, value]) => JSON.stringify({ ...(JSON.parse(text) as object), [name]: value }))
    const seen = new Set<number>()

    await fc.assert(
      fc.asyncProperty(fc.oneof(mutated, replaced), async (payload) => {
        seen.add((await post(payload)).status)
      }),
      { numRuns: 5_000 },
    )

    expect([...seen].filter((status) => ![200, 202, 400].includes(status))).toEqual([])
  }, 300_000)
})

describe('a connector that takes none', () => {
  afterEach(stop)

  test('says so', async () => {
    await start({ webhooks: 'off' })

    const answer = await post('{}')

    expect([answer.status, code(answer)]).toEqual([404, 'jira-webhooks-off'])
  })
})

describe('what administrators are told', () => {
  beforeEach(() => start())
  afterEach(stop)
  const read = async () => jiraWebhookSchema.parse((await t.send('GET', '/api/v1/jira/webhook')).json())

  test('is where to install the webhook and how, and never the secret', async () => {
    const answer = await t.send('GET', '/api/v1/jira/webhook')

    expect(answer.status).toBe(200)
    expect(jiraWebhookSchema.parse(answer.json())).toMatchObject({
      mode: 'manual',
      address: 'https://dvcs.example.com/connector/webhooks/jira',
      lastArrivedAt: null,
      poll: { intervalSeconds: 300, lastAt: null },
    })
    expect(answer.text).not.toContain('odd')
    expect((await t.send('GET', '/api/v1/jira/webhook', { authorization: null })).status).toBe(401)
  })

  test('whether and when one arrived', async () => {
    await post(JSON.stringify(created))

    expect(await read()).toMatchObject({
      lastArrivedAt: expect.any(String),
      lastEvent: 'jira:issue_created',
      poll: { intervalSeconds: 3_600 },
    })
  })

  test('that no Jira is connected', async () => {
    const answer = await base.send('GET', '/api/v1/jira/webhook')

    expect([answer.status, code(answer)]).toEqual([404, 'jira-webhooks-off'])
  })
})
