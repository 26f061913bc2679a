import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createTestClock, MINUTE_MS, type TestClock } from '../app/test-clock.ts'
import type { JiraConnection } from '../app/delivery/jira-connection.ts'
import { problemSchema } from '../contract/problem.ts'
import { accountId } from '../domain/ids.ts'
import { createJiraClient } from '../jira/client.ts'
import { createJiraOAuth } from '../jira/oauth.ts'
import { silentLogger } from '../lib/logger.ts'
import { createSandboxJira, type SandboxJira } from '../sandbox/jira/sandbox-jira.ts'
import { toOwnPath } from './jira-sign-in.ts'
import { openBrowser, type TestBrowser } from './test-browser.ts'
import { addCommits } from './test-development.ts'
import { startTestHttpApp, type TestAnswer, type TestHttpApp, type TestWorld } from './test-http-app.ts'

const OAUTH = { clientId: 'connector', clientSecret: 'oauth client secret' }
const SERVER = 'https://dvcs.example.com/connector'
const person = (name: string, more: object = {}) => ({
  name,
  displayName: `The ${name}`,
  emailAddress: `${name}@example.com`,
  tokens: [{ token: `${name}-token` }, { token: `${name}-expired`, expiresAt: new Date(0) }],
  ...more,
})

let jira: SandboxJira
let t: TestHttpApp
let clock: TestClock
let botToken: string
beforeEach(async () => {
  clock = createTestClock()
  botToken = 'admin-token'
  jira = await createSandboxJira({
    clock,
    log: silentLogger,
    users: [person('vera'), person('ver'), person('dev'), person('admin', { administrator: true }), person('bot')],
    oauth: { ...OAUTH, redirectUri: `${SERVER}/sign-in/jira/callback` },
  })
  jira.world.addProject({
    key: 'SHOP',
    name: 'Shop',
    members: { developers: ['vera'], viewers: ['dev'], administrators: ['admin'] },
  })
  jira.world.addProject({ key: 'HIDDEN', name: 'Hidden', members: { developers: ['dev'], administrators: ['admin'] } })
  jira.world.seedIssues('SHOP', 9)
  jira.world.seedIssues('HIDDEN', 9)
  t = await start()
})
afterEach(async () => {
  await t.dispose()
  await jira.close()
})

const connect =
  (more: Partial<JiraConnection> = {}): NonNullable<TestWorld['jira']> =>
  (parts) => ({
    client: createJiraClient({ url: jira.url, auth: { token: botToken }, ...parts }),
    clientOf: (auth) => createJiraClient({ url: jira.url, auth, ...parts }),
    oauth: createJiraOAuth({ url: jira.url, http: parts.http, ...OAUTH }),
    propertyLevel: () => 'full',
    delivery: ['property'],
    installationId: 'test',
    identityCheck: { trustedUntilMs: 0 },
    events: { webhooks: 'off', poll: null, webhookSecrets: () => Promise.resolve(['s']), installation: { saved: false } },
    ...more,
  })

async function start(): Promise<TestHttpApp> {
  const limits = { freeSignIns: { bySource: 4, byName: 4 } }
  const app = await startTestHttpApp({ limits }, { clock, jira: connect() })
  await app.addAccount({ id: accountId('acme') })
  await addCommits(app, await app.addRepository({ path: 'acme/shop' }), 3)
  return app
}

const code = (answer: TestAnswer) => problemSchema.parse(answer.json()).code
const withToken = (browser: TestBrowser, token: string) => browser.send('POST', '/api/v1/session/jira-token', { body: { token } })
const development = (browser: TestBrowser, key: string) => browser.send('GET', `/api/v1/issues/${key}/development`)
const asked = () => jira.requests().filter(({ path }) => path.endsWith('/user/permission/search')).length
const withoutId = (answer: TestAnswer) => answer.text.replace(/"requestId":"[^"]+"/, '')
async function signedIn(name: string): Promise<TestBrowser> {
  const browser = openBrowser(t)
  const answer = await withToken(browser, `${name}-token`)
  if (answer.status !== 200) throw new Error(answer.text)
  return browser
}

