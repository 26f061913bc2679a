import { afterEach, beforeEach, expect, test } from 'vitest'
import { builtInConnectorSchema } from '../contract/jira-connection.ts'
import { systemClock } from '../lib/clock.ts'
import { silentLogger } from '../lib/logger.ts'
import { createSandboxJira, type SandboxJira } from '../sandbox/jira/sandbox-jira.ts'
import { startTestHttpApp, type TestHttpApp } from './test-http-app.ts'

const USERS = [
  { name: 'admin', displayName: 'Admin', emailAddress: 'a@example.com', tokens: [{ token: 'pat-admin' }], administrator: true },
  { name: 'plain', displayName: 'Plain', emailAddress: 'p@example.com', tokens: [{ token: 'pat-plain' }] },
]
const REPOSITORIES = [
  {
    dvcsType: 'gitlab',
    owner: 'acme',
    repositoryUrl: 'https://gitlab.example.com/acme/shop',
    linked: true,
    smartcommitsEnabled: true,
  },
  {
    dvcsType: 'gitlab',
    owner: 'acme',
    repositoryUrl: 'https://gitlab.example.com/acme/pay',
    linked: false,
    smartcommitsEnabled: true,
  },
  { dvcsType: 'gitlab', owner: 'acme', repositoryUrl: 'https://gitlab.example.com/acme/old', linked: true, deleted: true },
  { dvcsType: 'github', owner: 'Acme', repositoryUrl: 'javascript:alert(1)', linked: true },
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

async function ask(token: string) {
  expect((await t.send('PUT', '/api/v1/jira', { body: { url: jira.url, token } })).status).toBe(200)
  const answer = await t.send('GET', '/api/v1/jira/built-in-connector')
  expect(answer.status).toBe(200)
  return builtInConnectorSchema.parse(answer.json())
}

test('its repositories by account, deleted ones left out', async () => {
  jira.configure({ builtInRepositories: REPOSITORIES })

  expect(await ask('pat-admin')).toEqual({
    available: true,
    reason: null,
    accounts: [
      {
        name: 'acme',
        host: 'gitlab',
        url: 'https://gitlab.example.com',
        repositories: { total: 2, enabled: 1 },
        smartCommits: true,
        supported: true,
      },
      { name: 'Acme', host: 'github', url: null, repositories: { total: 1, enabled: 1 }, smartCommits: false, supported: false },
    ],
  })
})

test('it is not there', async () => {
  expect(await ask('pat-admin')).toMatchObject({
    available: false,
    reason: expect.stringContaining('has no built-in'),
    accounts: [],
  })
})

test('the user is no administrator', async () => {
  jira.configure({ builtInRepositories: REPOSITORIES })

  expect(await ask('pat-plain')).toMatchObject({ available: false, reason: expect.stringContaining('no Jira administrator') })
})

test('an answer of another kind', async () => {
  jira.configure({ builtInRepositories: [{ linked: 'perhaps' }] })

  expect(await ask('pat-admin')).toMatchObject({ available: false, reason: expect.stringContaining('not known') })
})

test('no Jira is connected', async () => {
  const answer = await t.send('GET', '/api/v1/jira/built-in-connector')

  expect([answer.status, answer.json()['code']]).toEqual([409, 'jira-not-connected'])
})
