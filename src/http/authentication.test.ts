import { createServer, request as sendRequest } from 'node:http'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { problemSchema } from '../contract/problem.ts'
import { accountId } from '../domain/ids.ts'
import { ADMIN_TOKEN, startTestHttpApp, type TestHttpApp } from './test-http-app.ts'

const PROTECTED = [
  ['GET', '/api/openapi.json'],
  ['GET', '/api/v1/accounts'],
  ['POST', '/api/v1/accounts'],
  ['POST', '/api/v1/accounts/dry-run'],
  ['GET', '/api/v1/accounts/acme'],
  ['PATCH', '/api/v1/accounts/acme'],
  ['DELETE', '/api/v1/accounts/acme'],
  ['POST', '/api/v1/accounts/acme/refresh'],
  ['GET', '/api/v1/accounts/acme/deletion-preview'],
  ['GET', '/api/v1/accounts/acme/drift'],
  ['GET', '/api/v1/accounts/acme/webhooks'],
  ['POST', '/api/v1/accounts/acme/authorize'],
  ['POST', '/api/v1/accounts/acme/rotate-webhook-secret'],
  ['GET', '/api/v1/deliveries'],
  ['GET', '/api/v1/deliveries/in-1'],
  ['POST', '/api/v1/deliveries/in-1/replay'],
  ['GET', '/api/v1/smart-commits'],
  ['GET', '/api/v1/smart-commits/1'],
  ['POST', '/api/v1/smart-commits/1/execute'],
  ['GET', '/api/v1/smart-commit-aliases'],
  ['PUT', '/api/v1/smart-commit-aliases/ann@example.com'],
  ['DELETE', '/api/v1/smart-commit-aliases/ann@example.com'],
  ['GET', '/api/v1/smart-commit-trust'],
  ['PUT', '/api/v1/smart-commit-trust'],
  ['GET', '/api/v1/profile/smart-commits'],
  ['POST', '/api/v1/profile/smart-commits/aliases'],
  ['DELETE', '/api/v1/profile/smart-commits/aliases/ann@example.com'],
  ['PUT', '/api/v1/profile/smart-commits/token'],
  ['DELETE', '/api/v1/profile/smart-commits/token'],
  ['GET', '/api/v1/explain?ref=SHOP-7'],
  ['GET', '/api/v1/explain/visibility?user=ann&issue=SHOP-7'],
  ['GET', '/api/v1/jira/webhook'],
  ['GET', '/api/v1/jira'],
  ['GET', '/api/v1/jira/built-in-connector'],
  ['GET', '/api/v1/jira-app'],
  ['GET', '/api/v1/jira-app/jar'],
  ['GET', '/api/v1/jira-app/certificate'],
  ['GET', '/api/v1/settings'],
  ['PUT', '/api/v1/jira'],
  ['POST', '/api/v1/jira/check'],
  ['POST', '/api/v1/jira/accept-moved'],
  ['GET', '/api/v1/jira/sign-in'],
  ['PUT', '/api/v1/jira/sign-in'],
  ['POST', '/api/v1/jira/sign-in/key'],
  ['POST', '/api/v1/jira/sign-in/test'],
  ['PUT', '/api/v1/settings/issue-keys'],
  ['POST', '/api/v1/settings/issue-keys/preview'],
  ['GET', '/api/v1/stream'],
  ['GET', '/api/v1/repositories'],
  ['GET', '/api/v1/repositories/summary'],
  ['GET', '/api/v1/repositories/1/statistics'],
  ['GET', '/api/v1/overview'],
  ['POST', '/api/v1/repositories/bulk'],
  ['GET', '/api/v1/repositories/1'],
  ['PATCH', '/api/v1/repositories/1'],
  ['POST', '/api/v1/repositories/1/sync'],
  ['DELETE', '/api/v1/repositories/1/sync'],
  ['GET', '/api/v1/repositories/1/syncs'],
  ['GET', '/api/v1/issues/SHOP-7/development'],
  ['POST', `/api/v1/issues/SHOP-7/commits/${'a'.repeat(40)}/files`],
  ['GET', '/api/v1/issues/SHOP-7/create-branch'],
  ['POST', '/api/v1/issues/SHOP-7/refresh'],
  ['GET', '/api/v1/issues/SHOP-7/links'],
  ['POST', '/api/v1/issues/SHOP-7/links'],
  ['DELETE', '/api/v1/issues/SHOP-7/links/1'],
  ['GET', '/rest/dev-status/1.0/issue/summary?issueId=SHOP-7'],
  ['GET', '/rest/dev-status/1.0/issue/detail?issueId=SHOP-7&applicationType=GitLab&dataType=branch'],
  ['GET', '/rest/bitbucket/1.0/repositories'],
  ['GET', '/rest/bitbucket/1.0/repository/1'],
  ['POST', '/rest/bitbucket/1.0/repository/1/sync'],
  ['POST', '/rest/bitbucket/1.0/repository/1/softsync'],
  ['POST', '/rest/bitbucket/1.0/repository/1/fullsync'],
  ['DELETE', '/api/v1/session'],
  ['GET', '/api/v1/sessions'],
  ['DELETE', '/api/v1/sessions'],
  ['GET', '/api/v1/users'],
  ['POST', '/api/v1/users'],
  ['PATCH', '/api/v1/users/1'],
  ['DELETE', '/api/v1/users/1'],
  ['GET', '/api/v1/tokens'],
  ['POST', '/api/v1/tokens'],
  ['DELETE', '/api/v1/tokens/1'],
  ['GET', '/api/v1/admin-log'],
  ['GET', '/api/v1/triggers'],
  ['POST', '/api/v1/triggers'],
  ['PUT', '/api/v1/triggers'],
  ['PUT', '/api/v1/triggers/1'],
  ['DELETE', '/api/v1/triggers/1'],
  ['POST', '/api/v1/triggers/dry-run'],
  ['GET', '/api/v1/trigger-runs'],
  ['GET', '/metrics'],
] as const

