import { afterEach, expect, test } from 'vitest'
import { systemClock } from '../../lib/clock.ts'
import { silentLogger } from '../../lib/logger.ts'
import { createSandboxJira, type SandboxJira, type SandboxJiraOptions } from './sandbox-jira.ts'

const running: SandboxJira[] = []

afterEach(async () => {
  for (const jira of running.splice(0)) await jira.close()
})

async function start(options: Partial<SandboxJiraOptions> = {}): Promise<SandboxJira> {
  const jira = await createSandboxJira({
    clock: systemClock,
    log: silentLogger,
    users: [
      {
        name: 'ann',
        displayName: 'Ann Lee',
        emailAddress: 'ann.lee@example.com',
        password: 'pass',
        administrator: true,
        tokens: [{ token: 't-ann' }],
      },
      { name: 'ben', displayName: 'Ben Meyer', emailAddress: 'ben@example.com', tokens: [{ token: 't-ben' }] },
    ],
    ...options,
  })
  running.push(jira)
  jira.world.addProject({ key: 'SHOP', name: 'Web shop', anonymousBrowse: true })
  jira.world.seedIssues('SHOP', 12)
  return jira
}

async function call(jira: SandboxJira, path: string, init: RequestInit & { token?: string | null } = {}) {
  const { token = 't-ann', ...rest } = init
  const authorization: Record<string, string> = token === null ? {} : { authorization: `Bearer ${token}` }
  const response = await fetch(`${jira.url}${path}`, {
    ...rest,
    headers: { ...authorization, 'content-type': 'application/json' },
    redirect: 'manual',
  })
  const text = await response.text()
  const json = response.headers.get('content-type')?.includes('json') ? (JSON.parse(text) as Record<string, unknown>) : {}
  return { status: response.status, headers: response.headers, text, json }
}

test('tells its version with and without a sign-in', async () => {
  const jira = await start({ contextPath: '/jira', version: '9.12.4', anonymousAccess: false })

  const answer = await call(jira, '/rest/api/2/serverInfo', { token: null })

  expect(answer.json).toMatchObject({
    version: '9.12.4',
    versionNumbers: [9, 12, 4],
    deploymentType: 'Server',
    baseUrl: jira.url,
  })
  expect(new URL(jira.url).pathname).toBe('/jira')
})

test('answers a wrong token as anonymous, or 401 where nobody may come in', async () => {
  const jira = await start()

  const open = await call(jira, '/rest/api/2/project', { token: 'wrong' })
  jira.configure({ anonymousAccess: false })
  const closed = await call(jira, '/rest/api/2/project', { token: 'wrong' })
  const right = await call(jira, '/rest/api/2/project')

  expect([open.status, open.headers.get('x-ausername')]).toEqual([200, 'anonymous'])
  expect(closed.status).toBe(401)
  expect([right.status, right.headers.get('x-ausername')]).toEqual([200, 'ann'])
})

test('a moved issue answers under its old key with the new key and the same id', async () => {
  const jira = await start()
  jira.world.addProject({ key: 'WEB', name: 'Website' })
  const { id } = jira.world.moveIssue('SHOP-2', 'WEB')

  const { json } = await call(jira, '/rest/api/2/issue/SHOP-2?fields=summary')
  const page = await call(jira, '/browse/SHOP-2')

  expect(json).toMatchObject({ id, key: 'WEB-1', fields: { summary: 'Show delivery date on the order page' } })
  expect(Object.keys(json['fields'] as object)).toEqual(['summary'])
  expect([page.status, page.headers.get('location')]).toEqual([302, '/browse/WEB-1'])
})

test('hides what a user may not see like what is absent', async () => {
  const jira = await start()
  jira.world.addProject({ key: 'SECRET', name: 'Secret', members: { administrators: ['ann'] } })
  jira.world.seedIssues('SECRET', 1)

  const hidden = await call(jira, '/rest/api/2/issue/SECRET-1', { token: 't-ben' })
  const absent = await call(jira, '/rest/api/2/issue/SECRET-2', { token: 't-ben' })
  const search = await call(jira, '/rest/api/2/search?jql=project=SECRET', { token: 't-ben' })

  expect([hidden.status, hidden.text]).toEqual([404, absent.text])
  expect(search.json).toMatchObject({ total: 0 })
})

test('searches cap at 1000 and validate keys unless told not to', async () => {
  const jira = await start()
  jira.world.seedIssues('SHOP', 1200)
  const search = (body: object) => call(jira, '/rest/api/2/search', { method: 'POST', body: JSON.stringify(body) })

  const all = await search({ jql: 'project = SHOP', maxResults: 5000, fields: ['key'] })
  const strict = await search({ jql: 'key in (SHOP-1, SHOP-9999)' })
  const lax = await Promise.all(
    [false, 'warn', 'none'].map((validateQuery) => search({ jql: 'key in (SHOP-1, SHOP-9999)', validateQuery })),
  )

  expect(all.json).toMatchObject({ total: 1200, maxResults: 1000 })
  expect((all.json['issues'] as unknown[]).length).toBe(1000)
  expect(strict.status).toBe(400)
  expect(lax.map(({ json }) => json['total'])).toEqual([1, 1, 1])
})

