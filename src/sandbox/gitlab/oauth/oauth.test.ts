import { createHash } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { startTestGitLab, type TestGitLab } from '../test-setup.ts'
import type { OAuthApplication } from './oauth-state.ts'

const REDIRECT = 'https://dvcs.example.com/oauth/callback'
const VERIFIER = 'a-verifier-of-forty-three-characters-or-more-000'
const CHALLENGE = createHash('sha256').update(VERIFIER).digest('base64url')

let t: TestGitLab
let application: OAuthApplication
beforeAll(async () => {
  t = await startTestGitLab()
})
afterAll(() => t.dispose())
beforeEach(() => {
  application = t.gitlab.addApplication({ redirectUris: [REDIRECT] })
  t.gitlab.signInBrowser({ user: t.maintainer, decision: 'approve' })
})

interface TokenAnswer {
  readonly access_token: string
  readonly refresh_token: string
  readonly expires_in: number
  readonly token_type: string
  readonly scope: string
  readonly error?: string
}

async function authorize(more: Readonly<Record<string, string>> = {}) {
  const query = new URLSearchParams({
    client_id: application.clientId,
    redirect_uri: REDIRECT,
    response_type: 'code',
    scope: 'read_api read_repository',
    state: 'the-state',
    code_challenge: CHALLENGE,
    code_challenge_method: 'S256',
    ...more,
  })
  const answer = await fetch(`${t.gitlab.url}/oauth/authorize?${query.toString()}`, { redirect: 'manual' })
  const location = answer.headers.get('location')
  return { status: answer.status, back: location === null ? null : URL.parse(location)?.searchParams }
}

async function askToken(parameters: Readonly<Record<string, string>>) {
  const body = new URLSearchParams({
    client_id: application.clientId,
    client_secret: application.clientSecret,
    redirect_uri: REDIRECT,
    ...parameters,
  })
  const answer = await fetch(`${t.gitlab.url}/oauth/token`, { method: 'POST', body })
  return { status: answer.status, json: (await answer.json()) as TokenAnswer }
}

const getCode = async () => (await authorize()).back?.get('code') ?? ''
const exchange = (code: string, more: Readonly<Record<string, string>> = {}) =>
  askToken({ grant_type: 'authorization_code', code, code_verifier: VERIFIER, ...more })
const refresh = (token: string) => askToken({ grant_type: 'refresh_token', refresh_token: token })
const callWith = async (headers: Readonly<Record<string, string>>) =>
  (await fetch(`${t.gitlab.url}/api/v4/projects/${t.shop.id}`, { headers })).status
const bearer = (token: string) => callWith({ authorization: `Bearer ${token}` })

describe('a sign-in', () => {
  test('a code becomes a pair that opens the API as a bearer token, and Git', async () => {
    const { status, back } = await authorize()
    const { json } = await exchange(back?.get('code') ?? '')

    expect([status, back?.get('state')]).toEqual([302, 'the-state'])
    expect(json).toMatchObject({ token_type: 'Bearer', expires_in: 7_200, scope: 'read_api read_repository' })
    expect(await bearer(json.access_token)).toBe(200)
    expect(await callWith({ 'private-token': json.access_token })).toBe(401)
    const git = await fetch(`${t.gitlab.url}/acme/shop.git/info/refs?service=git-upload-pack`, {
      headers: { authorization: `Basic ${btoa(`oauth2:${json.access_token}`)}` },
    })
    expect(git.status).toBe(200)
  })

  test('tells nothing about itself, unlike a personal access token', async () => {
    const { json } = await exchange(await getCode())

    const self = await fetch(`${t.gitlab.url}/api/v4/personal_access_tokens/self`, {
      headers: { authorization: `Bearer ${json.access_token}` },
    })

    expect(self.status).toBe(400)
  })

  test('may be denied', async () => {
    t.gitlab.signInBrowser({ user: t.maintainer, decision: 'deny' })

    const { back } = await authorize()

    expect([back?.get('error'), back?.get('state')]).toEqual(['access_denied', 'the-state'])
  })

  test.each([
    ['an unknown application', { client_id: 'nobody' }, 401],
    ['another address', { redirect_uri: 'https://evil.example.com/' }, 400],
  ])('%s is shown on a page, and nothing is sent there', async (_, parameters, status) => {
    expect(await authorize(parameters)).toEqual({ status, back: null })
  })

  test('a scope that the application lacks goes back as an error', async () => {
    expect((await authorize({ scope: 'api' })).back?.get('error')).toBe('invalid_scope')
  })
})

describe('the token endpoint', () => {
  test.each([
    ['another verifier', { code_verifier: 'another' }, 400, 'invalid_grant'],
    ['another address', { redirect_uri: 'https://dvcs.example.com/other' }, 400, 'invalid_grant'],
    ['a wrong secret', { client_secret: 'wrong' }, 401, 'invalid_client'],
    ['another grant type', { grant_type: 'password' }, 400, 'unsupported_grant_type'],
  ])('refuses %s', async (_, parameters, status, error) => {
    const answer = await exchange(await getCode(), parameters)

    expect([answer.status, answer.json.error]).toEqual([status, error])
  })

  test('takes a code once, and for ten minutes', async () => {
    const code = await getCode()
    await exchange(code)
    const late = await getCode()
    t.clock.advance(10 * 60_000)

    expect((await exchange(code)).json.error).toBe('invalid_grant')
    expect((await exchange(late)).json.error).toBe('invalid_grant')
  })

  test('a refresh ends both old tokens, and the old one works no second time', async () => {
    const first = (await exchange(await getCode())).json

    const second = (await refresh(first.refresh_token)).json

    expect([await bearer(first.access_token), await bearer(second.access_token)]).toEqual([401, 200])
    expect((await refresh(first.refresh_token)).json.error).toBe('invalid_grant')
    expect((await refresh(second.refresh_token)).status).toBe(200)
  })

  test('an access token lasts 7,200 s, its refresh token longer', async () => {
    const { json } = await exchange(await getCode())

    t.clock.advance(7_200_000)

    expect(await bearer(json.access_token)).toBe(401)
    expect((await refresh(json.refresh_token)).status).toBe(200)
  })

  test('revoked authorizations end everything', async () => {
    const { json } = await exchange(await getCode())

    t.gitlab.revokeAuthorizations(application)

    expect(await bearer(json.access_token)).toBe(401)
    expect((await refresh(json.refresh_token)).json.error).toBe('invalid_grant')
  })

  test('a deleted application is no client any more', async () => {
    const { json } = await exchange(await getCode())

    t.gitlab.deleteApplication(application)

    expect((await refresh(json.refresh_token)).json.error).toBe('invalid_client')
  })
})