const metrics = { contentType: 'text/plain; version=0.0.4', render: () => Promise.resolve('up 1\n') }

describe('with an admin token', () => {
  let t: TestHttpApp
  beforeEach(async () => {
    t = await startTestHttpApp({ metrics, limits: { wrongTokensPerMinute: 3 } })
  })
  afterEach(() => t.dispose())

  test.each(PROTECTED)('%s %s needs it, whatever else is wrong', async (method, url) => {
    const none = await t.send(method, url, { authorization: null })
    const wrong = await t.send(method, url, { authorization: 'Bearer wrong' })

    expect([none.status, wrong.status]).toEqual([401, 401])
    expect(problemSchema.parse(none.json()).code).toBe('authentication-required')
    expect(problemSchema.parse(wrong.json()).code).toBe('token-refused')
    expect(none.headers['content-type']).toBe('application/problem+json')
    expect(none.headers['www-authenticate']).toBe('Bearer realm="jira-dvcs"')
    expect(wrong.headers['www-authenticate']).toBe('Bearer realm="jira-dvcs", error="invalid_token"')
  })

  test('every route of the interface is in the list above', () => {
    const routes = t.http.printRoutes({ commonPrefix: false })
    const signIn = ['GET /api/v1/setup', 'POST /api/v1/setup', 'GET /api/v1/session', 'POST /api/v1/session']
    const withJira = ['/api/v1/session/jira-token', '/sign-in/jira', '/sign-in/jira/callback']
    const others = ['/healthz', '/readyz', '/webhooks/', '/webhooks/jira', '/webhooks/jira/', '/oauth/callback']
    const open = [...signIn, ...withJira, ...others]
    const count = (routes.match(/\((?:[A-Z, ]+)\)/g) ?? [])
      .flatMap((methods) => methods.slice(1, -1).split(', '))
      .filter((method) => method !== 'HEAD')

    expect(count).toHaveLength(PROTECTED.length + open.length)
  })

  test.each([`Bearer ${ADMIN_TOKEN}`, `bearer ${ADMIN_TOKEN}`, `Bearer  ${ADMIN_TOKEN} `])(
    'lets in: %j',
    async (authorization) => {
      expect((await t.send('GET', '/api/v1/accounts', { authorization })).status).toBe(200)
    },
  )

  test.each([
    '',
    'Bearer',
    'Bearer ',
    ADMIN_TOKEN,
    `Basic ${ADMIN_TOKEN}`,
    `Bearer ${ADMIN_TOKEN}x`,
    `Bearer ${ADMIN_TOKEN} x`,
    'Bearer [secret]',
  ])('does not let in: %j', async (authorization) => {
    expect((await t.send('GET', '/api/v1/accounts', { authorization })).status).toBe(401)
  })

  test('too many wrong tokens of an address are told so, the right one passes all the while', async () => {
    const guess = (from: string) => t.send('GET', '/api/v1/accounts', { authorization: 'Bearer wrong', from })
    for (let count = 0; count < 3; count += 1) expect((await guess('192.0.2.1')).status).toBe(401)

    const limited = await guess('192.0.2.1')

    expect(limited.status).toBe(429)
    expect(Number(limited.headers['retry-after'])).toBeGreaterThan(0)
    expect(problemSchema.parse(limited.json()).code).toBe('too-many-refusals')
    expect((await guess('192.0.2.2')).status).toBe(401)
    expect((await t.send('GET', '/api/v1/accounts', { from: '192.0.2.1' })).status).toBe(200)
  })

  test('X-Forwarded-For is an invention without a proxy', async () => {
    for (let count = 0; count < 4; count += 1) {
      const answer = await t.send('GET', '/api/v1/accounts', {
        authorization: 'Bearer wrong',
        headers: { 'x-forwarded-for': `192.0.2.${count}` },
      })
      expect(answer.status).toBe(count < 3 ? 401 : 429)
    }
  })

  test('the metrics are shown as they are', async () => {
    const answer = await t.send('GET', '/metrics')

    expect([answer.status, answer.headers['content-type'], answer.text]).toEqual([200, metrics.contentType, 'up 1\n'])
  })
})

