import { afterEach, beforeEach, expect, test } from 'vitest'
import { createTestClock, DAY_MS, MINUTE_MS, type TestClock } from '../app/test-clock.ts'
import { adminLogEntrySchema, type AdminLogEntryJson } from '../contract/admin-log.ts'
import { problemSchema } from '../contract/problem.ts'
import { tokenSchema } from '../contract/tokens.ts'
import { userSchema } from '../contract/users.ts'
import { accountId } from '../domain/ids.ts'
import { ADA, openBrowser, setUpAda, type TestBrowser } from './test-browser.ts'
import { startTestHttpApp, type TestAnswer, type TestHttpApp } from './test-http-app.ts'

const BO = { name: 'bo', displayName: 'Bo', password: 'another long password' }
const code = (answer: TestAnswer) => problemSchema.parse(answer.json()).code

let t: TestHttpApp
let clock: TestClock
let ada: TestBrowser
beforeEach(async () => {
  clock = createTestClock()
  t = await startTestHttpApp({}, { clock })
  ada = await setUpAda(t)
})
afterEach(() => t.dispose())

const items = async (url: string) => (await ada.send('GET', url)).json<{ items: unknown[] }>().items
const log = async (): Promise<AdminLogEntryJson[]> =>
  (await items('/api/v1/admin-log')).map((entry) => adminLogEntrySchema.parse(entry))

test('users are added, listed without what belongs to their password, changed and deleted', async () => {
  const added = userSchema.parse((await ada.send('POST', '/api/v1/users', { body: BO })).json())
  expect(added).toMatchObject({ name: 'bo', source: 'local', disabled: false })
  expect(code(await ada.send('POST', '/api/v1/users', { body: { ...BO, name: 'BO' } }))).toBe('user-exists')

  const listed = await items('/api/v1/users')
  expect(listed.map((user) => userSchema.strict().parse(user).name)).toEqual(['ada', 'bo'])
  const renamed = await ada.send('PATCH', `/api/v1/users/${added.id}`, { body: { displayName: 'Bo B.' } })
  expect(renamed.json()).toMatchObject({ displayName: 'Bo B.' })
  expect((await ada.send('DELETE', `/api/v1/users/${added.id}`)).status).toBe(204)
  expect(code(await ada.send('DELETE', `/api/v1/users/${added.id}`))).toBe('user-not-found')
})

test('an administrator sets another one’s password without knowing the old one', async () => {
  const { id } = (await ada.send('POST', '/api/v1/users', { body: BO })).json<{ id: string }>()

  expect((await ada.send('PATCH', `/api/v1/users/${id}`, { body: { password: 'quite a new password' } })).status).toBe(200)

  expect((await openBrowser(t).signIn('bo', 'quite a new password')).status).toBe(200)
})

test('the last administrator stays, enabled', async () => {
  const [{ id } = { id: '' }] = (await items('/api/v1/users')) as { id: string }[]

  expect(code(await ada.send('DELETE', `/api/v1/users/${id}`))).toBe('last-administrator')
  expect(code(await ada.send('PATCH', `/api/v1/users/${id}`, { body: { disabled: true } }))).toBe('last-administrator')
  const bo = (await ada.send('POST', '/api/v1/users', { body: BO })).json<{ id: string }>()
  await ada.send('PATCH', `/api/v1/users/${bo.id}`, { body: { disabled: true } })
  expect(code(await ada.send('DELETE', `/api/v1/users/${id}`))).toBe('last-administrator')

  await ada.send('PATCH', `/api/v1/users/${bo.id}`, { body: { disabled: false } })
  expect((await ada.send('DELETE', `/api/v1/users/${id}`)).status).toBe(204)
  expect((await ada.session()).user).toBeNull()
})

test('an API token is told once, lasts until its time, and its use is written down once a minute', async () => {
  const expiresAt = new Date(clock.now().getTime() + DAY_MS).toISOString()
  const past = new Date(clock.now().getTime() - 1).toISOString()
  expect(code(await ada.send('POST', '/api/v1/tokens', { body: { name: 'ci', scope: 'read', expiresAt: past } }))).toBe(
    'expiry-past',
  )
  const made = await ada.send('POST', '/api/v1/tokens', { body: { name: 'ci', scope: 'read', expiresAt } })
  const { value, ...token } = made.json<{ value: string; prefix: string; id: string }>()
  expect(value).toMatch(/^jdvcs_[\w-]{43}$/)
  expect(value.startsWith(token.prefix)).toBe(true)
  const listed = async () => tokenSchema.strict().parse((await items('/api/v1/tokens'))[0])
  expect(await listed()).toMatchObject({ createdBy: 'ada', scope: 'read', expiresAt, lastUsedAt: null, revoked: false })
  const use = () => t.send('GET', '/api/v1/accounts', { authorization: `Bearer ${value}` })

  expect((await use()).status).toBe(200)
  const first = (await listed()).lastUsedAt
  clock.advance(MINUTE_MS / 2)
  await use()
  expect((await listed()).lastUsedAt).toBe(first)
  clock.advance(MINUTE_MS)
  await use()
  expect((await listed()).lastUsedAt).not.toBe(first)
  clock.advance(DAY_MS)
  expect(code(await use())).toBe('token-refused')
  expect(JSON.stringify(await t.app.db.read.selectFrom('api_tokens').selectAll().execute())).not.toContain(value)
})

test('the journal tells who changed what, and nothing for what failed or was only read', async () => {
  await t.addAccount({ id: accountId('acme') })
  const id = await t.addRepository({ path: 'acme/shop' })
  const { value } = (await ada.send('POST', '/api/v1/tokens', { body: { name: 'ci', scope: 'admin' } })).json<{ value: string }>()
  const authorization = `Bearer ${value}`
  await t.send('POST', `/api/v1/repositories/${id}/sync?mode=full`, { authorization })
  await t.send('POST', '/api/v1/accounts/acme/refresh')
  await ada.send('POST', '/api/v1/users', { body: BO })
  await ada.send('POST', '/api/v1/users', { body: BO })
  await ada.send('GET', '/api/v1/users')

  expect((await log()).map(({ actor, action, target, details }) => ({ actor, action, target, details }))).toEqual([
    { actor: { kind: 'user', name: 'ada' }, action: 'addUser', target: 'bo', details: {} },
    { actor: { kind: 'token', name: null }, action: 'refreshAccount', target: 'acme', details: {} },
    { actor: { kind: 'token', name: 'ci' }, action: 'startSync', target: id, details: { mode: 'full' } },
    {
      actor: { kind: 'user', name: 'ada' },
      action: 'createToken',
      target: 'ci',
      details: { id: '1', scope: 'admin', expiresAt: null },
    },
    { actor: { kind: 'anonymous', name: null }, action: 'setUp', target: ADA.name, details: {} },
  ])
  expect((await log())[0]?.at).toMatch(/Z$/)
})

test('a synchronisation tells which person or token asked for it', async () => {
  await t.addAccount({ id: accountId('acme') })
  const id = await t.addRepository({ path: 'acme/shop' })
  const asked = async () => {
    const rows = await t.app.db.read.selectFrom('jobs').select('payload').where('name', '=', 'sync-repository').execute()
    return rows.map(({ payload }) => (JSON.parse(payload) as { askedBy: string }).askedBy)
  }
  await ada.send('POST', `/api/v1/repositories/${id}/sync`)

  expect(await asked()).toEqual(['user:ada'])
})
