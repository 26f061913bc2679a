import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { authorizationSchema, savedAccountSchema } from '../contract/account.ts'
import { systemClock } from '../lib/clock.ts'
import type { OAuthApplication } from '../sandbox/gitlab/oauth/oauth-state.ts'
import { startTestGitLab, type TestGitLab } from '../sandbox/gitlab/test-setup.ts'
import { startTestHttpApp, type TestHttpApp } from './test-http-app.ts'

const REDIRECT = 'https://dvcs.example.com/connector/oauth/callback'

let gitlab: TestGitLab
let application: OAuthApplication
let t: TestHttpApp
beforeAll(async () => {
  gitlab = await startTestGitLab({ clock: systemClock })
  application = gitlab.gitlab.addApplication({ redirectUris: [REDIRECT] })
})
afterAll(() => gitlab.dispose())
beforeEach(async () => {
  t = await startTestHttpApp()
  gitlab.gitlab.signInBrowser({ user: gitlab.maintainer, decision: 'approve' })
})
afterEach(() => t.dispose())

const oauth = () => ({ clientId: application.clientId, clientSecret: application.clientSecret })
const create = (more: object = {}) =>
  t.send('POST', '/api/v1/accounts', {
    body: { id: 'web', host: 'gitlab', url: gitlab.gitlab.url, owner: 'acme', oauth: oauth(), ...more },
  })
const begin = async () => authorizationSchema.parse((await t.send('POST', '/api/v1/accounts/web/authorize')).json())
/** The address that GitLab sends the browser back to, as path and query. */
async function visit(authorizationUrl: string) {
  const answer = await fetch(authorizationUrl, { redirect: 'manual' })
  return new URL(answer.headers.get('location') ?? '').search
}
const comeBack = (search: string, from?: string) =>
  t.send('GET', `/oauth/callback${search}`, { authorization: null, ...(from === undefined ? {} : { from }) })

describe('an account with an OAuth application', () => {
  test('is created without a test, and tells the redirect address and that it needs a sign-in', async () => {
    const answer = await create()

    expect(answer.status).toBe(201)
    expect(savedAccountSchema.strict().parse(answer.json())).toMatchObject({
      state: 'needs-sign-in',
      problem: { code: 'sign-in-needed' },
      oauth: { redirectUri: REDIRECT, signInNeeded: true },
    })
    expect(answer.text).not.toContain(application.clientSecret)
    expect(await t.app.jobs.stats(t.app.db.read)).toMatchObject({ waiting: 0 })
  })

  test('signs in: authorization address, GitLab, callback, page', async () => {
    await create()
    const begun = await begin()

    const url = new URL(begun.authorizationUrl)
    const page = await comeBack(await visit(begun.authorizationUrl))

    expect(begun.redirectUri).toBe(REDIRECT)
    expect(Object.fromEntries(url.searchParams)).toMatchObject({
      response_type: 'code',
      scope: 'read_api read_repository',
      code_challenge_method: 'S256',
      redirect_uri: REDIRECT,
    })
    expect(page.status).toBe(200)
    expect(page.headers).toMatchObject({
      'content-type': 'text/html; charset=utf-8',
      'cache-control': 'no-store',
      'referrer-policy': 'no-referrer',
    })
    expect(page.headers['content-security-policy']).toContain("default-src 'none'")
    expect(page.text).toContain('Signed in')
    expect(page.text).toContain(`<a href="https://dvcs.example.com/connector/accounts/web">`)
    expect((await t.send('GET', '/api/v1/accounts/web')).json()).toMatchObject({ state: 'ok', problem: null })
    expect((await t.send('PATCH', '/api/v1/accounts/web', { body: { name: 'Renamed' } })).status).toBe(200)
  })

  test('a change before the sign-in needs no connection', async () => {
    await create()

    const answer = await t.send('PATCH', '/api/v1/accounts/web', { body: { name: 'Renamed' } })

    expect([answer.status, answer.json()]).toMatchObject([200, { name: 'Renamed', state: 'needs-sign-in' }])
  })

  test('another address needs the application again', async () => {
    await create()

    const answer = await t.send('PATCH', '/api/v1/accounts/web', { body: { url: 'https://other.example.com' } })

    expect([answer.status, answer.json()['code']]).toEqual([400, 'token-missing'])
  })

  test('a token takes the application’s place', async () => {
    await create()

    const changed = await t.send('PATCH', '/api/v1/accounts/web', { body: { token: gitlab.token.value } })
    const begun = await t.send('POST', '/api/v1/accounts/web/authorize')

    expect(changed.status).toBe(200)
    expect([begun.status, begun.json()['code']]).toEqual([409, 'account-not-oauth'])
  })

  test.each([
    ['both', { token: 'a-token' }],
    ['neither', { oauth: undefined }],
  ])('a new account with %s of token and application is refused', async (_, more) => {
    const answer = await create(more)

    expect([answer.status, answer.json()['code']]).toEqual([400, 'request-invalid'])
  })
})

describe('the callback', () => {
  test('denied: the page says so, the account stays as it was', async () => {
    await create()
    gitlab.gitlab.signInBrowser({ user: gitlab.maintainer, decision: 'deny' })

    const page = await comeBack(await visit((await begin()).authorizationUrl))

    expect([page.status, page.headers['content-type']]).toEqual([400, 'text/html; charset=utf-8'])
    expect(page.text).toContain('Access was denied')
    expect((await t.send('GET', '/api/v1/accounts/web')).json()['state']).toBe('needs-sign-in')
  })

  test('a redirect address that is not the registered one', async () => {
    await create()
    const begun = await begin()
    await t.app.db.write('interactive', async (tx) => {
      await tx.updateTable('oauth_sign_ins').set({ redirect_uri: 'https://old.example.com/oauth/callback' }).execute()
    })

    const page = await comeBack(await visit(begun.authorizationUrl))

    expect(page.status).toBe(502)
    expect(page.text).toContain('redirect address')
  })

  test('GitLab is down', async () => {
    await create()
    const search = await visit((await begin()).authorizationUrl)
    const mend = gitlab.gitlab.faults.add({ match: { path: /^\/oauth\/token/ }, answer: 'html502' })

    const page = await comeBack(search)
    mend()

    expect([page.status, page.headers['content-type']]).toEqual([502, 'text/html; charset=utf-8'])
  })

  test.each(['', '?state=', '?state=unknown&code=1', '?state=a&state=b', `?state=${'x'.repeat(20_000)}`, '?state=%00&code=%ff'])(
    'what leads nowhere: %.30s',
    async (search) => {
      const page = await comeBack(search)

      expect(page.status).toBe(400)
      expect(page.text).toContain('This sign-in is not known')
    },
  )

  test('nothing of the query is shown, also as markup', async () => {
    await create({ name: '<script>alert(1)</script>' })
    const search = await visit((await begin()).authorizationUrl)
    const page = await comeBack(`${search}&error_description=%3Cb%3E`)
    const unknown = await comeBack('?state=%3Cscript%3E&error=%3Cscript%3E')

    expect(page.text).toContain('&lt;script&gt;')
    expect(`${page.text}${unknown.text}`).not.toMatch(/<script|<b>/)
    expect(page.text).not.toContain(new URLSearchParams(search).get('code') ?? '')
  })

  test('floods of unknown states are limited by address', async () => {
    const statuses: number[] = []
    for (let i = 0; i < 22; i += 1) statuses.push((await comeBack(`?state=guess${i}`, '203.0.113.7')).status)

    expect(new Set(statuses.slice(0, 20))).toEqual(new Set([400]))
    expect(statuses.at(-1)).toBe(429)
  })
})
