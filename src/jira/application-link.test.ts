import { generateKeyPairSync } from 'node:crypto'
import type { ServerResponse } from 'node:http'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createTestClock, MINUTE_MS, type TestClock } from '../app/test-clock.ts'
import type { HttpClient } from '../lib/http-client.ts'
import { silentLogger } from '../lib/logger.ts'
import { createSandboxJira, type SandboxJira } from '../sandbox/jira/sandbox-jira.ts'
import { createJiraApplicationLink } from './application-link.ts'
import { createTestHttp, startScriptedServer } from './fixtures/test-jira.ts'
import { createJiraTransport } from './jira-transport.ts'
import { createPace } from './pace.ts'
import { getOwnPerson } from './people.ts'

const CALLBACK = 'https://dvcs.example.com/connector/sign-in/jira/callback'
const signal = new AbortController().signal
const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
const consumer = { key: 'jira-dvcs-1', privateKey }

let http: HttpClient
let clock: TestClock
const closers: (() => Promise<void>)[] = []
beforeEach(() => {
  http = createTestHttp()
  clock = createTestClock()
})
afterEach(async () => {
  await http.close()
  for (const close of closers.splice(0)) await close()
})

const linkTo = (url: string, more: object = {}) => createJiraApplicationLink({ url, consumer, http, clock, ...more })

describe('at a Jira that verifies', () => {
  let jira: SandboxJira
  beforeEach(async () => {
    const users = [
      { name: 'vera', displayName: 'Vera', emailAddress: 'vera@example.com' },
      { name: 'admin', displayName: 'Ada', emailAddress: 'ada@example.com', administrator: true },
    ]
    const options = { clock: createTestClock(), log: silentLogger, users, version: '8.20.30', contextPath: '/jira' } as const
    jira = await createSandboxJira(options)
    closers.push(() => jira.close())
    jira.setApplicationLink({ consumerKey: consumer.key, publicKey: toPem(publicKey), person: 'admin' })
  })

  const atJira = async (url: URL) => {
    const answer = await fetch(url, { redirect: 'manual' })
    return new URL(answer.headers.get('location') ?? 'none:')
  }

  test('three legs lead to calls as the person who allowed it, with a query and below a context path', async () => {
    const link = linkTo(jira.url)

    const token = await link.getRequestToken(CALLBACK, signal)
    const back = await atJira(link.authorizationUrl(token))
    const auth = link.credentialsOf(await link.getAccessToken(token, back.searchParams, signal))
    const base = new URL(`${jira.url}/`)
    const transport = createJiraTransport({ base, auth, http, clock, log: silentLogger, pace: createPace({ clock }) })

    expect(`${back.origin}${back.pathname}`).toBe(CALLBACK)
    expect(back.searchParams.get('oauth_token')).toBe(token)
    expect(await getOwnPerson(transport, signal)).toMatchObject({ name: 'admin', administrator: true })
  })

  test('a call that Jira asked to repeat is signed anew', async () => {
    const link = linkTo(jira.url)
    const token = await link.getRequestToken(CALLBACK, signal)
    const { searchParams } = await atJira(link.authorizationUrl(token))
    const auth = link.credentialsOf(await link.getAccessToken(token, searchParams, signal))
    const sleep = (ms: number) => Promise.resolve(clock.advance(ms))
    const pace = createPace({ clock: { ...clock, sleep } })
    const base = new URL(`${jira.url}/`)
    const sent: unknown[] = []
    const noting: HttpClient = {
      ...http,
      send: (request) => {
        sent.push(request.headers?.['authorization'])
        return http.send(request)
      },
    }
    jira.setFault('too-many', { times: 1 })

    const transport = createJiraTransport({ base, auth, http: noting, clock, log: silentLogger, pace })

    expect(await getOwnPerson(transport, signal)).toMatchObject({ name: 'admin' })
    expect([sent.length, new Set(sent).size]).toEqual([3, 3])
  })

  test.each([
    ['another key', { key: consumer.key, privateKey: generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey }],
    ['another consumer key', { key: 'jira-dvcs-2', privateKey }],
  ])('%s is not accepted', async (_what, other) => {
    const asked = linkTo(jira.url, { consumer: other }).getRequestToken(CALLBACK, signal)

    await expect(asked).rejects.toMatchObject({
      code: 'oauth-client-refused',
      remedy: expect.stringContaining('Settings > Jira'),
    })
  })

  test('an address that Jira does not have for itself is told as such', async () => {
    const asked = linkTo(jira.url.replace('127.0.0.1', 'localhost')).getRequestToken(CALLBACK, signal)

    await expect(asked).rejects.toMatchObject({
      code: 'oauth-client-refused',
      remedy: expect.stringContaining('base URL of Jira'),
    })
  })

  test.each([
    [7, 'The clock of this machine is 7 min ahead.'],
    [-9, 'The clock of this machine is 9 min behind.'],
  ])('a clock that is off by %i minutes is told with the difference', async (minutes, text) => {
    if (minutes > 0) clock.advance(minutes * MINUTE_MS)
    else clock.setBack(-minutes * MINUTE_MS)

    const asked = linkTo(jira.url).getRequestToken(CALLBACK, signal)

    await expect(asked).rejects.toMatchObject({ code: 'jira-clock-differs', userMessage: expect.stringContaining(text) })
  })

  test('whoever denies it, comes back too early, with another verifier, or twice gets no token', async () => {
    const link = linkTo(jira.url)
    const early = await link.getRequestToken(CALLBACK, signal)
    await expect(link.getAccessToken(early, new URLSearchParams('oauth_verifier=abc'), signal)).rejects.toMatchObject({
      code: 'grant-refused',
    })

    const { searchParams } = await atJira(link.authorizationUrl(early))
    await expect(link.getAccessToken(early, new URLSearchParams('oauth_verifier=abc'), signal)).rejects.toMatchObject({
      code: 'grant-refused',
    })
    await link.getAccessToken(early, searchParams, signal)
    await expect(link.getAccessToken(early, searchParams, signal)).rejects.toMatchObject({ code: 'grant-refused' })

    jira.setApplicationLink({ consumerKey: consumer.key, publicKey: toPem(publicKey), denies: true })
    const denied = await link.getRequestToken(CALLBACK, signal)
    const back = await atJira(link.authorizationUrl(denied))
    expect(back.searchParams.get('oauth_verifier')).toBe('denied')
    await expect(link.getAccessToken(denied, back.searchParams, signal)).rejects.toMatchObject({ code: 'sign-in-denied' })
    // Also of a Jira that lets it come this far.
    await expect(link.getAccessToken(denied, new URLSearchParams('oauth_verifier=x'), signal)).rejects.toMatchObject({
      code: 'sign-in-denied',
    })
  })
})

