import { createHash } from 'node:crypto'
import { request as sendRequest, type IncomingHttpHeaders } from 'node:http'
import { connect, type AddressInfo, type Socket } from 'node:net'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createWebhookIntake } from '../app/webhooks/webhook-intake.ts'
import { createWebhookVerifier } from '../app/webhooks/webhook-verifier.ts'
import { problemSchema } from '../contract/problem.ts'
import { findWebhook } from '../db/stores/webhook-deliveries.ts'
import { findWebhookGaps } from '../db/stores/webhook-gaps.ts'
import { accountId } from '../domain/ids.ts'
import type { HttpLimits } from './http-app.ts'
import { startTestHttpApp, WEBHOOK_SECRET, type SendOptions, type TestHttpApp } from './test-http-app.ts'

const URL = '/webhooks/acme'
const LIMIT_BYTES = 25 * 1024 * 1024
const json = { 'content-type': 'application/json' }
const signed = { ...json, 'x-gitlab-token': WEBHOOK_SECRET, 'x-gitlab-event': 'Push Hook' }
const push = JSON.stringify({ object_kind: 'push', project_id: 501 })

let t: TestHttpApp
beforeEach(async () => {
  await start({ unverifiedWebhooksPerMinute: 2 })
})
afterEach(() => t.dispose())

async function start(limits: Partial<HttpLimits>): Promise<void> {
  t = await startTestHttpApp({ limits })
  await t.addAccount({ id: accountId('acme') })
}

const post = (more: SendOptions = {}, url = URL) =>
  t.send('POST', url, { authorization: null, payload: push, headers: signed, ...more })
const stored = async () => (await t.app.db.read.selectFrom('webhook_deliveries').select('id').execute()).length
const code = (answer: { json(): unknown }) => problemSchema.parse(answer.json()).code

describe('what is taken', () => {
  test('is on disk, with the job that looks at it, before the answer', async () => {
    const answer = await post({ headers: { ...signed, 'idempotency-key': 'd-1', authorization: 'Bearer x' } })

    expect([answer.status, answer.text]).toEqual([202, ''])
    const webhook = await findWebhook(t.app.db.read, 1)
    expect(webhook).toMatchObject({ accountId: 'acme', body: push })
    expect(JSON.stringify(webhook)).not.toContain(WEBHOOK_SECRET)
    expect(await stored()).toBe(1)
    expect(await t.app.jobs.stats(t.app.db.read)).toMatchObject({ waiting: 1 })
  })

  test('the same delivery again is a duplicate', async () => {
    const headers = { ...signed, 'idempotency-key': 'd-1' }

    expect((await post({ headers })).status).toBe(202)
    expect((await post({ headers })).status).toBe(200)
    expect((await post({ headers: { ...signed, 'idempotency-key': 'd-2' } })).status).toBe(202)
    expect(await stored()).toBe(2)
  })

  test.each(['application/json; charset=utf-8', 'APPLICATION/JSON'])('content type %s', async (type) => {
    expect((await post({ headers: { ...signed, 'content-type': type } })).status).toBe(202)
  })

  test('the bytes arrive as they are, whatever they hold', async () => {
    const body = Buffer.from('{"text":"ä \\u0000 \\ud800 \u{1f600}","project_id":501,"object_kind":"push"}  \n')

    expect((await post({ payload: body })).status).toBe(202)
    expect((await findWebhook(t.app.db.read, 1))?.body).toBe(body.toString('utf8'))
  })
})

describe('what is not', () => {
  test('no secret or a wrong one: nothing is stored', async () => {
    const none = await post({ headers: json })
    const wrong = await post({ headers: { ...signed, 'x-gitlab-token': 'wrong' } })

    expect([none.status, wrong.status]).toEqual([401, 401])
    expect([code(none), code(wrong)]).toEqual(['webhook-refused', 'webhook-refused'])
    expect(none.headers['www-authenticate']).toBe('Webhook realm="jira-dvcs"')
    expect(await stored()).toBe(0)
  })

  test('the secret is looked at before the JSON', async () => {
    expect((await post({ payload: '{"cut":', headers: json })).status).toBe(401)
    const answer = await post({ payload: '{"cut":' })
    expect([answer.status, code(answer)]).toEqual([400, 'webhook-not-json'])
    expect((await post({ payload: '' })).status).toBe(400)
  })

  test.each(['/webhooks/nobody', '/webhooks/no%00body', '/webhooks/..%2Facme'])('%s', async (url) => {
    const answer = await post({}, url)

    expect([answer.status, code(answer)]).toEqual([404, 'account-not-found'])
  })

  test('an account whose credentials are nowhere', async () => {
    await t.addAccount({ id: accountId('gone') })

    expect((await post({}, '/webhooks/gone')).status).toBe(404)
  })

  test.each(['text/plain', 'application/x-www-form-urlencoded', 'application/xml'])('content type %s', async (type) => {
    const answer = await post({ headers: { ...signed, 'content-type': type } })

    expect([answer.status, code(answer)]).toEqual([415, 'media-type-unsupported'])
  })

  test('no content type', async () => {
    const { 'content-type': _type, ...headers } = signed

    expect((await t.send('POST', URL, { authorization: null, headers })).status).toBe(415)
    expect((await t.send('GET', URL, { authorization: null })).status).toBe(404)
  })

  test('a database that cannot be written: come again', async () => {
    const db = { ...t.app.db, write: () => Promise.reject(new Error('disk full')) }
    const app = { ...t.app, db, webhooks: createWebhookIntake({ ...t.app, db }) }
    const other = await startTestHttpApp({ app })
    try {
      const answer = await other.send('POST', URL, { authorization: null, payload: push, headers: signed })

      expect([answer.status, code(answer)]).toEqual([503, 'webhook-not-stored'])
      expect(answer.headers['retry-after']).toBe('30')
      expect(answer.text).not.toContain('disk full')
    } finally {
      await other.dispose()
    }
  })
})

