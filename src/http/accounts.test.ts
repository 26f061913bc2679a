import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { findAccountDeletion } from '../db/stores/account-deletion.ts'
import { accountSchema, deletionPreviewSchema } from '../contract/account.ts'
import { listSchema } from '../contract/page.ts'
import { problemSchema } from '../contract/problem.ts'
import { findSealedSecrets, setAccountState, setNextSweep, setResolvedOwner } from '../db/stores/accounts.ts'
import { accountId, hostId } from '../domain/ids.ts'
import { systemClock } from '../lib/clock.ts'
import { startTestGitLab, type TestGitLab } from '../sandbox/gitlab/test-setup.ts'
import { startTestHttpApp, type TestHttpApp } from './test-http-app.ts'

const pageSchema = listSchema(accountSchema.strict()).strict()

let t: TestHttpApp
beforeEach(async () => {
  t = await startTestHttpApp()
})
afterEach(() => t.dispose())

describe('reading accounts', () => {
  test('the list is sorted by name and comes in pages', async () => {
    for (const id of ['b', 'C', 'a']) await t.addAccount({ id: accountId(id), name: `Name ${id}` })

    const first = pageSchema.parse((await t.send('GET', '/api/v1/accounts?limit=2')).json())
    const second = pageSchema.parse((await t.send('GET', `/api/v1/accounts?limit=2&cursor=${first.next ?? ''}`)).json())

    expect(first.items.map(({ id }) => id)).toEqual(['a', 'b'])
    expect(second.items.map(({ id }) => id)).toEqual(['C'])
    expect(second.next).toBeNull()
  })

  test('a page that is full to the brim has no next one', async () => {
    for (const id of ['a', 'b']) await t.addAccount({ id: accountId(id) })

    const page = pageSchema.parse((await t.send('GET', '/api/v1/accounts?limit=2')).json())

    expect(page.next).toBeNull()
  })

  test('one account in the shape of the contract', async () => {
    const id = accountId('acme')
    await t.addAccount({ id, name: 'Acme' })
    await t.addRepository({ path: 'acme/shop' })
    await t.addRepository({ path: 'acme/old' }, { linked: false })
    const problem = { code: 'host-unavailable', message: 'GitLab did not answer.', remedy: null }
    await t.app.db.write('interactive', async (tx) => {
      await setAccountState(tx, id, 'degraded', problem)
      await setNextSweep(tx, id, Date.parse('2026-11-22T10:00:00Z'))
    })

    const answer = await t.send('GET', '/api/v1/accounts/acme')

    expect(answer.status).toBe(200)
    expect(answer.json()).toEqual({
      id: 'acme',
      name: 'Acme',
      host: 'gitlab',
      url: 'https://gitlab.example.com',
      owner: 'acme',
      resolvedOwner: null,
      managedBy: 'file',
      gitUrl: null,
      webhooks: 'off',
      autoLink: true,
      smartCommits: true,
      smartCommitTrust: 'author',
      smartCommitReplies: false,
      include: ['**'],
      exclude: [],
      jiraProjects: [],
      state: 'degraded',
      problem,
      warnings: [],
      lastSync: null,
      nextSync: '2026-11-22T10:00:00.000Z',
      repositories: { total: 2, linked: 1, running: 0, queued: 0, failing: 0, paused: 0 },
      webhook: { level: 'off', state: 'off', reason: null },
      rateLimit: null,
      credential: { kind: 'token', expiresAt: null, user: null },
      configuredBy: null,
      deletion: null,
    })
  })

  test.each(['nobody', 'no%00body', '-', encodeURIComponent('a/b')])('an id that leads nowhere: %s', async (id) => {
    const answer = await t.send('GET', `/api/v1/accounts/${id}`)

    expect(answer.status).toBe(404)
    expect(problemSchema.parse(answer.json()).code).toBe('account-not-found')
  })

  test.each(['limit=0', 'limit=201', 'limit=x', 'limit=1.5', 'limit=', 'cursor=rubbish', 'cursor='])(
    'a wrong query: %s',
    async (query) => {
      const answer = await t.send('GET', `/api/v1/accounts?${query}`)

      expect(answer.status).toBe(400)
      expect(problemSchema.parse(answer.json()).code).toBe(query.startsWith('limit') ? 'request-invalid' : 'cursor-invalid')
    },
  )

  test("another list's cursor is refused", async () => {
    await t.addAccount({ id: accountId('acme') })
    await t.addRepository({ path: 'acme/a' })
    await t.addRepository({ path: 'acme/b' })
    const { next } = (await t.send('GET', '/api/v1/repositories?limit=1')).json<{ next: string }>()

    const answer = await t.send('GET', `/api/v1/accounts?cursor=${next}`)

    expect(answer.json()['code']).toBe('cursor-invalid')
  })
})

