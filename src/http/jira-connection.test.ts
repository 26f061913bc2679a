import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { jiraCheckSchema, jiraSchema } from '../contract/jira-connection.ts'
import { problemSchema } from '../contract/problem.ts'
import { findSetting } from '../db/stores/settings.ts'
import { systemClock } from '../lib/clock.ts'
import { silentLogger } from '../lib/logger.ts'
import { createSandboxJira, type SandboxJira } from '../sandbox/jira/sandbox-jira.ts'
import { startTestHttpApp, type TestHttpApp } from './test-http-app.ts'

const TOKEN = 'pat-very-secret-1'
const PASSWORD = 'pass:word-very-secret'
const USERS = [
  { name: 'connector', displayName: 'Connector', emailAddress: 'c@example.com', tokens: [{ token: TOKEN }], password: PASSWORD },
]

let t: TestHttpApp
let jira: SandboxJira
beforeEach(async () => {
  jira = await createSandboxJira({ clock: systemClock, log: silentLogger, users: USERS })
  jira.world.addProject({ key: 'SHOP', name: 'Shop' })
  t = await startTestHttpApp()
})
afterEach(async () => {
  await t.dispose()
  await jira.close()
})

const get = async () => jiraSchema.parse((await t.send('GET', '/api/v1/jira')).json())
const check = async (body: object) => {
  const answer = await t.send('POST', '/api/v1/jira/check', { body })
  expect(answer.status).toBe(200)
  return jiraCheckSchema.parse(answer.json())
}
const put = (body: object) => t.send('PUT', '/api/v1/jira', { body })
const stored = () => findSetting(t.app.db.read, 'jira.connection')
const jobs = async () => (await t.app.db.read.selectFrom('jobs').select('name').orderBy('name').execute()).map(({ name }) => name)

describe('testing a connection', () => {
  test('names every step, the user, and what each permission is for; nothing is stored', async () => {
    const result = await check({ url: `${jira.url}/`, token: TOKEN })

    expect(result).toMatchObject({ ok: true, user: 'connector', version: '10.3.5' })
    expect(result.steps.map(({ name }) => name)).toEqual(['reachable', 'version', 'token', 'permissions', 'identity'])
    expect(result.permissions).toContainEqual({
      name: 'Edit Issues',
      project: 'SHOP',
      granted: true,
      needed: true,
      neededFor: 'writing the development information into the issue',
    })
    expect(result.permissions).toContainEqual(
      expect.objectContaining({ name: 'Jira Administrators', project: null, granted: false, needed: false }),
    )
    expect([await stored(), await jobs()]).toEqual([null, []])
  })

  test('a user without a right is told which', async () => {
    jira.world.addProject({ key: 'AAA', name: 'Read only', members: { viewers: ['connector'] } })

    const result = await check({ url: jira.url, token: TOKEN })

    expect(result.ok).toBe(false)
    expect(result.steps.find(({ ok }) => !ok)?.message).toContain('lacks Edit Issues in project AAA')
  })

  test.each([
    ['token', { token: 'wrong' }],
    ['token', { username: 'connector', password: 'wrong' }],
  ])('wrong credentials fail at the step "%s"', async (step, credentials) => {
    const result = await check({ url: jira.url, ...credentials })

    expect(result.steps.at(-1)).toMatchObject({ name: step, ok: false })
  })

  test('an old Jira, and Jira Cloud, fail at the version', async () => {
    jira.configure({ version: '8.13.9' })
    expect((await check({ url: jira.url, token: TOKEN })).steps.at(-1)).toMatchObject({ name: 'version', ok: false })
    jira.configure({ version: '1001.0.0', deploymentType: 'Cloud' })
    expect((await check({ url: jira.url, token: TOKEN })).steps.at(-1)).toMatchObject({ name: 'version', ok: false })
  })

  test.each(['unavailable', 'disconnected', 'login-page'] as const)('a failing Jira (%s) fails at a step', async (fault) => {
    jira.setFault(fault)

    const result = await check({ url: jira.url, token: TOKEN })

    expect(result.ok).toBe(false)
    expect(result.steps.at(-1)).toMatchObject({ ok: false })
  })

  test('an address where nothing listens, and a link-local one', async () => {
    expect((await check({ url: 'http://127.0.0.1:9', token: TOKEN })).steps).toEqual([
      expect.objectContaining({ name: 'reachable', ok: false }),
    ])
    expect((await check({ url: 'http://169.254.169.254', token: TOKEN })).steps).toEqual([
      expect.objectContaining({ name: 'reachable', ok: false }),
    ])
  })

  test.each([
    [{ token: TOKEN, username: 'connector', password: PASSWORD }, 'request-invalid'],
    [{ username: 'connector' }, 'request-invalid'],
    [{}, 'token-missing'],
    [{ token: 'with blank' }, 'request-invalid'],
    [{ token: TOKEN, url: 'ftp://jira' }, 'request-invalid'],
    [{ token: TOKEN, url: 'http://user:pass@jira' }, 'request-invalid'],
    [{ token: TOKEN, more: 1 }, 'request-invalid'],
  ])('what is asked for must be possible: %o', async (body, code) => {
    const answer = await t.send('POST', '/api/v1/jira/check', { body: { url: jira.url, ...body } })

    expect([answer.status, problemSchema.parse(answer.json()).code]).toEqual([400, code])
    expect(answer.text).not.toContain(TOKEN)
  })
})

