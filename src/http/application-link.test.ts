import { generateKeyPairSync } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createTestClock, MINUTE_MS, type TestClock } from '../app/test-clock.ts'
import { jiraSignInSchema, type JiraSignInJson } from '../contract/jira-sign-in.ts'
import { problemSchema } from '../contract/problem.ts'
import type { Database } from '../db/database.ts'
import { findSetting, saveSetting } from '../db/stores/settings.ts'
import { createJiraClient } from '../jira/client.ts'
import { createJiraOAuth } from '../jira/oauth.ts'
import { silentLogger } from '../lib/logger.ts'
import { createSandboxJira, type SandboxJira } from '../sandbox/jira/sandbox-jira.ts'
import { openBrowser } from './test-browser.ts'
import { startTestHttpApp, type TestAnswer, type TestHttpApp, type TestWorld } from './test-http-app.ts'

const SERVER = 'https://dvcs.example.com/connector'
const PATH = '/api/v1/jira/sign-in'
const CLIENT = { clientId: 'connector', clientSecret: 'oauth client secret' }
const person = (name: string) => ({ name, displayName: `The ${name}`, emailAddress: `${name}@example.com` })

let jira: SandboxJira
let t: TestHttpApp
let clock: TestClock
const disposers: (() => Promise<void>)[] = []
beforeEach(async () => {
  clock = createTestClock()
  jira = await createSandboxJira({
    clock,
    log: silentLogger,
    version: '8.20.30',
    users: [{ ...person('bot'), tokens: [{ token: 'bot-token' }] }, person('vera'), { ...person('admin'), administrator: true }],
    oauth: { ...CLIENT, redirectUri: `${SERVER}/sign-in/jira/callback` },
  })
  disposers.push(() => jira.close())
  t = await start()
})
afterEach(async () => {
  for (const dispose of disposers.splice(0).toReversed()) await dispose()
})

async function start({ kind = 'sqlite', client = false }: { kind?: Database['kind']; client?: boolean } = {}) {
  const connect: NonNullable<TestWorld['jira']> = (parts) => ({
    client: createJiraClient({ url: jira.url, auth: { token: 'bot-token' }, ...parts }),
    clientOf: (auth) => createJiraClient({ url: jira.url, auth, ...parts }),
    ...(client ? { oauth: createJiraOAuth({ url: jira.url, http: parts.http, ...CLIENT }) } : {}),
    propertyLevel: () => 'full',
    delivery: ['property'],
    installationId: 'test',
    identityCheck: { trustedUntilMs: 0 },
    events: { webhooks: 'off', poll: null, webhookSecrets: () => Promise.resolve(['s']), installation: { saved: false } },
  })
  const app = await startTestHttpApp({ limits: { freeSignIns: { bySource: 6, byName: 4 } } }, { clock, jira: connect, kind })
  disposers.push(() => app.dispose())
  return app
}

const read = (answer: TestAnswer): JiraSignInJson => {
  if (answer.status !== 200) throw new Error(answer.text)
  return jiraSignInSchema.parse(answer.json())
}
const code = (answer: TestAnswer) => problemSchema.parse(answer.json()).code
const state = async () => read(await t.send('GET', PATH))
const choose = async (choice: string) => read(await t.send('PUT', PATH, { body: { choice } }))
const sessionText = async () => JSON.stringify((await openBrowser(t).session()).jiraSignIn)

/** What an administrator does: a key pair here, its public key and the consumer key in Jira. */
async function enterInJira(who: { person?: string; denies?: boolean } = {}): Promise<void> {
  const { applicationLink } = await state()
  jira.setApplicationLink({
    consumerKey: applicationLink?.consumerKey ?? '',
    publicKey: applicationLink?.publicKey ?? '',
    person: 'vera',
    ...who,
  })
}

async function setUp(who: { person?: string; denies?: boolean } = {}): Promise<void> {
  await t.send('POST', `${PATH}/key`)
  await enterInJira(who)
  read(await t.send('POST', `${PATH}/test`))
}