describe('refreshing and deleting', () => {
  test('a refresh asks for a sweep at once', async () => {
    await t.addAccount({ id: accountId('acme') })

    const answer = await t.send('POST', '/api/v1/accounts/acme/refresh')

    expect(answer.status).toBe(202)
    expect(accountSchema.strict().parse(answer.json()).id).toBe('acme')
    expect(await t.app.jobs.stats(t.app.db.read)).toMatchObject({ waiting: 1 })
  })

  test.each([
    ['POST', '/api/v1/accounts/nobody/refresh'],
    ['DELETE', '/api/v1/accounts/nobody'],
  ] as const)('%s %s', async (method, url) => {
    expect((await t.send(method, url)).status).toBe(404)
  })

  test("the file's accounts are not deleted here", async () => {
    await t.addAccount({ id: accountId('acme') })

    const answer = await t.send('DELETE', '/api/v1/accounts/acme')

    expect([answer.status, answer.json()['code']]).toEqual([409, 'managed-by-file'])
  })

  test("the browser's account is deleted by a job, and says how far that has come", async () => {
    await t.addAccount({ id: accountId('web'), managedBy: 'browser' })
    await t.addRepository({ path: 'acme/shop' }, { account: 'web' })

    const answer = await t.send('DELETE', '/api/v1/accounts/web?removeHooks=false&removeFromJira=false')

    expect(answer.status).toBe(202)
    expect(accountSchema.strict().parse(answer.json())).toMatchObject({
      state: 'deleting',
      deletion: { repositories: { done: 0, total: 1 }, problem: null },
    })
    expect(await findAccountDeletion(t.app.db.read, accountId('web'))).toMatchObject({
      removeHooks: false,
      removeFromJira: false,
    })
    expect((await t.app.jobs.statsByName(t.app.db.read)).get('delete-account')?.waiting).toBe(1)
    for (const [method, url] of [
      ['PATCH', '/api/v1/accounts/web'],
      ['POST', '/api/v1/accounts/web/refresh'],
    ] as const) {
      const refused = await t.send(method, url, { body: {} })
      expect([refused.status, refused.json()['code']]).toEqual([409, 'account-deleting'])
    }
    expect((await t.send('DELETE', '/api/v1/accounts/web')).status).toBe(202)
    expect(await findAccountDeletion(t.app.db.read, accountId('web'))).toMatchObject({ removeHooks: false })
  })

  test('a preview tells what would go', async () => {
    await t.addAccount({ id: accountId('web'), managedBy: 'browser' })
    await t.addRepository({ path: 'acme/shop' }, { account: 'web' })

    const answer = await t.send('GET', '/api/v1/accounts/web/deletion-preview')

    expect(deletionPreviewSchema.strict().parse(answer.json())).toMatchObject({
      repositories: 1,
      commits: 0,
      issues: 0,
      hooks: 0,
    })
    expect((await t.send('GET', '/api/v1/accounts/nobody/deletion-preview')).status).toBe(404)
    expect((await t.send('DELETE', '/api/v1/accounts/web?removeHooks=maybe')).status).toBe(400)
  })
})

