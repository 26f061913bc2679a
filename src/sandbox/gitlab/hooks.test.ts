import { createHmac } from 'node:crypto'
import { afterEach, beforeEach, expect, it } from 'vitest'
import type { Role } from './model.ts'
import { startReceiver, startTestGitLab, type Receiver, type Reply, type TestGitLab } from './test-setup.ts'

interface HookJson {
  readonly id: number
  readonly alert_status: string
  readonly disabled_until: string | null
  readonly signing_token_present: boolean
}

let test: TestGitLab
let receiver: Receiver

beforeEach(async () => {
  test = await startTestGitLab()
  receiver = await startReceiver()
})
afterEach(async () => {
  await receiver.close()
  await test.dispose()
})

const create = (body: Record<string, unknown> = {}, token?: string): Promise<Reply<HookJson>> =>
  test.call<HookJson>(`/projects/${test.shop.id}/hooks`, {
    method: 'POST',
    body: { url: receiver.url, ...body },
    ...(token === undefined ? {} : { token }),
  })
const read = (id: number) => test.call<HookJson>(`/projects/${test.shop.id}/hooks/${id}`)

let pushes = 0
async function push(branch = `branch-${pushes++}`): Promise<void> {
  await test.gitlab.git(test.shop, ['update-ref', `refs/heads/${branch}`, test.shop.refs.get('refs/heads/main') ?? ''])
  await test.gitlab.noticePush(test.shop, test.maintainer)
  await test.gitlab.settle()
}

it('creates, reads, changes, lists and removes a hook without ever telling its secrets', async () => {
  const created = await create({ token: 'very-secret', merge_requests_events: true })
  const changed = await test.call(`/projects/${test.shop.id}/hooks/${created.json.id}`, {
    method: 'PUT',
    body: { url: receiver.url, tag_push_events: true },
  })
  const listed = await test.call(`/projects/${test.shop.id}/hooks`)
  const removed = await test.call(`/projects/${test.shop.id}/hooks/${created.json.id}`, { method: 'DELETE' })

  expect(created).toMatchObject({
    status: 201,
    json: {
      push_events: true,
      merge_requests_events: true,
      tag_push_events: false,
      token_present: true,
      alert_status: 'executable',
    },
  })
  expect(changed.json).toMatchObject({ tag_push_events: true, merge_requests_events: true, token_present: true })
  expect(listed.text).not.toContain('very-secret')
  expect(removed.status).toBe(204)
  expect((await read(created.json.id)).status).toBe(404)
})

it.each<[Role, string, number]>([
  ['developer', 'api', 403],
  ['maintainer', 'read_api', 403],
  ['maintainer', 'api', 201],
])('lets a %s with %s create a hook: %i', async (role, scope, status) => {
  const token = test.gitlab.createToken({ project: test.shop, role, scopes: [scope] })

  expect((await create({}, token.value)).status).toBe(status)
})

it('refuses bad addresses, local ones when told to, and bad signing tokens', async () => {
  expect((await create({ url: 'ftp://example.com' })).json).toEqual({ error: 'Invalid url given' })
  expect((await create({ url: '' })).status).toBe(400)
  expect((await create({ signing_token: 'whsec_short' })).status).toBe(422)
  test.gitlab.features.allowLocalHooks = false
  expect((await create()).status).toBe(422)
})

it('signs with the signing token, beside the plain one', async () => {
  const key = Buffer.alloc(32, 7)
  await create({ token: 'plain', signing_token: `whsec_${key.toString('base64')}` })

  await push()

  const [{ headers, body } = { headers: {}, body: '' }] = receiver.received
  const expected = createHmac('sha256', key)
    .update(`${String(headers['webhook-id'])}.${String(headers['webhook-timestamp'])}.${body}`)
    .digest('base64')
  expect(headers['webhook-signature']).toBe(`v1,${expected}`)
  expect(headers['webhook-id']).toBe(headers['idempotency-key'])
  expect(headers['x-gitlab-token']).toBe('plain')
  expect(headers['user-agent']).toMatch(/^GitLab\/\d/)
  expect(headers['x-gitlab-event-uuid']).not.toBe(headers['x-gitlab-webhook-uuid'])
})