test('the first webhook that is stored again has the account swept for those that were not', async () => {
  let isDown = true
  const write: typeof t.app.db.write = (...of) => (isDown ? Promise.reject(new Error('disk full')) : t.app.db.write(...of))
  const db = { ...t.app.db, write }
  const other = await startTestHttpApp({ app: { ...t.app, db, webhooks: createWebhookIntake({ ...t.app, db }) } })
  try {
    const send = () => other.send('POST', URL, { authorization: null, payload: push, headers: signed })
    const gap = () => findWebhookGaps(t.app.db.read, accountId('acme'))
    expect((await send()).status).toBe(503)
    expect(await gap()).toEqual({ missedAt: null, wokenAt: null })

    isDown = false
    expect((await send()).status).toBe(202)

    expect((await gap()).missedAt).not.toBeNull()
    const jobs = await t.app.db.read.selectFrom('jobs').select('name').where('name', '=', 'sweep-account').execute()
    expect(jobs).toHaveLength(1)
  } finally {
    await other.dispose()
  }
})

test('webhooks that cannot be stored are told of once a minute, with their number', async () => {
  let nowMs = 0
  const clock = { ...t.app.clock, monotonicMs: () => nowMs }
  const db = { ...t.app.db, write: () => Promise.reject(new Error('disk full')) }
  const app = { ...t.app, db, clock, webhooks: createWebhookIntake({ ...t.app, db }) }
  const other = await startTestHttpApp({ app })
  try {
    const send = () => other.send('POST', URL, { authorization: null, payload: push, headers: signed })
    const lines = () => other.logged.filter(({ msg }) => msg === 'request failed').map(({ count }) => count ?? 1)

    for (let sent = 0; sent < 3; sent += 1) expect((await send()).status).toBe(503)
    expect(lines()).toEqual([1])
    nowMs += 60_000
    expect((await send()).status).toBe(503)

    expect(lines()).toEqual([1, 3])
  } finally {
    await other.dispose()
  }
})

test('webhooks that cannot be stored have one line at once, one for all of ten seconds, and one when they can be again', async () => {
  let nowMs = 0
  let isDown = true
  const clock = { ...t.app.clock, monotonicMs: () => nowMs }
  const write: typeof t.app.db.write = (...of) => (isDown ? Promise.reject(new Error('disk full')) : t.app.db.write(...of))
  const db = { ...t.app.db, write }
  const other = await startTestHttpApp({ app: { ...t.app, db, clock, webhooks: createWebhookIntake({ ...t.app, db }) } })
  try {
    const send = () => other.send('POST', URL, { authorization: null, payload: push, headers: signed })
    for (let sent = 0; sent < 3; sent += 1) await send()
    nowMs += 10_000
    await send()
    isDown = false
    nowMs += 1_000
    await send()

    const told = other.logged.filter(({ msg }) => /stored/.test(String(msg)))
    expect(told.map(({ msg, account, count }) => [msg, account, count])).toEqual([
      ['webhook could not be stored', 'acme', undefined],
      ['webhook could not be stored', 'acme', 3],
      ['webhooks are stored again', undefined, 4],
    ])
  } finally {
    await other.dispose()
  }
})

test('ids of no account do not cost a look into the database each', async () => {
  let looks = 0
  const read = Object.create(t.app.db.read, {
    selectFrom: { value: (table: 'accounts') => ((looks += 1), t.app.db.read.selectFrom(table)) },
  }) as typeof t.app.db.read
  const clock = { ...t.app.clock, monotonicMs: () => 0 }
  const verifier = createWebhookVerifier({ ...t.app, db: { ...t.app.db, read }, clock })

  for (let number = 1; number <= 50; number += 1) {
    const webhook = { accountId: accountId(`nobody-${number}`), headers: {}, body: Buffer.from(push) }
    expect(await verifier.verify(webhook)).toBe('unknown-account')
  }

  expect(looks).toBe(1)
})