test('keeps the limits of issue properties', async () => {
  const jira = await start()
  const put = (key: string, body: string) => call(jira, `/rest/api/2/issue/SHOP-1/properties/${key}`, { method: 'PUT', body })

  expect((await put('p', '{"a":1}')).status).toBe(201)
  expect((await put('p', '{"a":2}')).status).toBe(200)
  expect((await put('p', 'no json')).status).toBe(400)
  expect((await put('k'.repeat(256), '1')).status).toBe(400)
  expect((await put('p', JSON.stringify('x'.repeat(32_766)))).status).toBe(200)
  expect((await put('p', JSON.stringify('x'.repeat(32_767)))).status).toBe(413)
  expect((await call(jira, '/rest/api/2/issue/SHOP-1/properties')).json).toMatchObject({ keys: [{ key: 'p' }] })
  expect((await call(jira, '/rest/api/2/issue/SHOP-1/properties/p', { method: 'DELETE' })).status).toBe(204)
  expect((await call(jira, '/rest/api/2/issue/SHOP-1/properties/p')).status).toBe(404)
})

test('comments, work logs and transitions do what smart commits need', async () => {
  const jira = await start()
  const post = (path: string, body: object) =>
    call(jira, `/rest/api/2/issue/SHOP-4/${path}`, { method: 'POST', body: JSON.stringify(body) })

  const comment = await post('comment', { body: 'Done' })
  const worklog = await post('worklog', { timeSpent: '1d 2h', started: '2026-11-22T10:00:00.000+0000', comment: 'x' })
  const badWorklog = await post('worklog', { timeSpent: '1d', started: '2026-11-22T10:00:00Z' })
  const transition = await post('transitions', { transition: { id: '41' } })
  const again = await post('transitions', { transition: { id: '41' } })

  expect([comment.status, worklog.status, badWorklog.status, transition.status, again.status]).toEqual([201, 201, 400, 204, 400])
  expect(worklog.json).toMatchObject({ timeSpentSeconds: 36_000 })
  expect(jira.world.findIssue('SHOP-4')?.status).toBe('Done')
  expect(jira.writes()).toMatchObject({ comments: 1, worklogs: 1, transitions: 1 })
})

test('finds users by the beginning of name, word and e-mail', async () => {
  const jira = await start()
  const find = async (text: string) =>
    ((await call(jira, `/rest/api/2/user/search?username=${text}`)).json as unknown as { name: string }[]).map(({ name }) => name)

  expect(await find('ann.lee@example.com')).toEqual(['ann'])
  expect(await find('mey')).toEqual(['ben'])
  expect(await find('nobody')).toEqual([])
})

test('limits the rate by user with headers on every answer', async () => {
  const jira = await start()
  jira.setRateLimit({ limit: 2, fillRate: 1, intervalSeconds: 60, exempt: ['ben'] })

  const answers = []
  for (let request = 0; request < 3; request += 1) answers.push(await call(jira, '/rest/api/2/myself'))
  const exempt = await call(jira, '/rest/api/2/myself', { token: 't-ben' })

  expect(answers.map(({ status, headers }) => [status, headers.get('x-ratelimit-remaining')])).toEqual([
    [200, '1'],
    [200, '0'],
    [429, '0'],
  ])
  expect(Number(answers[2]?.headers.get('retry-after'))).toBeGreaterThan(50)
  expect([exempt.status, exempt.headers.get('x-ratelimit-limit')]).toEqual([200, null])
})

test('pages escape everything and sign the demo user in for REST reads', async () => {
  const jira = await start({ contextPath: '/jira' })
  const evil = jira.world.createIssue({
    project: 'SHOP',
    summary: '<script>alert(1)</script>"\'&',
    description: '<img src=x onerror=alert(1)>',
  })

  const page = await call(jira, `/browse/${evil.key}`, { token: null })
  const cookie = /^JSESSIONID=[^;]+/.exec(page.headers.get('set-cookie') ?? '')?.[0] ?? ''
  const read = await fetch(`${jira.url}/rest/api/2/myself`, { headers: { cookie } })

  expect(page.text).not.toMatch(/<script>alert|<img/)
  expect(page.text).toContain('&lt;script&gt;alert(1)&lt;/script&gt;&quot;&#39;&amp;')
  expect(await read.json()).toMatchObject({ name: 'ann' })
})

test('shows lists, and a page for what is not there', async () => {
  const jira = await start()

  const [home, project, missing] = await Promise.all(
    ['/', '/projects/SHOP', '/browse/SHOP-99'].map((path) => call(jira, path, { token: null })),
  )

  expect(home?.text).toContain('Web shop')
  expect(project?.text).toContain('href="/browse/SHOP-12"')
  expect([missing?.status, missing?.text.includes('view this issue')]).toEqual([404, true])
})
