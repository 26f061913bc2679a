import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { createApiToken } from '../app/identity/api-tokens.ts'
import { beginSession, csrfTokenOf } from '../app/identity/sessions.ts'
import { problemSchema } from '../contract/problem.ts'
import { saveJiraUser } from '../db/stores/users.ts'
import type { UserRole } from '../domain/identity.ts'
import { startTestHttpApp, type SendOptions, type TestAnswer, type TestHttpApp } from './test-http-app.ts'

/** Routes that are not for everyone with a right of their kind. */
const ANYONE = new Set(['GET /healthz', 'GET /readyz', 'GET /api/v1/setup', 'GET /api/v1/session'])
/** They look at the body, whoever sends it: a bad one gets 400. */
const SIGN_INS = new Set(['POST /api/v1/setup', 'POST /api/v1/session', 'POST /api/v1/session/jira-token'])
const VIEWERS = new Set([
  'GET /api/v1/sessions',
  'DELETE /api/v1/session',
  'DELETE /api/v1/sessions',
  'GET /api/v1/issues/{key}/development',
  'GET /api/v1/issues/{key}/create-branch',
  'POST /api/v1/issues/{key}/commits/{sha}/files',
  'POST /api/v1/issues/{key}/refresh',
  'GET /api/v1/profile/smart-commits',
  'POST /api/v1/profile/smart-commits/aliases',
  'DELETE /api/v1/profile/smart-commits/aliases/{email}',
  'PUT /api/v1/profile/smart-commits/token',
  'DELETE /api/v1/profile/smart-commits/token',
  'GET /rest/dev-status/1.0/issue/summary',
  'GET /rest/dev-status/1.0/issue/detail',
])
/** A stream goes on for ever. */
const ENDLESS = new Set(['GET /api/v1/stream'])
const HIDDEN_FROM_DOCUMENT = ['GET /api/openapi.json', 'GET /metrics'] as const
const CALLERS = ['anonymous', 'viewer', 'metrics', 'read', 'admin', 'administrator'] as const
type CallerName = (typeof CALLERS)[number]

let t: TestHttpApp
let routes: string[] = []
const credentials: Partial<Record<CallerName, SendOptions>> = {}

beforeAll(async () => {
  const metrics = { contentType: 'text/plain', render: () => Promise.resolve('up 1\n') }
  t = await startTestHttpApp({ metrics })
  for (const scope of ['metrics', 'read', 'admin'] as const) {
    const { value } = await createApiToken(t.app, { name: scope, scope, createdBy: null, expiresAt: null })
    credentials[scope] = { authorization: `Bearer ${value}` }
  }
  credentials.viewer = await startSession('viewer')
  credentials.administrator = await startSession('administrator')
  const paths = z.object({ paths: z.record(z.string(), z.record(z.string(), z.unknown())) })
  const document = paths.parse((await t.send('GET', '/api/openapi.json')).json())
  routes = [
    ...Object.entries(document.paths).flatMap(([path, item]) =>
      Object.keys(item).map((method) => `${method.toUpperCase()} ${path}`),
    ),
    ...HIDDEN_FROM_DOCUMENT,
  ].filter((route) => !route.includes('/webhooks/') || route.includes('/accounts/'))
})
afterAll(() => t.dispose())

async function startSession(role: UserRole): Promise<SendOptions> {
  const value = await t.app.db.write('interactive', async (tx) => {
    const user = await saveJiraUser(tx, { userKey: role, name: role, displayName: role, now: 0 })
    return beginSession(t.app, tx, { user, role, userAgent: undefined, replaces: null })
  })
  const headers = { cookie: `__Secure-jira-dvcs=${value}`, 'x-csrf-token': csrfTokenOf(value) }
  return { authorization: null, headers }
}

const QUERIES: Readonly<Record<string, string>> = {
  'GET /rest/dev-status/1.0/issue/summary': '?issueId=SHOP-7',
  'GET /rest/dev-status/1.0/issue/detail': '?issueId=SHOP-7&applicationType=GitLab&dataType=branch',
  'GET /api/v1/explain': '?ref=SHOP-7',
}

async function send(route: string, caller: CallerName): Promise<TestAnswer> {
  const [method = '', path = ''] = route.split(' ')
  const url = `${path.replace('{key}', 'SHOP-7').replaceAll(/\{\w+\}/g, '999')}${QUERIES[route] ?? ''}`
  return t.send(method as 'GET', url, credentials[caller] ?? { authorization: null })
}

const codeOf = (answer: TestAnswer) => (answer.status < 400 ? null : problemSchema.parse(answer.json()).code)

/** What is told by the guard, and not by the route itself. */
function expectedGuard(route: string, caller: CallerName): string | null {
  if (ANYONE.has(route) || SIGN_INS.has(route)) return null
  switch (caller) {
    case 'anonymous':
      return 'authentication-required'
    case 'viewer':
      return VIEWERS.has(route) ? null : 'route-not-found'
    case 'metrics':
      return route === 'GET /metrics' ? null : 'route-not-found'
    case 'read':
      return route.startsWith('GET ') ? null : 'token-read-only'
    case 'admin':
    case 'administrator':
      return null
  }
}

describe.each(CALLERS)('%s', (caller) => {
  test('is let through to the routes that are theirs, and to no other', async () => {
    expect(routes.length).toBeGreaterThan(45)
    const wrong: string[] = []
    for (const route of routes) {
      if (ENDLESS.has(route) && expectedGuard(route, caller) === null) continue
      // The route before may have ended the session.
      if (caller === 'viewer' || caller === 'administrator') credentials[caller] = await startSession(caller)
      const answer = await send(route, caller)
      const code = codeOf(answer)
      const guards = ['authentication-required', 'route-not-found', 'token-read-only', 'token-refused', 'csrf-refused']
      const found = code !== null && guards.includes(code) ? code : null
      const expected = expectedGuard(route, caller)
      if (found !== expected) wrong.push(`${route}: ${found} instead of ${expected}`)
      if (answer.status === 500) wrong.push(`${route}: 500`)
    }
    expect(wrong).toEqual([])
  })
})

test('what is hidden from a viewer looks like what does not exist', async () => {
  const hidden = await t.send('GET', '/api/v1/accounts', credentials.viewer)
  const absent = await t.send('GET', '/api/v1/nothing', credentials.viewer)
  const withoutId = (answer: TestAnswer) => answer.text.replace(/"requestId":"[^"]+"/, '')

  expect([hidden.status, withoutId(hidden)]).toEqual([404, withoutId(absent)])
})

test('a revoked, an expired and an unknown token are refused alike', async () => {
  const { value, id } = await createApiToken(t.app, { name: 'x', scope: 'read', createdBy: null, expiresAt: null })
  const send2 = () => t.send('GET', '/api/v1/accounts', { authorization: `Bearer ${value}` })
  expect((await send2()).status).toBe(200)

  expect((await t.send('DELETE', `/api/v1/tokens/${id}`)).status).toBe(204)

  expect(codeOf(await send2())).toBe('token-refused')
  expect((await t.send('DELETE', `/api/v1/tokens/${id}`)).status).toBe(404)
})