describe('floods', () => {
  test('of what cannot be verified get 429 by address; what is verified never does', async () => {
    const refused = () => post({ headers: json, from: '192.0.2.1' })
    for (let count = 0; count < 2; count += 1) expect((await refused()).status).toBe(401)

    const limited = await refused()

    expect([limited.status, code(limited)]).toEqual([429, 'too-many-refusals'])
    expect(Number(limited.headers['retry-after'])).toBeGreaterThan(0)
    expect((await post({ headers: json, from: '192.0.2.2' })).status).toBe(401)
    expect((await post({ from: '192.0.2.1' })).status).toBe(202)
  })

  test('of unknown accounts count, a body that is no JSON does not', async () => {
    for (let count = 0; count < 4; count += 1) expect((await post({ payload: 'x', from: '192.0.2.1' })).status).toBe(400)

    const answers = [await post({}, '/webhooks/a'), await post({}, '/webhooks/b'), await post({}, '/webhooks/c')]

    expect(answers.map(({ status }) => status)).toEqual([404, 404, 429])
  })

  test('wrong webhooks do not count against tokens', async () => {
    for (let count = 0; count < 3; count += 1) await post({ headers: json })

    expect((await t.send('GET', '/api/v1/accounts', { authorization: 'Bearer x' })).status).toBe(401)
  })
})

async function listen(): Promise<number> {
  await t.http.listen({ host: '127.0.0.1', port: 0 })
  return (t.http.server.address() as AddressInfo).port
}

describe('over real connections', () => {
  let port: number
  beforeEach(async () => {
    port = await listen()
  })

  test('a body of the limit is taken byte by byte, one more is not', async () => {
    const body = (bytes: number) => `"${'x'.repeat(bytes - 2)}"`

    const fits = await send(port, { headers: signed, chunks: [body(LIMIT_BYTES)] })
    const tooLarge = await send(port, { headers: signed, chunks: [body(LIMIT_BYTES + 1)] })

    expect([fits.status, tooLarge.status]).toEqual([202, 413])
    const webhook = await t.app.db.read.selectFrom('webhook_payloads').select('body').executeTakeFirst()
    const digest = (text: string) => createHash('sha256').update(text).digest('hex')
    expect(digest(webhook?.body ?? '')).toBe(digest(body(LIMIT_BYTES)))
  })

  test('a body without a length is measured as it comes', async () => {
    const chunk = 'x'.repeat(1024 * 1024)

    const answer = await send(port, {
      headers: { ...signed, 'transfer-encoding': 'chunked' },
      chunks: Array<string>(26).fill(chunk),
    })

    expect(answer.status).toBe(413)
    expect(answer.headers['content-type']).toBe('application/problem+json')
    expect(JSON.parse(answer.text)).toMatchObject({ code: 'body-too-large', status: 413 })
  })
})

describe('over slow connections', () => {
  let port: number
  beforeEach(async () => {
    await t.dispose()
    await start({ requestTimeoutMs: 500 })
    port = await listen()
  })

  test('a body that is cut off is not stored, one that does not come in time is answered', async () => {
    const head = [
      'POST /webhooks/acme HTTP/1.1',
      'Host: x',
      'Content-Type: application/json',
      `X-Gitlab-Token: ${WEBHOOK_SECRET}`,
    ]
    const cut = connect(port, '127.0.0.1')
    cut.on('error', () => undefined)
    cut.write(`${head.join('\r\n')}\r\nContent-Length: 100\r\n\r\n{"half":`)
    cut.end()

    const slow = await exchange(port, `${head.join('\r\n')}\r\nContent-Length: 100\r\n\r\n{"half":`)

    expect(slow).toMatch(/^HTTP\/1\.1 408 /)
    expect(slow).toContain('request-too-slow')
    cut.destroy()
    expect(await stored()).toBe(0)
  })

  test('headers that do not come in time, and what is no HTTP', async () => {
    const [slow, foreign] = await Promise.all([
      exchange(port, 'POST /webhooks/acme HTTP/1.1\r\nHost: x\r\n'),
      exchange(port, 'EHLO there\r\n\r\n'),
    ])

    expect(slow).toMatch(/^HTTP\/1\.1 408 /)
    expect(foreign).toMatch(/^HTTP\/1\.1 400 /)
    expect(foreign).toContain('application/problem+json')
  })
})

interface Sent {
  readonly headers: Readonly<Record<string, string>>
  readonly chunks: readonly string[]
}

function send(port: number, { headers, chunks }: Sent): Promise<{ status: number; headers: IncomingHttpHeaders; text: string }> {
  return new Promise((resolve, reject) => {
    let answered = false
    const outgoing = sendRequest({ host: '127.0.0.1', port, method: 'POST', path: URL, headers }, (response) => {
      answered = true
      let text = ''
      response.setEncoding('utf8')
      response.on('data', (chunk: string) => {
        text += chunk
      })
      response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, text }))
      response.on('error', reject)
    })
    // A server that has answered need not take the rest.
    outgoing.on('error', (error) => (answered ? undefined : reject(error)))
    for (const chunk of chunks) outgoing.write(chunk)
    outgoing.end()
  })
}

/** Sends text and leaves the connection open; resolves with all that came when the other side closes it. */
function exchange(port: number, text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket: Socket = connect(port, '127.0.0.1')
    let answer = ''
    socket.setEncoding('utf8')
    socket.on('data', (chunk: string) => {
      answer += chunk
    })
    socket.on('error', reject)
    socket.on('close', () => resolve(answer))
    socket.write(text)
  })
}