describe('creating and changing, against a GitLab', () => {
  let gitlab: TestGitLab
  beforeAll(async () => {
    gitlab = await startTestGitLab({ clock: systemClock })
  })
  afterAll(() => gitlab.dispose())

  const newAccount = (more: object = {}) => ({
    id: 'web',
    host: 'gitlab',
    url: `${gitlab.gitlab.url}/`,
    owner: 'acme',
    token: gitlab.token.value,
    ...more,
  })

  test('a new account is tested, stored with a sealed token, swept, and its token looked at', async () => {
    const answer = await t.send('POST', '/api/v1/accounts', { body: newAccount() })

    expect(answer.status).toBe(201)
    expect(answer.headers['location']).toBe('/api/v1/accounts/web')
    expect(accountSchema.strict().parse(answer.json())).toMatchObject({
      id: 'web',
      name: 'web',
      url: gitlab.gitlab.url,
      managedBy: 'browser',
      autoLink: true,
    })
    const stored = await findSealedSecrets(t.app.db.read, accountId('web'))
    expect(stored?.token).toMatch(/^v1:/)
    expect(await t.app.jobs.stats(t.app.db.read)).toMatchObject({ waiting: 2 })
  })

  test('secrets are in no answer and in no log line', async () => {
    const created = await t.send('POST', '/api/v1/accounts', {
      body: newAccount({ webhooks: 'manual', webhookSecret: 'a-secret-of-the-hook' }),
    })
    const read = await t.send('GET', '/api/v1/accounts')
    const refused = await t.send('PATCH', '/api/v1/accounts/web', { body: { token: 'wrong-token-99' } })

    expect([created.status, refused.status]).toEqual([201, 422])
    const everything = [created.text, read.text, refused.text, JSON.stringify(t.logged)].join()
    for (const secret of [gitlab.token.value, 'a-secret-of-the-hook', 'wrong-token-99']) expect(everything).not.toContain(secret)
    expect(await t.app.connections.webhookSecrets(accountId('web'), t.app.clock.now())).toEqual(['a-secret-of-the-hook'])
  })

  test('a token that is refused stores nothing and says what to do', async () => {
    const answer = await t.send('POST', '/api/v1/accounts', { body: newAccount({ token: 'wrong' }) })

    expect(answer.status).toBe(422)
    expect(problemSchema.parse(answer.json())).toMatchObject({
      code: 'connection-test-failed',
      remedy: expect.any(String) as string,
    })
    expect((await t.send('GET', '/api/v1/accounts/web')).status).toBe(404)
  })

  test('an id that is taken', async () => {
    await t.addAccount({ id: accountId('web') })

    const answer = await t.send('POST', '/api/v1/accounts', { body: newAccount() })

    expect([answer.status, answer.json()['code']]).toEqual([409, 'account-exists'])
  })

  test.each([
    [{ id: '../x' }, 'id'],
    [{ host: 'github' }, 'host'],
    [{ url: 'ftp://x' }, 'url'],
    [{ url: 'https://me:secret@x.example.com' }, 'url'],
    [{ id: 'jira' }, 'id'],
    [{ token: 'a b' }, 'token'],
    [{ token: undefined }, 'token'],
    [{ name: 'a\u0000b' }, 'name'],
    [{ include: [] }, 'include'],
    [{ include: [''] }, 'include.0'],
    [{ jiraProjects: ['shop'] }, 'jiraProjects.0'],
    [{ webhooks: 'manual' }, 'webhookSecret'],
    [{ webhooks: 'manual', webhookSecret: '0123456789abcde' }, 'webhookSecret'],
    [{ surprise: 1 }, ''],
  ])('a body with %j is refused and the field named', async (wrong, field) => {
    const answer = await t.send('POST', '/api/v1/accounts', { body: newAccount(wrong) })

    expect(answer.status).toBe(400)
    const problem = problemSchema.parse(answer.json())
    expect(problem.code).toBe('request-invalid')
    expect(problem.errors).toContainEqual(expect.objectContaining({ in: 'body', field }))
    expect(answer.text).not.toContain('me:secret')
  })

  test('a change keeps what is not given', async () => {
    await t.send('POST', '/api/v1/accounts', { body: newAccount({ name: 'Web', exclude: ['acme/old'] }) })

    const answer = await t.send('PATCH', '/api/v1/accounts/web', { body: { autoLink: false, owner: 'acme' } })

    expect(answer.status).toBe(200)
    expect(answer.json()).toMatchObject({ name: 'Web', autoLink: false, smartCommits: true })
  })

  test('a change without a token is tested with the stored one before it is stored', async () => {
    await t.send('POST', '/api/v1/accounts', { body: newAccount() })

    const answer = await t.send('PATCH', '/api/v1/accounts/web', { body: { owner: 'nobody' } })

    expect([answer.status, answer.json()['code']]).toEqual([422, 'connection-test-failed'])
    expect((await t.send('GET', '/api/v1/accounts/web')).json()).toMatchObject({ owner: 'acme' })
  })

  test('an owner that was renamed is tested by its id; another one is looked up anew', async () => {
    const firm = gitlab.gitlab.addGroup({ path: 'firm' })
    gitlab.gitlab.addMember(firm, gitlab.maintainer, 'maintainer')
    await t.send('POST', '/api/v1/accounts', { body: newAccount({ owner: 'firm' }) })
    const before = { id: accountId('web'), url: gitlab.gitlab.url, owner: 'firm' }
    const found = { kind: 'group', hostId: hostId(String(firm.id)), path: 'firm' } as const
    await t.app.db.write('interactive', (tx) => setResolvedOwner(tx, before, found))
    gitlab.gitlab.renameGroup(firm, 'firm-group')

    const same = await t.send('PATCH', '/api/v1/accounts/web', { body: { autoLink: false, owner: 'firm' } })
    expect([same.status, same.json()['resolvedOwner']]).toEqual([200, { kind: 'group', id: String(firm.id), path: 'firm' }])

    const other = await t.send('PATCH', '/api/v1/accounts/web', { body: { owner: 'acme' } })
    expect([other.status, other.json()['resolvedOwner']]).toEqual([200, null])
    const back = await t.send('PATCH', '/api/v1/accounts/web', { body: { owner: 'firm-group' } })
    expect([back.status, back.json()['owner']]).toEqual([200, 'firm-group'])
  })

  test('a stored token is not sent to another address', async () => {
    await t.send('POST', '/api/v1/accounts', { body: newAccount() })

    const answer = await t.send('PATCH', '/api/v1/accounts/web', { body: { url: 'https://attacker.example.com' } })

    expect([answer.status, answer.json()['code']]).toEqual([400, 'token-missing'])
  })

  test("the file's accounts are not changed here, and there must be one", async () => {
    await t.addAccount({ id: accountId('acme') })

    const ofFile = await t.send('PATCH', '/api/v1/accounts/acme', { body: { autoLink: false } })
    const ofNobody = await t.send('PATCH', '/api/v1/accounts/nobody', { body: { autoLink: false } })
    const wrong = await t.send('PATCH', '/api/v1/accounts/acme', { body: { id: 'other' } })

    expect([ofFile.status, ofNobody.status, wrong.status]).toEqual([409, 404, 400])
  })
})
