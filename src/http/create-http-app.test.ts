import { connect, type AddressInfo } from 'node:net'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { problemSchema } from '../contract/problem.ts'
import { startTestHttpApp, type TestHttpApp } from './test-http-app.ts'

let t: TestHttpApp
beforeEach(async () => {
  t = await startTestHttpApp()
})
afterEach(() => t.dispose())

describe('every answer', () => {
  test.each(['/healthz', '/api/v1/accounts', '/nothing'])(
    '%s carries the headers that protect browsers, and none about the server',
    async (url) => {
      const { headers } = await t.send('GET', url)

      expect(headers).toMatchObject({
        'content-security-policy': "default-src 'none';frame-ancestors 'none';base-uri 'none';form-action 'none'",
        'x-content-type-options': 'nosniff',
        'x-frame-options': 'DENY',
        'referrer-policy': 'no-referrer',
        'cache-control': 'no-store',
        'x-request-id': expect.stringMatching(/^[0-9a-f-]{36}$/) as string,
      })
      for (const name of ['server', 'x-powered-by', 'strict-transport-security']) expect(headers[name]).toBeUndefined()
    },
  )

  test('HEAD and a slash at the end work as well', async () => {
    expect((await t.http.inject({ method: 'HEAD', url: '/healthz' })).statusCode).toBe(200)
    expect((await t.send('GET', '/api/v1/accounts/')).status).toBe(200)
  })

  test('is logged by its route, not by its address', async () => {
    await t.send('GET', '/api/v1/repositories?q=very-private-search')

    expect(t.logged).toContainEqual(
      expect.objectContaining({ msg: 'request answered', route: '/api/v1/repositories', status: 200 }),
    )
    expect(JSON.stringify(t.logged)).not.toContain('very-private-search')
  })
})

describe('failures', () => {
  test.each([
    ['GET', '/nothing', 404, 'route-not-found'],
    ['DELETE', '/healthz', 404, 'route-not-found'],
    ['GET', '/api/v1/nothing', 404, 'route-not-found'],
    ['GET', '/%zz', 400, 'request-invalid'],
    ['GET', `/api/v1/accounts/${'x'.repeat(2_000)}`, 404, 'route-not-found'],
  ] as const)('%s %s: %i %s', async (method, url, status, code) => {
    const answer = await t.send(method, url)

    expect([answer.status, problemSchema.parse(answer.json()).code]).toEqual([status, code])
    expect(answer.headers['content-type']).toBe('application/problem+json')
  })

  test('what is unexpected tells an id that the log has, and nothing else', async () => {
    await t.app.db.write('interactive', (tx) =>
      tx.schema
        .dropTable('syncs')
        .execute()
        .then(() => tx.schema.dropTable('repositories').execute()),
    )

    const answer = await t.send('GET', '/api/v1/repositories')

    const problem = problemSchema.parse(answer.json())
    expect(problem).toMatchObject({ status: 500, code: 'internal-error', title: 'Internal Server Error' })
    expect(answer.text).not.toContain('no such table')
    const line = t.logged.find(({ msg }) => msg === 'request failed')
    expect(line).toMatchObject({ requestId: problem.requestId, route: '/api/v1/repositories', code: 'internal-error' })
    expect(JSON.stringify(line)).toContain('no such table')
    expect(answer.headers['x-request-id']).toBe(problem.requestId)
  })

  test('an answer that breaks the contract is a failure of ours', async () => {
    await t.app.db.write('interactive', (tx) =>
      tx
        .insertInto('repositories')
        .values({ ...ROW, webhook_state: 'dreaming' as 'off' })
        .execute(),
    )

    const answer = await t.send('GET', '/api/v1/repositories')

    expect([answer.status, answer.json()['code']]).toEqual([500, 'internal-error'])
  })

  test('a request is refused once the connector stops', async () => {
    const jobs = { ...t.app.jobs }
    const other = await startTestHttpApp({ app: { ...t.app, jobs } })
    await other.http.listen({ host: '127.0.0.1', port: 0 })
    const { port } = other.http.server.address() as AddressInfo

    await other.dispose()

    await expect(
      new Promise((resolve, reject) => connect(port, '127.0.0.1').on('connect', resolve).on('error', reject)),
    ).rejects.toThrow('ECONNREFUSED')
  })
})

const ROW = {
  account_id: 'acme',
  host_id: '1',
  path: 'acme/shop',
  web_url: 'https://gitlab.example.com/acme/shop',
  archived: 0,
  empty: 0,
  git_enabled: 1,
  pull_requests_enabled: 1,
  linked: 1,
  smart_commits: 1,
  sync_state: 'idle',
  sync_mode: 'soft',
  sync_attempts: 0,
  progress_commits: 0,
  progress_branches: 0,
  progress_pull_requests: 0,
  progress_issues: 0,
  history_complete: 0,
  generation: 0,
  rules_version: 0,
} as const