it('ignores a signing token without a word where it is switched off', async () => {
  test.gitlab.features.signingTokens = false

  const created = await create({ signing_token: `whsec_${Buffer.alloc(32).toString('base64')}` })

  expect(created).toMatchObject({ status: 201, json: { signing_token_present: false } })
})

it('does not deliver again, and switches a failing hook off for 1, 2, 4 minutes', async () => {
  const { json } = await create()
  receiver.status = 500

  for (let count = 0; count < 4; count++) await push()
  const off = await read(json.id)
  await push()
  const whileOff = receiver.received.length
  test.clock.advance(60_000)
  await push()
  const again = await read(json.id)
  test.clock.advance(120_000)
  receiver.status = 302
  await push()
  const healed = await read(json.id)

  expect(whileOff).toBe(4)
  expect(off.json).toMatchObject({ alert_status: 'temporarily_disabled', disabled_until: '2026-11-22T10:01:00.000Z' })
  expect(again.json).toMatchObject({ disabled_until: '2026-11-22T10:03:00.000Z' })
  expect(healed.json).toMatchObject({ alert_status: 'executable', disabled_until: null })
})

it('disables for good at the 40th failure and wakes by a successful test', async () => {
  const { json } = await create()
  receiver.status = 500
  for (let count = 0; count < 40; count++) {
    await push()
    test.clock.advance(86_400_000)
  }
  const disabled = await read(json.id)
  receiver.status = 200

  const tried = await test.call(`/projects/${test.shop.id}/hooks/${json.id}/test/push_events`, { method: 'POST' })

  expect(disabled.json.alert_status).toBe('disabled')
  expect(tried).toMatchObject({ status: 201, json: { message: '201 Created' } })
  expect((await read(json.id)).json.alert_status).toBe('executable')
})

it('never disables when that is switched off', async () => {
  test.gitlab.features.hookDisabling = false
  const { json } = await create()
  receiver.status = 404

  for (let count = 0; count < 6; count++) await push()

  expect((await read(json.id)).json.alert_status).toBe('executable')
  expect(receiver.received).toHaveLength(6)
})

it('gives up on a receiver that does not answer in time', async () => {
  test.gitlab.features.hookTimeoutMs = 100
  await create()
  receiver.status = null

  await push()

  expect(test.gitlab.deliveredHooks).toMatchObject([{ status: null, answer: 'execution expired' }])
})

it('closes without waiting for a receiver that does not answer', async () => {
  await create()
  receiver.status = null
  await test.gitlab.git(test.shop, ['update-ref', 'refs/heads/x', test.shop.refs.get('refs/heads/main') ?? ''])
  await test.gitlab.noticePush(test.shop, test.maintainer)
  const started = performance.now()

  await test.gitlab.close()

  expect(performance.now() - started).toBeLessThan(2_000)
})

it('fires only for branches that the filter names', async () => {
  await create({ push_events_branch_filter: 'SHOP-*' })

  await push('SHOP-7-cart')
  await push('other')

  expect(receiver.received.map(({ body }) => (JSON.parse(body) as { ref: string }).ref)).toEqual(['refs/heads/SHOP-7-cart'])
})

it('tests five times a minute, and says what sample is missing', async () => {
  const { json } = await create()
  const tryIt = (trigger: string) => test.call(`/projects/${test.shop.id}/hooks/${json.id}/test/${trigger}`, { method: 'POST' })

  const missing = await tryIt('merge_requests_events')
  for (let count = 0; count < 4; count++) await tryIt('push_events')
  const tooMany = await tryIt('push_events')

  expect(missing.status).toBe(422)
  expect(tooMany.status).toBe(429)
  expect(receiver.received).toHaveLength(4)
})

