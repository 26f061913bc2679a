import { stat } from 'node:fs/promises'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { isSetupNeeded, makeSetupLink, writeSetupLink } from '../app/identity/set-up.ts'
import { createTestClock, HOUR_MS, MINUTE_MS, type TestClock } from '../app/test-clock.ts'
import { problemSchema } from '../contract/problem.ts'
import { KINDS } from '../db/test-database.ts'
import { ADA, makeSetupCode, openBrowser, setUpAda, type TestBrowser } from './test-browser.ts'
import { startTestHttpApp, type TestAnswer, type TestHttpApp } from './test-http-app.ts'

const code = (answer: TestAnswer) => problemSchema.parse(answer.json()).code
const BO = { name: 'bo', displayName: 'Bo', password: 'another long password' }

describe.each(KINDS)('on %s', (kind) => {
  let t: TestHttpApp
  beforeEach(async () => {
    t = await startTestHttpApp({}, { kind })
  })
  afterEach(() => t.dispose())

  test('the set-up link makes the first administrator, who is signed in, and is gone', async () => {
    const browser = openBrowser(t)
    expect((await browser.send('GET', '/api/v1/setup')).json()).toEqual({ needed: true })
    const link = (await makeSetupLink(t.app)) ?? ''
    const path = await writeSetupLink(t.app.settings, link)
    expect((await stat(path)).mode & 0o777).toBe(0o600)
    expect(link).toMatch(/^https:\/\/dvcs\.example\.com\/connector\/setup#[\w-]{43}$/)

    const answer = await browser.send('POST', '/api/v1/setup', { body: { code: link.split('#')[1], ...ADA } })

    expect(answer.status).toBe(201)
    expect(await browser.session()).toMatchObject({ user: { name: 'ada', source: 'local', role: 'administrator' } })
    expect((await browser.send('GET', '/api/v1/setup')).json()).toEqual({ needed: false })
    await expect(stat(path)).rejects.toThrow('ENOENT')
    expect(await makeSetupLink(t.app)).toBeNull()
  })

  test('of two who use the link at once one wins', async () => {
    const body = { code: await makeSetupCode(t), displayName: 'X', password: ADA.password }
    const answers = await Promise.all(
      ['ada', 'bo', 'cy'].map((name) => openBrowser(t).send('POST', '/api/v1/setup', { body: { ...body, name } })),
    )

    expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([
      201,
      expect.toBeOneOf([401, 409]),
      expect.toBeOneOf([401, 409]),
    ])
    const users = await t.app.db.read.selectFrom('users').select('name').execute()
    expect(users).toHaveLength(1)
  })

  test('signing in gives a session of its own, signing out ends it', async () => {
    await setUpAda(t)
    const browser = openBrowser(t)

    expect((await browser.signIn('ADA', ADA.password)).status).toBe(200)
    expect((await browser.send('GET', '/api/v1/accounts')).status).toBe(200)
    const stolen = openBrowser(t)
    stolen.cookie = browser.cookie
    expect((await browser.send('DELETE', '/api/v1/session')).status).toBe(204)

    expect(browser.cookie).toBeNull()
    expect((await stolen.session()).user).toBeNull()
    expect((await stolen.send('GET', '/api/v1/accounts')).status).toBe(401)
  })

  test('signing out everywhere ends every session of the person, and nobody else’s', async () => {
    const first = await setUpAda(t)
    const second = openBrowser(t)
    await second.signIn(ADA.name, ADA.password)
    await first.send('POST', '/api/v1/users', { body: BO })
    const other = openBrowser(t)
    await other.signIn(BO.name, BO.password)
    const own = (await second.send('GET', '/api/v1/sessions')).json<{ items: { current: boolean }[] }>()
    expect(own.items.map(({ current }) => current)).toEqual([true, false])

    expect((await second.send('DELETE', '/api/v1/sessions')).status).toBe(204)

    expect((await first.session()).user).toBeNull()
    expect((await other.session()).user).toMatchObject({ name: 'bo' })
  })
})

describe('sessions', () => {
  let t: TestHttpApp
  let clock: TestClock
  let ada: TestBrowser
  beforeEach(async () => {
    clock = createTestClock()
    t = await startTestHttpApp({ limits: { freeSignIns: { bySource: 6, byName: 3 } } }, { clock })
    ada = await setUpAda(t)
  })
  afterEach(() => t.dispose())

  test('live in a cookie that scripts, other sites and plain HTTP do not get, and only as a hash in the database', async () => {
    const answer = await openBrowser(t).signIn(ADA.name, ADA.password)

    expect(answer.headers['set-cookie']).toMatch(
      /^__Secure-jira-dvcs=[\w-]{43}; Max-Age=604800; Path=\/connector; HttpOnly; Secure; SameSite=Lax$/,
    )
    const stored = JSON.stringify(await t.app.db.read.selectFrom('sessions').selectAll().execute())
    expect(stored).not.toContain(String(answer.headers['set-cookie']).split(/[=;]/)[1])
    expect(answer.text).not.toContain(String(answer.headers['set-cookie']).split(/[=;]/)[1])
  })

  test('are never the one that the browser brought: neither a made-up nor the former one', async () => {
    const made = `__Secure-jira-dvcs=${'a'.repeat(43)}`
    const fixed = openBrowser(t)
    fixed.cookie = made
    await fixed.signIn(ADA.name, ADA.password)
    const former = ada.cookie
    await ada.signIn(ADA.name, ADA.password)

    expect(fixed.cookie).not.toBe(made)
    expect(ada.cookie).not.toBe(former)
    const replay = openBrowser(t)
    replay.cookie = former
    expect((await replay.session()).user).toBeNull()
  })

  test('are not begun for those who do not sign in', async () => {
    const anonymous = openBrowser(t)
    for (const url of ['/api/v1/session', '/api/v1/setup', '/healthz']) {
      expect((await anonymous.send('GET', url)).headers['set-cookie']).toBeUndefined()
    }
    expect((await t.send('GET', '/api/v1/accounts')).headers['set-cookie']).toBeUndefined()
    expect((await t.send('POST', '/webhooks/acme', { body: {} })).headers['set-cookie']).toBeUndefined()
  })

  test('end after eight hours without a request, and after seven days with them', async () => {
    clock.advance(7 * HOUR_MS)
    expect((await ada.session()).user).not.toBeNull()
    clock.advance(7 * HOUR_MS)
    expect((await ada.session()).user).not.toBeNull()
    const idle = openBrowser(t)
    await idle.signIn(ADA.name, ADA.password)
    clock.advance(8 * HOUR_MS)
    expect((await idle.session()).user).toBeNull()

    await ada.signIn(ADA.name, ADA.password)
    for (let hours = 0; hours < 7 * 24; hours += 6) {
      expect((await ada.session()).user, `after ${hours} h`).not.toBeNull()
      clock.advance(6 * HOUR_MS)
    }
    expect((await ada.session()).user).toBeNull()
  })

  test('end with the user’s new password, but for the one that set it', async () => {
    const other = openBrowser(t)
    await other.signIn(ADA.name, ADA.password)
    const [{ id }] = (await ada.send('GET', '/api/v1/users')).json<{ items: [{ id: string }] }>().items
    const change = (body: object) => ada.send('PATCH', `/api/v1/users/${id}`, { body })

    expect(code(await change({ password: BO.password }))).toBe('password-wrong')
    expect(code(await change({ password: BO.password, currentPassword: 'not it, sorry' }))).toBe('password-wrong')
    expect((await other.session()).user).not.toBeNull()
    expect((await change({ password: BO.password, currentPassword: ADA.password })).status).toBe(200)

    expect((await other.session()).user).toBeNull()
    expect((await ada.session()).user).not.toBeNull()
    expect((await openBrowser(t).signIn(ADA.name, ADA.password)).status).toBe(401)
    expect((await openBrowser(t).signIn(ADA.name, BO.password)).status).toBe(200)
  })

  test('of a disabled or deleted user end at once', async () => {
    const bo = openBrowser(t)
    const { id } = (await ada.send('POST', '/api/v1/users', { body: BO })).json<{ id: string }>()
    await bo.signIn(BO.name, BO.password)

    await ada.send('PATCH', `/api/v1/users/${id}`, { body: { disabled: true } })
    expect((await bo.session()).user).toBeNull()
    expect((await bo.signIn(BO.name, BO.password)).status).toBe(401)
    await ada.send('PATCH', `/api/v1/users/${id}`, { body: { disabled: false } })
    expect((await bo.signIn(BO.name, BO.password)).status).toBe(200)
    await ada.send('DELETE', `/api/v1/users/${id}`)
    expect((await bo.session()).user).toBeNull()
  })

  test.each([
    ['without the token', { 'x-csrf-token': '' }],
    ['with another token', { 'x-csrf-token': 'a'.repeat(43) }],
    ['from another origin', { origin: 'https://evil.example.com' }],
    ['from a page without an origin', { origin: 'null' }],
    ['from a neighbouring host', { origin: 'https://jira.example.com', 'sec-fetch-site': 'same-site' }],
    ['from another site', { 'sec-fetch-site': 'cross-site' }],
  ])('change nothing %s', async (_name, headers) => {
    const answer = await ada.send('POST', '/api/v1/users', { body: BO, headers })

    expect([answer.status, code(answer)]).toEqual([403, 'csrf-refused'])
    expect(await t.app.db.read.selectFrom('users').select('id').execute()).toHaveLength(1)
  })

  test.each([
    ['of the public address', { origin: 'https://dvcs.example.com', 'sec-fetch-site': 'same-origin' }],
    ['of the address that was called', { origin: 'http://127.0.0.1:8090', host: '127.0.0.1:8090' }],
    ['without an origin', {}],
  ])('change things from a page %s', async (_name, headers) => {
    expect((await ada.send('POST', '/api/v1/users', { body: BO, headers })).status).toBe(201)
  })

  test('signing in is refused to other sites and to forms', async () => {
    const body = { name: ADA.name, password: ADA.password }
    const foreign = await openBrowser(t).send('POST', '/api/v1/session', { body, headers: { origin: 'https://evil.example' } })
    const form = await t.send('POST', '/api/v1/session', {
      authorization: null,
      payload: JSON.stringify(body),
      headers: { 'content-type': 'text/plain' },
    })

    expect([foreign.status, form.status]).toEqual([403, 415])
    expect([foreign, form].map((answer) => answer.headers['set-cookie'])).toEqual([undefined, undefined])
  })

  test('a name that nobody has and a wrong password get one answer', async () => {
    const [unknown, wrong] = [await openBrowser(t).signIn('nobody', 'x'), await openBrowser(t).signIn('ada', 'x')]
    const { requestId: _one, ...first } = problemSchema.parse(unknown.json())
    const { requestId: _other, ...second } = problemSchema.parse(wrong.json())

    expect(first).toEqual(second)
    expect(first).toMatchObject({ status: 401, code: 'sign-in-refused' })
  })

  test('guessing at a name is slowed down from wherever, and the right person gets in afterwards', async () => {
    for (let count = 0; count < 3; count += 1) {
      expect((await openBrowser(t).send('POST', '/api/v1/session', guess(`192.0.2.${count}`))).status).toBe(401)
    }
    const held = await openBrowser(t).send('POST', '/api/v1/session', guess('192.0.2.9'))
    expect([held.status, code(held)]).toEqual([429, 'too-many-sign-ins'])
    expect(Number(held.headers['retry-after'])).toBeGreaterThan(0)
    for (let count = 0; count < 20; count += 1) {
      clock.advance(MINUTE_MS)
      expect((await openBrowser(t).send('POST', '/api/v1/session', guess('192.0.2.9'))).status).not.toBe(500)
    }

    clock.advance(MINUTE_MS)
    expect((await openBrowser(t).signIn('ada', ADA.password)).status).toBe(200)
  })

  test('guessing from an address is slowed down whatever the names, many at once counted', async () => {
    const answers = await Promise.all(
      Array.from({ length: 12 }, (_, count) =>
        openBrowser(t).send('POST', '/api/v1/session', { body: { name: `n${count}`, password: 'x' }, from: '2001:db8::1' }),
      ),
    )
    const elsewhere = await openBrowser(t).send('POST', '/api/v1/session', {
      body: { name: 'n99', password: 'x' },
      from: '2001:db8:0:1::1',
    })

    expect(answers.filter(({ status }) => status === 401)).toHaveLength(6)
    expect(answers.filter(({ status }) => status === 429)).toHaveLength(6)
    expect(elsewhere.status).toBe(401)
  })

  test('a bearer token beside a cookie counts alone', async () => {
    const answer = await ada.send('GET', '/api/v1/accounts', { headers: { authorization: 'Bearer wrong' } })

    expect(code(answer)).toBe('token-refused')
  })

  test('nothing secret is logged, and nothing at all for a wrong password but its route', async () => {
    await openBrowser(t).signIn('ada', 'a wrong password')
    await ada.send('POST', '/api/v1/users', { body: BO })
    await ada.send('POST', '/api/v1/tokens', { body: { name: 'ci', scope: 'read' } })

    const text = JSON.stringify([t.logged, await t.app.db.read.selectFrom('admin_log').selectAll().execute()])
    for (const secret of [ADA.password, BO.password, 'a wrong password', ada.cookie?.split('=')[1], ada.csrfToken, 'jdvcs_']) {
      expect(text).not.toContain(secret)
    }
  })
})

const guess = (from: string) => ({ body: { name: 'ada', password: 'a guess' }, from })

describe('the set-up', () => {
  let t: TestHttpApp
  let clock: TestClock
  beforeEach(async () => {
    clock = createTestClock()
    t = await startTestHttpApp({ limits: { freeSignIns: { bySource: 3, byName: 3 } } }, { clock })
  })
  afterEach(() => t.dispose())
  const post = (setupCode: string, more: object = {}) =>
    openBrowser(t).send('POST', '/api/v1/setup', { body: { code: setupCode, ...ADA, ...more } })

  test('takes no link that is an hour old, or that a later start replaced', async () => {
    const first = await makeSetupCode(t)
    const second = await makeSetupCode(t)
    expect(code(await post(first))).toBe('setup-code-refused')
    clock.advance(HOUR_MS)

    expect(code(await post(second))).toBe('setup-code-refused')
    expect(await isSetupNeeded(t.app)).toBe(true)
  })

  test('is done once', async () => {
    const setupCode = await makeSetupCode(t)
    expect((await post(setupCode)).status).toBe(201)

    expect(code(await post(setupCode, { name: 'eve' }))).toBe('setup-done')
  })

  test('is slowed down when codes are guessed', async () => {
    await makeSetupCode(t)
    for (let count = 0; count < 3; count += 1) expect((await post('a'.repeat(43))).status).toBe(401)

    expect((await post('a'.repeat(43))).status).toBe(429)
  })

  test.each([
    ['a short password', { password: 'elevenchars' }],
    ['a long password', { password: 'x'.repeat(1025) }],
    ['a name with a line end', { name: 'ada\nb' }],
    ['no name', { name: '' }],
  ])('refuses %s', async (_name, more) => {
    expect((await post(await makeSetupCode(t), more)).status).toBe(400)
  })
})

test.each([
  ['http://127.0.0.1:8090', /^jira-dvcs=[\w-]{43}; Max-Age=604800; Path=\/; HttpOnly; SameSite=Lax$/],
  ['https://dvcs.example.com', /^__Host-jira-dvcs=[\w-]{43}; Max-Age=604800; Path=\/; HttpOnly; Secure; SameSite=Lax$/],
])('at %s the cookie is as strict as it can be', async (serverUrl, pattern) => {
  const t = await startTestHttpApp({}, { serverUrl })
  try {
    await setUpAda(t)
    expect((await openBrowser(t).signIn(ADA.name, ADA.password)).headers['set-cookie']).toMatch(pattern)
  } finally {
    await t.dispose()
  }
})