async function begin(next = '/issues/SHOP-7') {
  const begun = await t.send('GET', `/sign-in/jira?next=${encodeURIComponent(next)}`, { authorization: null })
  if (begun.status !== 302) throw new Error(begun.text)
  const cookie = String(begun.headers['set-cookie']).split(';')[0] ?? ''
  const address = new URL(String(begun.headers['location']))
  const atJira = await fetch(address, { redirect: 'manual' })
  return { address, cookie, back: String(atJira.headers.get('location')).replace(SERVER, '') }
}

const finish = (back: string, cookie: string) => t.send('GET', back, { authorization: null, headers: { cookie } })
/** `name=value` of a new session; null: none was begun. */
function sessionOf(answer: TestAnswer): string | null {
  const cookies = [answer.headers['set-cookie'] ?? []].flat().filter((one) => typeof one === 'string')
  return cookies.find((one) => one.startsWith('__Secure-jira-dvcs='))?.split(';')[0] ?? null
}

async function userOf(answer: TestAnswer) {
  const browser = openBrowser(t)
  browser.cookie = sessionOf(answer)
  return (await browser.session()).user
}

describe('signing in at a Jira without OAuth 2.0', () => {
  test.each([
    ['vera', 'viewer'],
    ['admin', 'administrator'],
  ])('%s comes back as %s, to the page that was wanted', async (name, role) => {
    await setUp({ person: name })
    const { address, cookie, back } = await begin()
    expect(`${address.origin}${address.pathname}`).toBe(`${jira.url}/plugins/servlet/oauth/authorize`)
    expect([...address.searchParams.keys()]).toEqual(['oauth_token'])

    const done = await finish(back, cookie)

    expect([done.status, done.headers['location']]).toEqual([302, `${SERVER}/issues/SHOP-7`])
    expect(await userOf(done)).toEqual({ name, displayName: `The ${name}`, source: 'jira', role })
    // What was asked as this person, and nothing else.
    expect(
      jira
        .requests()
        .filter(({ user }) => user === name)
        .map(({ path }) => path),
    ).toEqual(['/rest/api/2/myself', '/rest/api/2/mypermissions'])
  })

  test('the old session of the browser ends', async () => {
    await setUp()
    const first = await begin()
    const before = sessionOf(await finish(first.back, first.cookie))
    const second = await begin()

    const done = await finish(second.back, `${second.cookie}; ${before}`)

    const browser = openBrowser(t)
    browser.cookie = before
    expect([done.status, (await browser.session()).user]).toEqual([302, null])
  })

  test('neither key nor tokens are stored in the open, logged, or kept in an address', async () => {
    await setUp()
    const { cookie, back } = await begin()
    await finish(back, cookie)

    const rows = await t.app.db.read.selectFrom('settings').selectAll().execute()
    const verifier = new URLSearchParams(back.split('?')[1]).get('oauth_verifier') ?? 'none'
    const kept = JSON.stringify([rows, t.logged])
    expect(kept).not.toContain('PRIVATE KEY')
    expect(kept).not.toContain(verifier)
    expect((await t.send('GET', PATH)).text).not.toMatch(/private|sealed/i)
  })

  test('whoever denies it is told so, and not signed in', async () => {
    await setUp({ denies: true })
    const { cookie, back } = await begin()

    const answer = await finish(back, cookie)

    expect([answer.status, sessionOf(answer)]).toEqual([400, null])
    expect(answer.text).toContain('Access was denied')
  })

  test('a return works once, and in the browser alone that began it', async () => {
    await setUp()
    const [mine, theirs] = [await begin(), await begin()]
    for (const cookie of [mine.cookie, '', '__Secure-jira-dvcs-sign-in=v1:made-up']) {
      const answer = await finish(theirs.back, cookie)
      expect([answer.status, sessionOf(answer)]).toEqual([400, null])
    }
    expect((await finish(mine.back, mine.cookie)).status).toBe(302)

    const again = await finish(mine.back, mine.cookie)

    expect([again.status, sessionOf(again)]).toEqual([502, null])
    expect(again.text).toContain('token_rejected')
  })

  test('a return after ten minutes is too late', async () => {
    await setUp()
    const { cookie, back } = await begin()
    clock.advance(10 * MINUTE_MS)

    const answer = await finish(back, cookie)

    expect([answer.status, sessionOf(answer)]).toEqual([400, null])
  })

  test('a way that is switched off meanwhile ends what was begun by the other', async () => {
    await setUp()
    const { cookie } = await begin()

    const answer = await finish('/sign-in/jira/callback?code=x&state=y', cookie)

    expect([answer.status, answer.text]).toEqual([400, expect.stringContaining('was not begun in this browser')])
  })

  test('a person who is disabled here does not get in', async () => {
    await setUp()
    const first = await begin()
    await finish(first.back, first.cookie)
    const { items } = (await t.send('GET', '/api/v1/users')).json<{ items: [{ id: string }] }>()
    await t.send('PATCH', `/api/v1/users/${items[0].id}`, { body: { disabled: true } })
    const second = await begin()

    const answer = await finish(second.back, second.cookie)

    expect([answer.status, sessionOf(answer)]).toEqual([401, null])
  })

  test('whoever begins it for ever without finishing has to wait, before Jira is asked', async () => {
    await setUp()
    for (let count = 0; count < 6; count += 1) await begin()
    jira.forgetRequests()

    const answer = await t.send('GET', '/sign-in/jira', { authorization: null })

    expect([answer.status, jira.requests()]).toEqual([429, []])
  })
})

