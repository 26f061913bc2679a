import { afterEach, beforeEach, expect, test } from 'vitest'
import { accountWebhooksSchema } from '../contract/account-webhooks.ts'
import { problemSchema } from '../contract/problem.ts'
import { accountId, hostId } from '../domain/ids.ts'
import { saveProjectHook } from '../db/stores/hooks.ts'
import { noteLeftHook } from '../db/stores/left-hooks.ts'
import { startTestHttpApp, type TestHttpApp } from './test-http-app.ts'

const acme = accountId('acme')
let t: TestHttpApp
beforeEach(async () => {
  t = await startTestHttpApp()
  await t.addAccount({ id: acme, webhooks: 'project' })
})
afterEach(() => t.dispose())

const read = async () => accountWebhooksSchema.strict().parse((await t.send('GET', '/api/v1/accounts/acme/webhooks')).json())
const rotate = () => t.send('POST', '/api/v1/accounts/acme/rotate-webhook-secret')

test('tells address, level and how the hooks are', async () => {
  const id = await t.addRepository({ path: 'acme/shop', hostId: hostId('501') })
  await t.addRepository({ path: 'acme/web' })
  await t.app.db.write('interactive', (tx) => saveProjectHook(tx, id, { state: 'broken', reason: 'why', generation: 1 }))

  expect(await read()).toEqual({
    address: 'https://dvcs.example.com/connector/webhooks/acme',
    mode: 'project',
    level: 'project',
    hooks: { live: 0, polling: 0, broken: 1, off: 1 },
    reasons: [{ reason: 'why', repositories: 1 }],
    left: [],
    rotation: null,
    lastReceivedAt: null,
  })
})

test('tells of hooks that the host did not let go', async () => {
  const hook = {
    hostId: hostId('502'),
    path: 'other/shop',
    webUrl: 'https://gitlab.example.com/other/shop',
    url: null,
    reason: 'why',
  }
  await t.app.db.write('interactive', (tx) => noteLeftHook(tx, accountId('acme'), { hook, now: 1_000 }))

  expect((await read()).left).toEqual([
    {
      repository: 'other/shop',
      url: 'https://gitlab.example.com/other/shop',
      reason: 'why',
      attempts: 1,
      nextTry: '1970-01-01T00:05:01.000Z',
    },
  ])
})

test('begins a rotation, tells how far it is and no secret, and refuses another', async () => {
  const id = await t.addRepository({ path: 'acme/shop' })
  await t.app.db.write('interactive', async (tx) => {
    await saveProjectHook(tx, id, { state: 'live', reason: null, generation: 1 })
    await tx.updateTable('accounts').set({ webhook_secret_sealed: 'sealed-before' }).execute()
  })

  const begun = await rotate()
  const again = await rotate()

  expect(begun.status).toBe(202)
  expect(accountWebhooksSchema.parse(begun.json()).rotation).toMatchObject({ done: 0, total: 1, oldSecretUntil: null })
  expect(begun.text).not.toMatch(/whsec_|sealed/)
  expect([again.status, problemSchema.parse(again.json()).code]).toEqual([409, 'webhook-rotation-running'])
  expect((await t.app.jobs.stats(t.app.db.read)).waiting).toBe(1)
})

test('of hooks that people installed, people replace the secret', async () => {
  await t.addAccount({ id: acme, webhooks: 'manual' })

  const answer = await rotate()

  expect([answer.status, problemSchema.parse(answer.json()).code]).toEqual([409, 'webhook-secret-by-hand'])
  expect((await read()).level).toBe('manual')
})

test.each(['GET /api/v1/accounts/nobody/webhooks', 'POST /api/v1/accounts/nobody/rotate-webhook-secret'])(
  '%s: 404',
  async (call) => {
    const [method, url] = call.split(' ') as ['GET' | 'POST', string]

    expect((await t.send(method, url)).status).toBe(404)
    expect((await t.send(method, url.replace('nobody', 'acme'), { authorization: null })).status).toBe(401)
  },
)