test('behind a proxy the entry that the proxy appended counts, not what the caller wrote before it', async () => {
  const t = await startTestHttpApp({ trustProxy: true, limits: { wrongTokensPerMinute: 1 } })
  try {
    const guess = (forwarded: string) =>
      t.send('GET', '/api/v1/accounts', { authorization: 'Bearer wrong', headers: { 'x-forwarded-for': forwarded } })

    expect((await guess('192.0.2.1, 198.51.100.7')).status).toBe(401)
    expect((await guess('192.0.2.2, 198.51.100.7')).status).toBe(429)
    expect((await guess('192.0.2.1, 198.51.100.8')).status).toBe(401)
  } finally {
    await t.dispose()
  }
})

test('without an admin token nobody gets in, not even with an empty one', async () => {
  const t = await startTestHttpApp({ adminToken: null })
  try {
    for (const authorization of ['Bearer x', 'Bearer null', 'Bearer [secret]', 'Bearer ']) {
      expect((await t.send('GET', '/api/v1/accounts', { authorization })).status).toBe(401)
    }
  } finally {
    await t.dispose()
  }
})

test('the local administration socket needs no token; the same request elsewhere does', async () => {
  const sockets = new WeakSet<object>()
  const t = await startTestHttpApp({ adminToken: null, isTrusted: (request) => sockets.has(request.raw.socket) })
  await t.addAccount({ id: accountId('acme') })
  const folder = await mkdtemp(join(tmpdir(), 'jira-dvcs-socket-'))
  const socketPath = join(folder, 'admin.sock')
  const local = createServer((request, response) => t.http.routing(request, response))
  local.on('connection', (socket) => sockets.add(socket))
  await new Promise<void>((resolve) => local.listen(socketPath, resolve))
  try {
    const status = await new Promise((resolve, reject) => {
      const outgoing = sendRequest({ socketPath, path: '/api/v1/accounts/acme' }, (response) => {
        response.resume()
        response.on('end', () => resolve(response.statusCode))
      })
      outgoing.on('error', reject)
      outgoing.end()
    })

    expect(status).toBe(200)
    expect((await t.send('GET', '/api/v1/accounts/acme', { authorization: null })).status).toBe(401)
  } finally {
    local.closeAllConnections()
    await new Promise((resolve) => local.close(resolve))
    await t.dispose()
    await rm(folder, { recursive: true, force: true })
  }
})
