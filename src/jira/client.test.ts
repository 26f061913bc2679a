import { afterEach, beforeEach, expect, test } from 'vitest'
import type { HttpClient } from '../lib/http-client.ts'
import type { SandboxJira } from '../sandbox/jira/sandbox-jira.ts'
import { developmentExample } from './fixtures/test-development.ts'
import { BOT_TOKEN, createTestClient, createTestHttp, startTestJira } from './fixtures/test-jira.ts'
import { compareJiraIdentity } from './jira-identity.ts'
import { toRemoteLink } from './remote-link.ts'

const { signal } = new AbortController()
let jira: SandboxJira
let http: HttpClient

beforeEach(async () => {
  jira = await startTestJira({ contextPath: '/jira' })
  http = createTestHttp()
})

afterEach(async () => {
  await http.close()
  await jira.close()
})

const client = (auth: Parameters<typeof createTestClient>[1]['auth'] = { token: BOT_TOKEN }) =>
  createTestClient(jira.url, { http, auth })

test('lists projects with their former keys', async () => {
  jira.world.renameProjectKey('SHOP', 'STORE')

  const projects = await client().listProjects(signal)

  expect(projects.map(({ key, formerKeys, name }) => ({ key, formerKeys, name }))).toEqual([
    { key: 'STORE', formerKeys: ['SHOP'], name: 'Web shop' },
    { key: 'WEB', formerKeys: [], name: 'Website' },
  ])
})

test('reads the key pattern as an administrator and gets null as another user', async () => {
  const asAdmin = await client({ token: 'admin-token' }).findProjectKeyPattern(signal)
  const asBot = await client().findProjectKeyPattern(signal)

  expect(asAdmin).toBe('([A-Z][A-Z]+)')
  expect(asBot).toBeNull()
})

test('finds a hundred issues with one request', async () => {
  jira.world.seedIssues('SHOP', 100)
  const keys = Array.from({ length: 100 }, (_, index) => `SHOP-${index + 1}`)

  const found = await client().findIssues(keys, signal)

  expect(found.size).toBe(100)
  expect(found.get('SHOP-7')).toEqual({ id: jira.world.findIssue('SHOP-7')?.id, key: 'SHOP-7' })
  expect(jira.requests()).toHaveLength(1)
})

test('finds moved and renamed issues under the key asked for, and leaves unknown and hidden ones out', async () => {
  const moved = jira.world.moveIssue('SHOP-3', 'WEB')
  jira.world.addProject({ key: 'SECRET', name: 'Secret', members: { developers: ['admin'] } })
  jira.world.seedIssues('SECRET', 1)
  jira.world.renameProjectKey('SHOP', 'STORE')

  const found = await client().findIssues(
    ['SHOP-1', 'SHOP-3', 'STORE-2', 'SHOP-999', 'SECRET-1', 'WEB-1', 'not a key', 'WEB-1'],
    signal,
  )

  expect(Object.fromEntries([...found].map(([key, issue]) => [key, issue.key]))).toEqual({
    'SHOP-1': 'STORE-1',
    'SHOP-3': 'WEB-1',
    'STORE-2': 'STORE-2',
    'WEB-1': 'WEB-1',
  })
  expect(found.get('SHOP-3')?.id).toBe(moved.id)
})

test('writes, changes and deletes an issue property', async () => {
  const put = (json: string) => client().putIssueProperty('SHOP-7', { name: 'dvcs-development', json }, signal)

  const first = await put('{"a":1}')
  const second = await put('{"a":"é漢"}')
  const stored = jira.world.findIssue('SHOP-7')?.properties.get('dvcs-development')
  const deleted = await client().deleteIssueProperty('SHOP-7', 'dvcs-development', signal)
  const again = await client().deleteIssueProperty('SHOP-7', 'dvcs-development', signal)

  expect([first, second, deleted, again]).toEqual(['created', 'changed', true, false])
  expect(stored).toEqual({ a: 'é漢' })
  expect(jira.writes()).toMatchObject({ properties: 2, propertiesDeleted: 1 })
})

test('writes one remote link however often, and deletes it', async () => {
  const issueId = jira.world.findIssue('SHOP-7')?.id ?? ''
  const link = toRemoteLink(developmentExample(), { installationId: 'i1', issueId })

  const first = await client().putRemoteLink('SHOP-7', link, signal)
  const second = await client().putRemoteLink(issueId, link, signal)
  const count = jira.world.findIssue('SHOP-7')?.remoteLinks.length
  const deleted = await client().deleteRemoteLink('SHOP-7', link.globalId, signal)
  const again = await client().deleteRemoteLink('SHOP-7', link.globalId, signal)

  expect([first, second, count, deleted, again]).toEqual(['created', 'changed', 1, true, false])
})

test.each(['wrong-token', 'expired-token'])('notices that %s is answered as anonymous, on any answer', async (token) => {
  const mine = client({ token })

  await expect(mine.listProjects(signal)).rejects.toMatchObject({ code: 'jira-anonymous' })
  await expect(mine.findIssues(['SHOP-1', 'SHOP-2'], signal)).rejects.toMatchObject({ code: 'jira-anonymous' })
  // Hidden from anonymous users: without the check this would look like a deleted issue.
  await expect(mine.findIssues(['WEB-1'], signal)).rejects.toMatchObject({ code: 'jira-anonymous' })
  await expect(mine.putIssueProperty('SHOP-1', { name: 'p', json: '1' }, signal)).rejects.toMatchObject({
    code: 'jira-credentials-refused',
  })
})