describe('what may come instead of a token', () => {
  const FORM = { 'content-type': 'application/x-www-form-urlencoded' }
  const answerWith = (status: number, headers: Record<string, string>, body: string) => (response: ServerResponse) => {
    response.writeHead(status, headers).end(body)
  }
  const problem = (word: string) => `oauth_problem=${word}&oauth_signature_base_string=secret`

  test.each([
    [401, FORM, problem('nonce_used'), 'sign-in-failed'],
    [400, FORM, problem('timestamp_refused'), 'jira-clock-differs'],
    [401, FORM, problem('timestamp_refused'), 'jira-clock-differs'],
    [403, FORM, problem('token_rejected'), 'grant-refused'],
    [503, FORM, problem('consumer_key_refused'), 'oauth-client-refused'],
    [401, FORM, problem('permission_denied'), 'sign-in-denied'],
    [401, FORM, problem('<script>alert(1)</script>'), 'sign-in-failed'],
    [401, { 'www-authenticate': 'OAuth realm="x", oauth_problem="consumer_key_unknown"' }, '', 'oauth-client-refused'],
    [401, {}, '', 'sign-in-failed'],
    [404, { 'content-type': 'text/html' }, '<html>not here</html>', 'sign-in-failed'],
    [200, { 'content-type': 'text/html' }, '<html><a href="?oauth_token=x y">log in</a></html>', 'sign-in-failed'],
    [200, FORM, 'oauth_token=&oauth_token_secret=s&oauth_callback_confirmed=true', 'sign-in-failed'],
    [200, FORM, `oauth_token=${'a'.repeat(501)}&oauth_callback_confirmed=true`, 'sign-in-failed'],
    // OAuth 1.0 before 1.0a: whose consent it is nobody knows.
    [200, FORM, 'oauth_token=abc&oauth_token_secret=s', 'sign-in-failed'],
    [500, {}, 'oops', 'jira-unavailable'],
    [429, {}, '', 'jira-unavailable'],
    [302, { location: 'https://evil.example.com/' }, '', 'redirect-refused'],
  ])('HTTP %i %o %s is %s', async (status, headers, body, code) => {
    const server = await startScriptedServer(answerWith(status, headers as Record<string, string>, body))
    closers.push(server.close)

    const error: unknown = await linkTo(server.url)
      .getRequestToken(CALLBACK, signal)
      .catch((reason: unknown) => reason)

    expect(error).toMatchObject({ code })
    expect(JSON.stringify(error)).not.toMatch(/secret|<script>/)
  })

  test.each(['', 'oauth_verifier=', `oauth_verifier=${'a'.repeat(501)}`, 'oauth_verifier=%0A'])(
    'a return with %j asks Jira nothing',
    async (query) => {
      const asked = linkTo('http://127.0.0.1:9').getAccessToken('token', new URLSearchParams(query), signal)

      await expect(asked).rejects.toMatchObject({ code: 'sign-in-failed' })
    },
  )
})

function toPem(key: typeof publicKey): string {
  return key.export({ type: 'spki', format: 'pem' })
}
