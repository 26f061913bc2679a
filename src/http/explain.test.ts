import { afterEach, beforeEach, expect, test } from 'vitest'
import { markIssuesDirty } from '../db/stores/issues.ts'
import { issueKey } from '../domain/ids.ts'
import { startTestHttpApp, type TestHttpApp } from './test-http-app.ts'

let t: TestHttpApp
beforeEach(async () => {
  t = await startTestHttpApp()
})
afterEach(() => t.dispose())

test('what is known is told step by step, and that nothing is known', async () => {
  await t.app.db.write('background', (tx) => markIssuesDirty(tx, [{ key: issueKey('SHOP-7'), at: 1 }], 1))

  const known = await t.send('GET', '/api/v1/explain?ref=shop-7')
  const unknown = await t.send('GET', '/api/v1/explain?ref=feature%2Fcart')

  expect(known.json()).toMatchObject({
    ref: 'shop-7',
    found: true,
    subjects: [
      { title: 'Issue SHOP-7', steps: [{ state: 'no', step: 'project', remedy: expect.any(String) }, { step: 'stored' }] },
    ],
  })
  expect(unknown.json()).toMatchObject({ ref: 'feature/cart', found: false, subjects: [{ steps: [{ step: 'searched' }] }] })
})

test.each(['', '?ref=', '?ref=%20', '?ref=a%00b', `?ref=${'a'.repeat(2_001)}`])(
  'a reference that cannot be one: %s',
  async (query) => {
    expect((await t.send('GET', `/api/v1/explain${query}`)).status).toBe(400)
  },
)

test('without a Jira nobody sees anything, and that is the answer', async () => {
  expect((await t.send('GET', '/api/v1/explain/visibility?user=ann&issue=shop-7')).json()).toEqual({
    user: 'ann',
    issue: 'SHOP-7',
    visible: 'no',
    steps: [{ state: 'no', step: 'jira', text: 'No Jira is connected.', remedy: expect.any(String) }],
  })
})

test.each(['', '?user=ann', '?issue=SHOP-7', '?user=&issue=SHOP-7', '?user=a%00b&issue=SHOP-7', "?user=ann&issue=SHOP'"])(
  'a question that cannot be one: %s',
  async (query) => {
    expect((await t.send('GET', `/api/v1/explain/visibility${query}`)).status).toBe(400)
  },
)

test('nobody asks without a token', async () => {
  expect((await t.send('GET', '/api/v1/explain?ref=main', { authorization: null })).status).toBe(401)
})
