import { afterEach, beforeEach, expect, test } from 'vitest'
import { driftSchema } from '../contract/drift.ts'
import { setProved } from '../db/stores/proofs.ts'
import { accountId, type RepositoryId } from '../domain/ids.ts'
import { startTestHttpApp, type TestHttpApp } from './test-http-app.ts'

const ACME = accountId('acme')
const HOUR_MS = 3_600_000
const NONE = { found: 0, repaired: 0 }

let t: TestHttpApp
let shop: RepositoryId
beforeEach(async () => {
  t = await startTestHttpApp()
  await t.addAccount({ id: ACME })
  shop = await t.addRepository({ path: 'acme/shop' })
})
afterEach(() => t.dispose())

const prove = (hour: number, as: 'proved' | 'failed') =>
  t.app.db.write('interactive', (tx) => setProved(tx, shop, { accountId: ACME, now: hour * HOUR_MS, as }))

test('an account of which nothing was proved yet', async () => {
  const answer = await t.send('GET', '/api/v1/accounts/acme/drift')

  expect(answer.status).toBe(200)
  expect(driftSchema.strict().parse(answer.json())).toEqual({
    total: { proved: 0, failed: 0, refs: NONE, pullRequests: NONE, builds: NONE, deployments: NONE, missingRepositories: NONE },
    open: 0,
    items: [],
    next: null,
  })
})

test('hours come newest first, page by page, with the total', async () => {
  for (const hour of [100, 101, 102]) await prove(hour, 'proved')
  await prove(102, 'failed')

  const first = driftSchema.parse((await t.send('GET', '/api/v1/accounts/acme/drift?limit=2')).json())
  expect(first.total).toMatchObject({ proved: 3, failed: 1 })
  expect(first.items).toMatchObject([
    { hour: '1970-01-05T06:00:00.000Z', proved: 1, failed: 1 },
    { hour: '1970-01-05T05:00:00.000Z', proved: 1, failed: 0 },
  ])
  const second = driftSchema.parse(
    (await t.send('GET', `/api/v1/accounts/acme/drift?limit=2&cursor=${encodeURIComponent(first.next ?? '')}`)).json(),
  )
  expect(second.items).toMatchObject([{ hour: '1970-01-05T04:00:00.000Z' }])
  expect(second.next).toBeNull()
})

test.each([
  ['an unknown account', '/api/v1/accounts/nobody/drift', {}, 404],
  ['a cursor of another list', '/api/v1/accounts/acme/drift?cursor=WyJ4IiwxXQ', {}, 400],
  ['nobody', '/api/v1/accounts/acme/drift', { authorization: null }, 401],
])('refuses %s', async (_, url, more, status) => {
  expect((await t.send('GET', url, more)).status).toBe(status)
})
