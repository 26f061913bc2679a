import { generateKeyPairSync } from 'node:crypto'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createTestClock, MINUTE_MS, type TestClock } from '../../app/test-clock.ts'
import { signRequest } from '../../jira/oauth1-signature.ts'
import { silentLogger } from '../../lib/logger.ts'
import { createSandboxJira, type SandboxJira } from './sandbox-jira.ts'

const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
const CONSUMER = 'jira-dvcs-1'
const CALLBACK = { oauth_callback: 'https://dvcs.example.com/back?a=b' }

let jira: SandboxJira
let clock: TestClock
beforeEach(async () => {
  clock = createTestClock()
  const users = [{ name: 'vera', displayName: 'Vera', emailAddress: 'vera@example.com' }]
  const oauth = { clientId: 'c', clientSecret: 's', redirectUri: 'https://dvcs.example.com/back' }
  jira = await createSandboxJira({ clock, log: silentLogger, users, oauth, version: '8.21.1', anonymousAccess: false })
  jira.setApplicationLink({ consumerKey: CONSUMER, publicKey: publicKey.export({ type: 'spki', format: 'pem' }) })
})
afterEach(() => jira.close())

let nonces = 0
interface Signing {
  readonly method?: string
  readonly parameters?: Readonly<Record<string, string>>
  readonly nonce?: string
  readonly change?: (header: string) => string
}

async function send(path: string, { method = 'POST', parameters = {}, nonce, change = (text) => text }: Signing) {
  const url = new URL(`${jira.url}${path}`)
  const moment = { parameters, now: clock.now(), nonce: nonce ?? `n-${(nonces += 1)}` }
  const authorization = change(signRequest({ method, url }, { key: CONSUMER, privateKey }, moment))
  const answer = await fetch(url, { method, headers: { authorization }, redirect: 'manual' })
  const text = await answer.text()
  return { status: answer.status, type: answer.headers.get('content-type'), text, form: new URLSearchParams(text) }
}

const requestToken = (more: Signing = {}) => send('/plugins/servlet/oauth/request-token', { parameters: CALLBACK, ...more })
const authorize = (token: string) =>
  fetch(`${jira.url}/plugins/servlet/oauth/authorize?oauth_token=${token}`, { redirect: 'manual' })

test('gives a token of each kind, and answers calls of the person who decided', async () => {
  const first = await requestToken()
  const token = first.form.get('oauth_token') ?? ''
  expect([first.status, first.type, first.form.get('oauth_callback_confirmed')]).toEqual([200, 'text/plain', 'true'])

  const back = new URL((await authorize(token)).headers.get('location') ?? '')
  const verifier = back.searchParams.get('oauth_verifier') ?? ''
  expect(Object.fromEntries(back.searchParams)).toEqual({ a: 'b', oauth_token: token, oauth_verifier: verifier })

  const parameters = { oauth_token: token, oauth_verifier: verifier }
  const last = await send('/plugins/servlet/oauth/access-token', { parameters })
  const access = { oauth_token: last.form.get('oauth_token') ?? '' }
  const myself = await send('/rest/api/2/myself?expand=groups,x', { method: 'GET', parameters: access })
  expect([myself.status, JSON.parse(myself.text)]).toMatchObject([200, { name: 'vera' }])
  const asRequestToken = await send('/plugins/servlet/oauth/access-token', { parameters })
  expect(asRequestToken.form.get('oauth_problem')).toBe('token_rejected')
})

test.each([
  ['a changed nonce', 401, 'signature_invalid', (header: string) => header.replace('oauth_nonce="', 'oauth_nonce="x')],
  ['a changed callback', 401, 'signature_invalid', (header: string) => header.replace('dvcs.example.com', 'evil.example.com')],
  ['another consumer', 401, 'consumer_key_unknown', (header: string) => header.replace(CONSUMER, 'jira-dvcs-2')],
  ['another method', 400, 'signature_method_rejected', (header: string) => header.replace('RSA-SHA1', 'HMAC-SHA1')],
  ['no nonce', 400, 'parameter_absent', (header: string) => header.replace('oauth_nonce', 'nonce')],
  ['nothing signed', 400, 'parameter_absent', () => ''],
])('refuses %s', async (_what, status, problem, change) => {
  const answer = await requestToken({ change })

  expect([answer.status, answer.form.get('oauth_problem')]).toEqual([status, problem])
  expect(answer.type).toBe('application/x-www-form-urlencoded;charset=UTF-8')
})

test('refuses a nonce that it had, a time that is far, and a callback that is no address', async () => {
  await requestToken({ nonce: 'once' })
  expect((await requestToken({ nonce: 'once' })).form.get('oauth_problem')).toBe('nonce_used')
  expect((await requestToken({ parameters: { oauth_callback: 'javascript:x' } })).form.get('oauth_problem')).toBe(
    'parameter_rejected',
  )
  let kept = ''
  await requestToken({ change: (header) => (kept = header) })
  clock.advance(6 * MINUTE_MS)

  const late = await requestToken({ change: () => kept })

  expect([late.form.get('oauth_problem'), late.form.has('oauth_acceptable_timestamps')]).toEqual(['timestamp_refused', true])
})

test('a request token ends after ten minutes, and is decided on once', async () => {
  const token = (await requestToken()).form.get('oauth_token') ?? ''
  await authorize(token)
  expect(await (await authorize(token)).text()).toContain('token_used')

  const old = (await requestToken()).form.get('oauth_token') ?? ''
  clock.advance(11 * MINUTE_MS)
  expect(await (await authorize(old)).text()).toContain('token_expired')
})

test('OAuth 2.0 came with 8.22', async () => {
  const address = `${jira.url}/rest/oauth2/latest/authorize`
  expect((await fetch(address)).status).toBe(401)
  jira.configure({ version: '8.22.0' })
  expect(await (await fetch(address)).json()).toMatchObject({ error: 'invalid_client' })
})