describe('connecting', () => {
  test('without one everything says so', async () => {
    expect(await get()).toMatchObject({ managedBy: null, url: null, state: null, projects: 0 })
  })

  test('a good one is stored sealed, told without secrets, and work begins', async () => {
    const property = { others: 'titles', projects: { SHOP: 'counts' } }
    const answer = await put({ url: jira.url, token: TOKEN, property, delivery: ['property', 'link'] })

    expect(answer.status).toBe(200)
    expect(await get()).toMatchObject({
      managedBy: 'browser',
      url: jira.url,
      auth: 'token',
      user: 'connector',
      version: '10.3.5',
      property,
      delivery: ['property', 'link'],
      webhooks: 'auto',
      state: 'ok',
      problem: null,
      connectedBy: 'the API token of the configuration',
    })
    expect(t.app.jira?.propertyLevel('SHOP')).toBe('counts')
    expect(t.app.jira?.propertyLevel('PAY')).toBe('titles')
    expect(await jobs()).toEqual(['deliver', 'poll-jira', 'refresh-projects'])
    expect(`${await stored()}${answer.text}${JSON.stringify(t.logged)}`).not.toContain(TOKEN)
  })

  test('a failed test stores nothing, and names the step', async () => {
    const answer = await put({ url: jira.url, token: 'wrong-very-secret' })

    expect([answer.status, problemSchema.parse(answer.json()).code]).toEqual([422, 'connection-test-failed'])
    expect(answer.text).toContain('step \\"token\\"')
    expect(`${answer.text}${JSON.stringify(t.logged)}`).not.toContain('wrong-very-secret')
    expect([await stored(), await jobs(), t.app.jira]).toEqual([null, [], null])
  })

  test('a failed change leaves the connection as it was', async () => {
    await put({ url: jira.url, username: 'connector', password: PASSWORD })
    const before = await stored()

    expect((await put({ url: jira.url, token: 'wrong' })).status).toBe(422)

    expect(await stored()).toBe(before)
    expect(await get()).toMatchObject({ auth: 'password', user: 'connector' })
  })

  test('a change without credentials keeps them; another address needs them again', async () => {
    await put({ url: jira.url, token: TOKEN })
    const another = await createSandboxJira({ clock: systemClock, log: silentLogger, users: USERS })
    another.world.addProject({ key: 'SHOP', name: 'Shop' })
    try {
      expect((await put({ url: jira.url, delivery: ['link'] })).status).toBe(200)
      expect(t.app.jira?.delivery).toEqual(['link'])

      for (const answer of [
        await put({ url: another.url }),
        await t.send('POST', '/api/v1/jira/check', { body: { url: another.url } }),
      ]) {
        expect([answer.status, problemSchema.parse(answer.json()).code]).toEqual([400, 'token-missing'])
      }
      expect(another.requests()).toEqual([])
    } finally {
      await another.close()
    }
  })

  test('another Jira is told at once, and taken when an administrator says so', async () => {
    await put({ url: jira.url, token: TOKEN })
    jira.configure({ serverId: 'a copy of another' })

    expect((await put({ url: jira.url, token: TOKEN })).status).toBe(200)
    expect(await get()).toMatchObject({ state: 'moved', problem: { code: 'jira-not-the-same' } })

    const accepted = await t.send('POST', '/api/v1/jira/accept-moved')
    expect([accepted.status, accepted.json<{ state: string }>().state]).toEqual([200, 'ok'])
  })

  test('nothing can be accepted where none is connected', async () => {
    const answer = await t.send('POST', '/api/v1/jira/accept-moved')

    expect([answer.status, problemSchema.parse(answer.json()).code]).toEqual([409, 'jira-not-connected'])
  })
})

test('what the configuration file declares is read-only, and can be tested with its own credentials', async () => {
  await t.dispose()
  t = await startTestHttpApp({
    jira: {
      url: jira.url,
      auth: { token: TOKEN },
      property: { others: 'full', projects: {} },
      delivery: ['property'],
      webhooks: 'manual',
      webhookSecret: 'a webhook secret',
      poll: null,
    },
  })

  expect(await get()).toMatchObject({ managedBy: 'file', url: jira.url, auth: 'token', webhooks: 'manual', connectedAt: null })
  const refused = await put({ url: jira.url, token: TOKEN })
  expect([refused.status, problemSchema.parse(refused.json()).code]).toEqual([409, 'managed-by-file'])
  expect((await check({ url: jira.url })).ok).toBe(true)
})