it('has group hooks in Premium only, for the Owner, fired by projects of subgroups', async () => {
  const group = test.shop.namespaceId
  const path = `/groups/${group}/hooks`
  const free = await test.call(path, { method: 'POST', body: { url: receiver.url } })
  test.gitlab.features.tier = 'premium'
  const maintainer = await test.call(path, { method: 'POST', body: { url: receiver.url } })
  const admin = test.gitlab.createToken({ user: test.gitlab.addUser({ username: 'root', admin: true }) })
  const created = await test.call(path, { method: 'POST', body: { url: receiver.url }, token: admin.value })
  test.gitlab.transfer(test.shop, test.gitlab.addGroup({ path: 'web', parent: 'acme' }))

  await push()

  expect([free.status, maintainer.status, created.status]).toEqual([404, 403, 201])
  expect(created.json).toMatchObject({ group_id: group, project_events: false })
  expect(receiver.received).toHaveLength(1)
})

it('keeps system hooks for administrators', async () => {
  expect((await test.call('/hooks')).status).toBe(403)
})

it('tells a group of a deleted subgroup, with which everything in it goes', async () => {
  test.gitlab.features.tier = 'premium'
  const admin = test.gitlab.createToken({ user: test.gitlab.addUser({ username: 'root', admin: true }) })
  const team = test.gitlab.addGroup({ path: 'team', parent: 'acme' })
  const web = await test.gitlab.addProject({ namespace: team, path: 'web' })
  const body = { url: receiver.url, project_events: true, subgroup_events: true, push_events: false }
  await test.call(`/groups/${test.shop.namespaceId}/hooks`, { method: 'POST', body, token: admin.value })

  await test.gitlab.deleteGroup(team)
  await test.gitlab.settle()

  const told = receiver.received.map(({ body: text }) => JSON.parse(text) as object)
  expect(told).toHaveLength(2)
  expect(told).toContainEqual(
    expect.objectContaining({ event_name: 'subgroup_destroy', full_path: 'acme/team', parent_group_id: test.shop.namespaceId }),
  )
  for (const path of [`/groups/${team.id}`, '/groups/acme%2Fteam', `/projects/${web.id}`])
    expect((await test.call(path, { token: admin.value })).status).toBe(404)
  expect((await test.call(`/projects/${test.shop.id}`)).status).toBe(200)
})

it('tells a group of new and deleted projects and subgroups, and the whole host of everything', async () => {
  test.gitlab.features.tier = 'premium'
  const admin = test.gitlab.createToken({ user: test.gitlab.addUser({ username: 'root', admin: true }) })
  const url = receiver.url
  const body = { url, project_events: true, subgroup_events: true, push_events: false }
  await test.call(`/groups/${test.shop.namespaceId}/hooks`, { method: 'POST', body, token: admin.value })
  const project = await test.gitlab.addProject({ namespace: 'acme', path: 'web' })
  test.gitlab.addGroup({ path: 'team', parent: 'acme' })
  test.gitlab.rename(project, 'site')
  await test.gitlab.deleteProject(project)
  await test.gitlab.settle()
  const told = () => receiver.received.map(({ body: text }) => (JSON.parse(text) as { event_name: string }).event_name).toSorted()
  expect(told()).toEqual(['project_create', 'project_destroy', 'subgroup_create'])

  receiver.received.length = 0
  await test.call('/hooks', { method: 'POST', body: { url, push_events: false }, token: admin.value })
  test.gitlab.rename(test.shop, 'store')
  await test.gitlab.settle()
  expect(told()).toEqual(['project_rename'])
  expect(receiver.received[0]?.headers['x-gitlab-event']).toBe('System Hook')
  expect(JSON.parse(receiver.received[0]?.body ?? '')).toMatchObject({
    path_with_namespace: 'acme/store',
    old_path_with_namespace: 'acme/shop',
  })
})

it('takes so many hooks and no more', async () => {
  test.gitlab.features.hooksLimit = { project: 1, group: 50 }

  expect((await create()).status).toBe(201)
  expect(await create()).toMatchObject({
    status: 422,
    json: { message: { base: ['Maximum number of project hooks (1) exceeded'] } },
  })
})