test('refuses credentials where nobody may come in anonymously', async () => {
  jira.configure({ anonymousAccess: false })

  await expect(client({ token: 'wrong-token' }).listProjects(signal)).rejects.toMatchObject({
    code: 'jira-credentials-refused',
    retryable: false,
  })
})

test('signs in with a password, and tells a CAPTCHA from a wrong password', async () => {
  const right = await client({ username: 'dvcs-bot', password: 'bot-secret' }).listProjects(signal)
  const wrong = client({ username: 'dvcs-bot', password: 'nope' })
  const attempts = []
  for (let attempt = 0; attempt < 4; attempt += 1) {
    attempts.push(await wrong.listProjects(signal).catch((error: unknown) => (error as { code: string }).code))
  }

  expect(right).toHaveLength(2)
  expect(attempts).toEqual(['jira-credentials-refused', 'jira-credentials-refused', 'jira-credentials-refused', 'jira-captcha'])
})

test('tells a missing permission from a missing issue', async () => {
  jira.world.addProject({ key: 'VIEW', name: 'Look only', members: { viewers: ['dvcs-bot'] } })
  jira.world.seedIssues('VIEW', 1)
  const put = (issue: string) => client().putIssueProperty(issue, { name: 'p', json: '1' }, signal)

  await expect(put('VIEW-1')).rejects.toMatchObject({ code: 'jira-permission-missing' })
  await expect(put('VIEW-2')).rejects.toMatchObject({ code: 'jira-issue-not-found' })
})

test.each([
  ['read-only', 'jira-read-only'],
  ['read-only-forbidden', 'jira-read-only'],
  ['unavailable', 'jira-unavailable'],
  ['login-page', 'jira-unexpected-answer'],
  ['disconnected', 'connection-failed'],
] as const)('a write meets %s as %s', async (fault, code) => {
  jira.setFault(fault)

  const put = client().putIssueProperty('SHOP-1', { name: 'p', json: '1' }, signal)

  await expect(put).rejects.toSatisfy((error: { code: string; retryable: boolean }) => {
    const codes = fault === 'disconnected' ? [code, 'response-cut'] : [code]
    return codes.includes(error.code) && error.retryable
  })
  expect(jira.writes().properties).toBe(0)
})

test('refuses a property that is too long, with the words of Jira', async () => {
  const json = JSON.stringify('x'.repeat(33_000))

  const put = client().putIssueProperty('SHOP-1', { name: 'p', json }, signal)

  await expect(put).rejects.toMatchObject({
    code: 'jira-refused',
    retryable: false,
    userMessage: expect.stringContaining('32768 characters') as string,
  })
})

test('refuses Jira Cloud and versions without access tokens', async () => {
  const versionOf = async (changes: Parameters<SandboxJira['configure']>[0]) => {
    jira.configure(changes)
    return client()
      .getServerInfo(signal)
      .then(
        ({ version }) => version,
        (error: unknown) => (error as { code: string }).code,
      )
  }

  expect(await versionOf({ version: '8.13.27' })).toBe('jira-too-old')
  expect(await versionOf({ version: '7.20.1' })).toBe('jira-too-old')
  expect(await versionOf({ version: '8.14.0' })).toBe('8.14.0')
  expect(await versionOf({ version: '11.0.1' })).toBe('11.0.1')
  expect(await versionOf({ version: '1001.0.0', deploymentType: 'Cloud' })).toBe('jira-cloud')
})

test('knows the same Jira, a moved or copied one and another one', async () => {
  const stored = await client().getIdentity(signal)
  const elsewhere = { ...stored, baseUrl: 'https://jira-new.example.com' }

  expect(stored).toEqual({ serverId: expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-3/) as string, baseUrl: jira.url })
  expect(compareJiraIdentity(stored, await client().getIdentity(signal))).toBe('same')
  expect(compareJiraIdentity(stored, elsewhere)).toBe('moved-or-copied')
  expect(compareJiraIdentity(stored, { ...stored, serverId: 'another' })).toBe('different')
})

test('a connection check names every step', async () => {
  const steps = await client().checkConnection(signal, { sampleProjects: ['SHOP'], remoteLinks: true })

  expect(steps.map(({ name, ok }) => `${name} ${ok}`)).toEqual([
    'reachable true',
    'version true',
    'token true',
    'permissions true',
    'identity true',
  ])
})

test('a connection check stops at the step that fails', async () => {
  jira.world.addProject({ key: 'VIEW', name: 'Look only', members: { viewers: ['dvcs-bot'] } })
  const lastOf = async (mine = client(), sampleProjects = ['SHOP']) => {
    const steps = await mine.checkConnection(signal, { sampleProjects })
    const { name, ok, code } = steps.at(-1) ?? {}
    return { name, ok, code }
  }

  expect(await lastOf(client(), ['SHOP', 'VIEW'])).toEqual({ name: 'permissions', ok: false, code: 'jira-permission-missing' })
  expect(await lastOf(client({ token: 'wrong' }))).toEqual({ name: 'token', ok: false, code: 'jira-credentials-refused' })
  jira.configure({ version: '8.5.0' })
  expect(await lastOf()).toEqual({ name: 'version', ok: false, code: 'jira-too-old' })
  jira.setFault('login-page')
  expect(await lastOf()).toEqual({ name: 'reachable', ok: false, code: 'jira-unexpected-answer' })
})

test('waits for the rate limit instead of failing', async () => {
  jira.setRateLimit({ limit: 3, fillRate: 3, intervalSeconds: 1 })
  const mine = client()

  const answers = await Promise.all(Array.from({ length: 6 }, () => mine.listProjects(signal)))

  expect(answers).toHaveLength(6)
  expect(jira.requests().filter(({ status }) => status === 429)).toHaveLength(0)
})
