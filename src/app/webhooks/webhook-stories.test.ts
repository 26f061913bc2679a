import { afterEach, expect, test } from 'vitest'
import { accountId } from '../../domain/ids.ts'
import { requestAccountDeletion } from '../accounts/delete-account.ts'
import { toPlainToken } from '../../hosts/gitlab/webhook.ts'
import { changeRepository } from '../repositories/change-repository.ts'
import { startReachableStory, type ReachableStory } from './test-receiver.ts'

let story: ReachableStory
afterEach(() => story.close())

/** A connector that GitLab can reach, with `shop` imported and its webhook installed. */
async function startReachable() {
  story = await startReachableStory({ account: { webhooks: 'auto' } })
  const shop = await story.project('shop', ['SHOP-1 begin'])
  await story.sweep()
  return { ...story, shop }
}

const deliveries = () =>
  story.app.db.read.selectFrom('webhook_deliveries').select(['event', 'state', 'error']).orderBy('id').execute()

test('a push reaches the issue within seconds, without a sweep', async () => {
  const { shop, answers, ...s } = await startReachable()
  expect((await s.stored(shop)).webhook).toEqual({ state: 'live', reason: null })
  const startedAt = performance.now()

  await s.push(shop, 'main', ['SHOP-2 pushed'])

  await expect.poll(() => s.shown('SHOP-2'), { timeout: 20_000, interval: 20 }).not.toBeNull()
  expect(performance.now() - startedAt).toBeLessThan(10_000)
  expect(answers).toEqual(['stored'])
  expect(await deliveries()).toEqual([{ event: 'Push Hook', state: 'done', error: null }])
})

test('pipelines and deployments reach the issue, and CI variables are not stored', async () => {
  const { shop, gitlab, ...s } = await startReachable()
  const environment = gitlab.addEnvironment(shop, { name: 'staging', tier: 'staging' })

  gitlab.addPipeline(shop, { ref: 'main' })
  gitlab.addDeployment(shop, { environment, ref: 'main' })

  const shown = { builds: ['#1 SUCCESSFUL'], deployments: ['staging SUCCESSFUL'] }
  await expect.poll(() => s.shownRuns('SHOP-1'), { timeout: 20_000, interval: 20 }).toEqual(shown)
  const bodies = await s.app.db.read.selectFrom('webhook_payloads').select('body').execute()
  expect(bodies).toHaveLength(2)
  expect(JSON.stringify(bodies)).not.toContain('sandbox-ci-variable')
})

test('the first push into an empty repository is found by its webhook', async () => {
  const s = await startReachable()
  const empty = await s.project('empty')
  await s.sweep()

  await s.push(empty, 'main', ['SHOP-3 first'])

  await expect.poll(() => s.shown('SHOP-3'), { timeout: 20_000, interval: 20 }).not.toBeNull()
})

test('a merge request that is opened reaches the issue by its webhook', async () => {
  const { shop, ...s } = await startReachable()
  await s.push(shop, 'topic', ['no key'])
  await s.gitlab.settle()
  await s.settle()

  await s.gitlab.openMergeRequest(shop, { author: s.maintainer, title: 'For SHOP-4', sourceBranch: 'topic' })

  await expect.poll(() => s.shown('SHOP-4')?.pullRequests, { timeout: 20_000, interval: 20 }).toEqual(['!1 OPEN'])
})

test('a push after a rename is found although the listing is older', async () => {
  const { shop, ...s } = await startReachable()
  s.gitlab.rename(shop, 'store')

  await s.push(shop, 'main', ['SHOP-5 under another name'])

  await expect.poll(() => s.shown('SHOP-5'), { timeout: 20_000, interval: 20 }).not.toBeNull()
  await s.settle()
  expect(await s.stored(shop)).toMatchObject({ name: 'acme/store', sync: { state: 'idle' } })
})

test('a repeated delivery is stored once', async () => {
  const { shop, serverUrl, ...s } = await startReachable()
  const [secret = ''] = await s.app.connections.webhookSecrets(accountId('acme'), s.clock.now())
  const body = JSON.stringify({ object_kind: 'push', project: { id: shop.id }, project_id: shop.id })
  const send = () =>
    fetch(`${serverUrl}/webhooks/acme`, {
      method: 'POST',
      body,
      headers: {
        'x-gitlab-token': toPlainToken(secret),
        'x-gitlab-event': 'Push Hook',
        'idempotency-key': 'same',
        'content-type': 'application/json',
      },
    })

  const statuses = [(await send()).status, (await send()).status]
  await s.settle()

  expect(statuses).toEqual([202, 200])
  expect(await deliveries()).toEqual([{ event: 'Push Hook', state: 'done', error: null }])
})

test.each([
  ['a wrong secret', { token: 'wrong', body: '{}', account: 'acme', status: 401 }],
  ['no JSON', { token: null, body: 'hello', account: 'acme', status: 400 }],
  ['an unknown account', { token: null, body: '{}', account: 'nobody', status: 404 }],
])('%s is refused and nothing is stored', async (_name, { token, body, account, status }) => {
  const { serverUrl, ...s } = await startReachable()
  const [secret = ''] = await s.app.connections.webhookSecrets(accountId('acme'), s.clock.now())

  const response = await fetch(`${serverUrl}/webhooks/${account}`, {
    method: 'POST',
    body,
    headers: { 'x-gitlab-token': token ?? toPlainToken(secret) },
  })

  expect(response.status).toBe(status)
  expect(await deliveries()).toEqual([])
})

test('the webhook of an unlinked repository is removed', async () => {
  const { shop, answers, ...s } = await startReachable()
  const { id } = await s.stored(shop)

  await changeRepository(s.app, { id, linked: false }, s.signal)
  await s.push(shop, 'main', ['SHOP-6 unseen'])
  await s.gitlab.settle()

  expect(answers).toEqual([])
  expect((await s.stored(shop)).webhook.state).toBe('off')
})

test('deleting an account that left the file takes its data, its hook and its mirror', async () => {
  const { shop, ...s } = await startReachable()
  await s.app.db.write('interactive', (tx) => tx.updateTable('accounts').set({ managed_by: 'browser' }).execute())

  await requestAccountDeletion(s.app, accountId('acme'), { removeHooks: true, removeFromJira: true })
  await s.settle()

  for (const table of [
    'accounts',
    'repositories',
    'commits',
    'commit_keys',
    'branches',
    'branch_keys',
    'pull_requests',
    'syncs',
  ] as const) {
    const { n } = await s.app.db.read
      .selectFrom(table)
      .select((e) => e.fn.countAll<number>().as('n'))
      .executeTakeFirstOrThrow()
    expect(`${table} ${n}`).toBe(`${table} 0`)
  }
  expect(s.shown('SHOP-1')).toBeNull()
  await s.push(shop, 'main', ['SHOP-7 unseen'])
  await s.gitlab.settle()
  expect(s.gitlab.deliveredHooks).toEqual([])
})