describe('setting it up', () => {
  test.each(['sqlite', 'postgres'] as const)(
    'begins with a key pair, and is offered once Jira accepted it (%s)',
    async (kind) => {
      if (kind !== 'sqlite') t = await start({ kind })
      expect(await state()).toMatchObject({ choice: 'auto', way: null, applicationLink: null })
      expect(code(await t.send('POST', `${PATH}/test`))).toBe('application-link-missing')

      const made = read(await t.send('POST', `${PATH}/key`))
      expect(made).toMatchObject({
        way: null,
        callback: `${SERVER}/sign-in/jira/callback`,
        applicationLink: {
          address: SERVER,
          consumerKey: expect.stringMatching(/^jira-dvcs-[A-Za-z0-9]{8}$/),
          publicKey: expect.stringMatching(/^-----BEGIN PUBLIC KEY-----\n[\s\S]+\n-----END PUBLIC KEY-----\n$/),
          acceptedAt: null,
        },
      })
      expect(await sessionText()).toBe('{"oauth":false,"token":true}')
      const early = await t.send('POST', `${PATH}/test`)
      expect([early.status, code(early)]).toEqual([502, 'oauth-client-refused'])

      await enterInJira()
      const tested = read(await t.send('POST', `${PATH}/test`))

      expect([tested.way, tested.applicationLink?.acceptedAt]).toEqual(['application-link', expect.any(String)])
      expect(await sessionText()).toBe('{"oauth":true,"token":true}')
    },
  )

  test('a new key pair is not offered before Jira has it, and the old one counts no more', async () => {
    await setUp()
    const before = await state()

    const after = read(await t.send('POST', `${PATH}/key`))

    expect(after.applicationLink?.consumerKey).toBe(before.applicationLink?.consumerKey)
    expect(after.applicationLink?.publicKey).not.toBe(before.applicationLink?.publicKey)
    expect(after.way).toBeNull()
    expect((await t.send('GET', '/sign-in/jira', { authorization: null })).status).toBe(404)
    expect(code(await t.send('POST', `${PATH}/test`))).toBe('oauth-client-refused')
  })

  test('a key that Jira has no more is told to whoever signs in', async () => {
    await setUp()
    const other = generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey.export({ type: 'spki', format: 'pem' })
    jira.setApplicationLink({ consumerKey: (await state()).applicationLink?.consumerKey ?? '', publicKey: other })

    const answer = await t.send('GET', '/sign-in/jira', { authorization: null })

    expect([answer.status, answer.text]).toEqual([502, expect.stringContaining('signature_invalid')])
  })

  test('clocks that differ are told with the remedy', async () => {
    await t.send('POST', `${PATH}/key`)
    await enterInJira()
    const ahead = createTestClock()
    ahead.advance(10 * MINUTE_MS)
    await jira.close()
    const { port } = new URL(jira.url)
    const users = [person('vera')]
    jira = await createSandboxJira({ clock: ahead, log: silentLogger, version: '8.20.30', users, listen: { port: Number(port) } })
    await enterInJira()

    const answer = await t.send('POST', `${PATH}/test`)

    expect(answer.json()).toMatchObject({ code: 'jira-clock-differs', detail: expect.stringContaining('10 min behind') })
  })

  test('the version of Jira decides, unless somebody chose', async () => {
    t = await start({ client: true })
    const know = (version: string) => {
      jira.configure({ version })
      const facts = { url: `${jira.url}/`, user: 'bot', version, at: clock.now().getTime() }
      return t.app.db.write('interactive', (tx) => saveSetting(tx, 'jira.facts', JSON.stringify(facts)))
    }
    await know('8.20.30')
    expect((await state()).way).toBeNull()
    await setUp()
    expect((await state()).way).toBe('application-link')

    await know('8.22.1')
    expect(await state()).toMatchObject({ way: 'oauth-2', jiraVersion: '8.22.1', client: true })
    expect((await begin()).address.pathname).toBe('/rest/oauth2/latest/authorize')
    expect((await choose('application-link')).way).toBe('application-link')
    expect((await begin()).address.pathname).toBe('/plugins/servlet/oauth/authorize')
    expect((await choose('none')).way).toBeNull()
    expect((await t.send('GET', '/sign-in/jira', { authorization: null })).status).toBe(404)
    expect(await sessionText()).toBe('{"oauth":false,"token":true}')
  })

  test('what another Jira accepted is not offered for this one', async () => {
    await setUp()
    const stored = (await findSetting(t.app.db.read, 'jira.application-link')) ?? ''
    const moved = stored.replaceAll(`${jira.url}/`, 'https://old-jira.example.com/')
    expect(moved).not.toBe(stored)

    await t.app.db.write('interactive', (tx) => saveSetting(tx, 'jira.application-link', moved))

    expect(await state()).toMatchObject({ way: null, applicationLink: { acceptedAt: null } })
  })

  test('a private key that no secret key opens any more is replaced by a new pair', async () => {
    await setUp()
    const stored = (await findSetting(t.app.db.read, 'jira.application-link')) ?? ''
    const other = stored.replace(/"privateKeySealed":"v1:...../, '"privateKeySealed":"v1:AAAAA')
    await t.app.db.write('interactive', (tx) => saveSetting(tx, 'jira.application-link', other))
    expect((await t.send('GET', '/sign-in/jira', { authorization: null })).text).toContain('could not be decrypted')

    await setUp()

    expect((await t.send('GET', '/sign-in/jira', { authorization: null })).status).toBe(302)
  })

  test('the journal of administrators tells who made a key, and who chose what', async () => {
    await t.send('POST', `${PATH}/key`)
    await choose('application-link')

    const { text } = await t.send('GET', '/api/v1/admin-log')
    expect(text).toContain('makeApplicationLinkKey')
    expect(text).toContain('"choice":"application-link"')
    expect(text).not.toContain('PUBLIC KEY')
  })
})

test('without a Jira there is nothing to test', async () => {
  const alone = await startTestHttpApp()
  disposers.push(() => alone.dispose())

  expect(code(await alone.send('POST', `${PATH}/test`))).toBe('jira-not-connected')
})