describe('with a token of Jira', () => {
  test('Jira administrators are administrators, all others viewers', async () => {
    const [admin, vera] = [await signedIn('admin'), await signedIn('vera')]

    expect((await admin.session()).user).toEqual({
      name: 'admin',
      displayName: 'The admin',
      source: 'jira',
      role: 'administrator',
    })
    expect(await vera.session()).toMatchObject({
      user: { name: 'vera', role: 'viewer' },
      jiraSignIn: { oauth: true, token: true },
    })
    expect((await admin.send('GET', '/api/v1/accounts')).status).toBe(200)
    expect((await vera.send('GET', '/api/v1/accounts')).status).toBe(404)
  })

  test.each(['vera-expired', 'made-up'])('%s signs nobody in, and guessing is slowed down', async (token) => {
    for (let count = 0; count < 4; count += 1) expect(code(await withToken(openBrowser(t), token))).toBe('jira-sign-in-refused')

    expect((await withToken(openBrowser(t), token)).status).toBe(429)
  })

  test('the token is neither stored nor logged', async () => {
    await signedIn('vera')

    const tables = ['users', 'sessions', 'admin_log', 'settings'] as const
    const rows = await Promise.all(tables.map((table) => t.app.db.read.selectFrom(table).selectAll().execute()))
    expect(JSON.stringify([rows, t.logged])).not.toContain('vera-token')
  })

  test('a person who is disabled here does not get in', async () => {
    await signedIn('vera')
    const { items } = (await t.send('GET', '/api/v1/users')).json<{ items: [{ id: string }] }>()
    await t.send('PATCH', `/api/v1/users/${items[0].id}`, { body: { disabled: true } })

    expect(code(await withToken(openBrowser(t), 'vera-token'))).toBe('jira-sign-in-refused')
  })

  test('a Jira that is down says so', async () => {
    jira.setFault('unavailable', { times: 9 })

    expect(code(await withToken(openBrowser(t), 'vera-token'))).toBe('jira-unavailable')
  })
})

describe('a viewer', () => {
  test('sees the issues that Jira lets them see, also by dev-status', async () => {
    const vera = await signedIn('vera')

    expect((await development(vera, 'SHOP-7')).json()).toMatchObject({
      issue: 'SHOP-7',
      issueUrl: `${jira.url}/browse/SHOP-7`,
      summary: { commits: 3 },
    })
    expect((await development(vera, 'shop-7')).status).toBe(200)
    const status = await vera.send('GET', '/rest/dev-status/1.0/issue/summary?issueId=SHOP-7')
    expect(status.status).toBe(200)
  })

  test('gets one answer for what is hidden and what does not exist', async () => {
    const vera = await signedIn('vera')
    const [hidden, absent] = [await development(vera, 'HIDDEN-7'), await development(vera, 'HIDDEN-8888')]
    const other = await development(vera, 'NOPE-7')

    expect([hidden.status, absent.status, other.status]).toEqual([404, 404, 404])
    expect(withoutId(hidden).replaceAll('HIDDEN-7', 'X')).toBe(withoutId(absent).replaceAll('HIDDEN-8888', 'X'))
    expect(withoutId(hidden).replaceAll('HIDDEN-7', 'X')).toBe(withoutId(other).replaceAll('NOPE-7', 'X'))
    for (const id of ['HIDDEN-7', '10001', '99999999']) {
      expect((await vera.send('GET', `/rest/dev-status/1.0/issue/summary?issueId=${id}`)).status, id).toBe(404)
    }
    expect(asked()).toBeGreaterThanOrEqual(4)
  })

  test('needs View Development Tools, not only Browse Projects', async () => {
    const dev = await signedIn('dev')

    expect((await development(dev, 'SHOP-7')).status).toBe(404)
  })

  test('is not taken for somebody whose name begins with theirs', async () => {
    const ver = await signedIn('ver')

    expect((await development(ver, 'SHOP-7')).status).toBe(404)
  })

  test('is asked about once a minute, and loses what Jira takes away', async () => {
    const vera = await signedIn('vera')
    await development(vera, 'SHOP-7')
    await development(vera, 'SHOP-7')
    expect(asked()).toBe(1)
    const shop = jira.world.findProject('SHOP')
    if (shop !== null) shop.members = { administrators: ['admin'] }

    clock.advance(MINUTE_MS)

    expect((await development(vera, 'SHOP-7')).status).toBe(404)
  })

  test('sees nothing while Jira cannot be asked, and is told so', async () => {
    const vera = await signedIn('vera')
    jira.setFault('unavailable', { times: 9 })

    const answer = await development(vera, 'SHOP-7')

    expect([answer.status, code(answer)]).toEqual([503, 'view-permission-unknown'])
    expect(problemSchema.parse(answer.json()).remedy).toContain('administer')
    expect(answer.headers['retry-after']).toBeDefined()
  })

  test('sees nothing while the connector’s user is no administrator, for Jira does not tell it then', async () => {
    await t.dispose()
    botToken = 'bot-token'
    t = await start()
    const vera = await signedIn('vera')

    expect((await development(vera, 'SHOP-7')).status).toBe(503)
  })

  test('is recognised by an older Jira, which knows the permissions by other names', async () => {
    jira.configure({ version: '8.20.30' })
    const vera = await signedIn('vera')

    expect((await development(vera, 'SHOP-7')).status).toBe(200)
    expect((await development(vera, 'HIDDEN-7')).status).toBe(404)
  })

  test('an administrator is not asked about', async () => {
    const admin = await signedIn('admin')

    expect((await development(admin, 'SHOP-7')).status).toBe(200)
    expect(asked()).toBe(0)
  })
})

