import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { accountSchema } from '../contract/account.ts'
import { builtInConnectorSchema } from '../contract/jira-connection.ts'
import { findSetting } from '../db/stores/settings.ts'
import { accountId } from '../domain/ids.ts'
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

test('an account with groups below it is one', async () => {
  const inGroup = {
    ...REPOSITORIES[0],
    organizationId: 7,
    owner: 'acme/sub',
    repositoryUrl: 'https://u:secret@gitlab.example.com/a',
  }
  jira.configure({ builtInRepositories: [inGroup, { ...inGroup, owner: 'acme' }] })

  const { accounts } = await ask('pat-admin')

  expect(accounts.map(({ name, url, repositories }) => [name, url, repositories.total])).toEqual([
    ['acme', 'https://gitlab.example.com', 2],
  ])
  expect(await findSetting(t.app.db.read, 'jira.built-in-connector')).not.toContain('secret')
})

describe('an account whose smart commits Jira executes as well', () => {
  const warnings = async () => accountSchema.parse((await t.send('GET', '/api/v1/accounts/acme')).json()).warnings
  const codes = async () => (await warnings()).map(({ code }) => code)
  beforeEach(async () => {
    await t.addAccount({ id: accountId('acme') })
    jira.configure({ builtInRepositories: [{ ...REPOSITORIES[0], owner: 'Acme' }] })
  })

  test('is warned of from when Jira was asked', async () => {
    expect(await codes()).toEqual([])

    await ask('pat-admin')

    expect(await codes()).toEqual(['smart-commits-twice'])
    expect((await warnings())[0]).toMatchObject({
      message:
        "Jira's built-in connector has smart commits on for Acme at https://gitlab.example.com too: what a commit commands " +
        'would be done twice.',
      remedy: "Switch smart commits off there (Jira's administration, DVCS accounts), or for this account.",
    })
    const listed = (await t.send('GET', '/api/v1/accounts')).json()['items'] as unknown[]
    expect(listed.map((one) => accountSchema.parse(one).warnings.length)).toEqual([1])
  })

  test.each([
    ['the same group', { owner: 'acme' }, true],
    ['a group below it', { owner: 'acme/sub' }, true],
    ['whatever the token can read', { owner: null }, true],
    ['another group', { owner: 'acme-two' }, false],
    ['another host', { url: 'https://git.example.com' }, false],
    ['smart commits off here', { smartCommits: false }, false],
  ] as const)('%s', async (_name, change, isWarned) => {
    await t.addAccount({ id: accountId('acme'), ...change })
    await ask('pat-admin')

    expect(await codes()).toEqual(isWarned ? ['smart-commits-twice'] : [])
  })

  test.each([
    ['switched off for them', [{ ...REPOSITORIES[0], smartcommitsEnabled: false }]],
    ['switched off altogether', undefined],
  ])('no longer when Jira has them %s', async (_name, builtInRepositories) => {
    await ask('pat-admin')
    jira.configure({ builtInRepositories })
    await ask('pat-admin')

    expect(await codes()).toEqual([])
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