describe('by OAuth', () => {
  const toPath = (address: unknown) => String(address).replace(SERVER, '')
  async function begin(next = '/issues/SHOP-7') {
    const begun = await t.send('GET', `/sign-in/jira?next=${encodeURIComponent(next)}`, { authorization: null })
    const cookie = String(begun.headers['set-cookie']).split(';')[0] ?? ''
    const atJira = await fetch(String(begun.headers['location']), { redirect: 'manual' })
    return { begun, cookie, back: toPath(atJira.headers.get('location')) }
  }
  const finish = (back: string, cookie: string) => t.send('GET', back, { authorization: null, headers: { cookie } })

  test('a person comes back signed in, to the page that they wanted', async () => {
    const { begun, cookie, back } = await begin()
    expect(begun.status).toBe(302)
    expect(begun.headers['set-cookie']).toMatch(
      /^__Secure-jira-dvcs-sign-in=[^;]+; Max-Age=600; Path=\/connector\/sign-in\/jira; HttpOnly; Secure; SameSite=Lax$/,
    )

    const done = await finish(back, cookie)

    expect([done.status, done.headers['location']]).toEqual([302, `${SERVER}/issues/SHOP-7`])
    const session = (done.headers['set-cookie'] as string[]).find((one) => one.startsWith('__Secure-jira-dvcs='))
    const vera = openBrowser(t)
    vera.cookie = session?.split(';')[0] ?? ''
    expect((await vera.session()).user).toMatchObject({ name: 'vera', source: 'jira', role: 'viewer' })
    expect(JSON.stringify(t.logged)).not.toContain(new URLSearchParams(back.split('?')[1]).get('code'))
  })

  test('a sign-in that another browser began signs nobody in', async () => {
    const [mine, theirs] = [await begin(), await begin()]

    for (const cookie of [mine.cookie, '', 'x=y', '__Secure-jira-dvcs-sign-in=v1:made-up']) {
      const answer = await finish(theirs.back, cookie)
      expect(answer.status).not.toBe(302)
      expect(String(answer.headers['set-cookie'])).not.toContain('__Secure-jira-dvcs=')
    }
  })

  test('neither does one that is ten minutes old, a code used twice, or a denial', async () => {
    const old = await begin()
    clock.advance(10 * MINUTE_MS)
    expect((await finish(old.back, old.cookie)).status).toBe(400)

    const used = await begin()
    await finish(used.back, used.cookie)
    const again = await finish(used.back, used.cookie)
    expect([again.status, again.text]).toEqual([502, expect.stringContaining('invalid_grant')])

    const denied = await begin()
    const state = new URLSearchParams(denied.back.split('?')[1]).get('state') ?? ''
    const answer = await finish(`/sign-in/jira/callback?error=access_denied&state=${state}`, denied.cookie)
    expect([answer.status, answer.text]).toEqual([400, expect.stringContaining('Access was denied')])
  })

  test.each([
    ['/issues/SHOP-7?a=b#c', '/issues/SHOP-7?a=b#c'],
    ['//evil.example.com', '/'],
    ['/\\evil.example.com', '/'],
    ['/..//evil.example.com', '/'],
    ['https://evil.example.com', '/'],
    ['javascript:alert(1)', '/'],
    ['/a\r\nset-cookie: x=y', '/'],
    [null, '/'],
  ])('%j leads to %j', (next, path) => {
    expect(toOwnPath(next)).toBe(path)
  })
})

test('without a Jira neither way is there', async () => {
  const alone = await startTestHttpApp()
  try {
    expect(code(await withToken(openBrowser(alone), 'x'))).toBe('jira-sign-in-off')
    expect((await alone.send('GET', '/sign-in/jira', { authorization: null })).status).toBe(404)
    expect((await openBrowser(alone).session()).jiraSignIn).toEqual({ oauth: false, token: false })
  } finally {
    await alone.dispose()
  }
})
