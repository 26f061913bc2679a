import { afterEach, beforeEach, expect, it } from 'vitest'
import { fillRepository, startTestGitLab, type TestGitLab } from './test-setup.ts'

let test: TestGitLab

beforeEach(async () => {
  test = await startTestGitLab()
})
afterEach(() => test.dispose())

const status = async (path: string, token?: string | null) => (await test.call(path, token === undefined ? {} : { token })).status

it('tells missing, unknown, expired and revoked tokens apart', async () => {
  const expired = test.gitlab.createToken({ user: test.maintainer, expiresAt: '2026-11-22' })
  const revoked = test.gitlab.createToken({ user: test.maintainer })
  revoked.revoked = true

  expect(await test.call('/user', { token: null })).toMatchObject({ status: 401, json: { message: '401 Unauthorized' } })
  expect(await test.call('/user', { token: 'glpat-unknown' })).toMatchObject({
    status: 401,
    json: { message: '401 Unauthorized' },
  })
  expect(await test.call('/user', { token: expired.value })).toMatchObject({ status: 401, json: { error: 'invalid_token' } })
  expect(await test.call('/user', { token: revoked.value })).toMatchObject({ status: 401, json: { error: 'invalid_token' } })
  expect(
    (await fetch(`${test.gitlab.url}/api/v4/user`, { headers: { authorization: `Bearer ${test.token.value}` } })).status,
  ).toBe(200)
})

it('names the scope that is missing', async () => {
  const narrow = test.gitlab.createToken({ user: test.maintainer, scopes: ['read_user'] })

  expect(await test.call('/projects', { token: narrow.value })).toMatchObject({
    status: 403,
    json: { error: 'insufficient_scope', scope: 'api read_api' },
  })
  expect(await status('/user', narrow.value)).toBe(200)
  expect(await status('/personal_access_tokens/self', narrow.value)).toBe(200)
})

it('says who the caller is, what the token may and which version runs', async () => {
  const { value } = test.gitlab.createToken({
    group: { ...test.gitlab.addGroup({ path: 'x' }) },
    role: 'reporter',
    scopes: ['read_api'],
    expiresAt: '2027-01-31',
  })

  expect((await test.call('/user')).json).toMatchObject({ id: test.maintainer.id, username: 'mia', email: 'mia@example.com' })
  expect((await test.call('/user', { token: value })).json).toMatchObject({ bot: true })
  expect((await test.call('/personal_access_tokens/self', { token: value })).json).toMatchObject({
    scopes: ['read_api'],
    active: true,
    expires_at: '2027-01-31',
  })
  expect((await test.call('/metadata')).json).toMatchObject({ version: '19.2.1', enterprise: false })
  expect((await test.call('/version')).json).toMatchObject({ version: '19.2.1' })
  expect((await test.call('/users?username=MIA')).json).toMatchObject([{ id: test.maintainer.id }])
})

it('finds a project by number and by encoded path, and hides it from strangers', async () => {
  const stranger = test.gitlab.createToken({ user: test.gitlab.addUser({ username: 'sam' }) })

  expect((await test.call(`/projects/${test.shop.id}`)).json).toMatchObject({
    path_with_namespace: 'acme/shop',
    default_branch: 'main',
    empty_repo: false,
  })
  expect((await test.call('/projects/acme%2Fshop')).json).toMatchObject({
    id: test.shop.id,
    permissions: { group_access: { access_level: 40 } },
  })
  expect(await test.call(`/projects/${test.shop.id}`, { token: stranger.value })).toMatchObject({
    status: 404,
    json: { message: '404 Project Not Found' },
  })
  expect(await status(`/projects/${test.shop.id}`, null)).toBe(404)
  expect(await status('/projects/999999')).toBe(404)
  expect(await status('/nothing/here')).toBe(404)
  test.shop.visibility = 'public'
  expect(await status(`/projects/${test.shop.id}`, null)).toBe(200)
})

it('redirects a renamed or transferred project to its number, until the path is taken again', async () => {
  const web = test.gitlab.addGroup({ path: 'web', parent: 'acme' })
  test.gitlab.rename(test.shop, 'store')
  test.gitlab.transfer(test.shop, web)

  const first = await test.call('/projects/acme%2Fshop/repository/branches?per_page=5')
  const second = await test.call('/projects/acme%2Fstore')
  await test.gitlab.addProject({ namespace: 'acme', path: 'shop' })

  expect([first.status, first.headers.get('location')]).toEqual([
    301,
    `${test.gitlab.url}/api/v4/projects/${test.shop.id}/repository/branches?per_page=5`,
  ])
  expect(second.status).toBe(301)
  expect(await status('/projects/acme%2Fweb%2Fstore')).toBe(200)
  expect(await status('/projects/acme%2Fshop')).toBe(200)
})

it('tells the size of the repository to those who may read it', async () => {
  const { json } = await test.call<{ statistics: { repository_size: number; commit_count: number } }>(
    `/projects/${test.shop.id}?statistics=true`,
  )

  expect(json.statistics.repository_size).toBeGreaterThan(0)
  expect(json.statistics.commit_count).toBe(3)
})

it('lists projects of a group with subgroups and shares, and filters what is listed', async () => {
  const web = test.gitlab.addGroup({ path: 'web', parent: 'acme' })
  const other = test.gitlab.addGroup({ path: 'other' })
  const below = await test.gitlab.addProject({ namespace: web, path: 'below' })
  const shared = await test.gitlab.addProject({ namespace: other, path: 'shared' })
  test.gitlab.share(shared, web, 'reporter')
  test.gitlab.archive(below)
  const ids = async (path: string) => (await test.call<{ id: number }[]>(path)).json.map(({ id }) => id).toSorted((a, b) => a - b)

  expect(await ids('/groups/acme/projects')).toEqual([test.shop.id])
  expect(await ids('/groups/acme/projects?include_subgroups=true')).toEqual([test.shop.id, below.id])
  expect(await ids('/groups/acme/projects?include_subgroups=true&archived=false')).toEqual([test.shop.id])
  expect(await ids('/groups/acme%2Fweb/projects')).toEqual([below.id, shared.id])
  expect(await ids('/groups/acme%2Fweb/projects?with_shared=false')).toEqual([below.id])
  expect(await ids('/projects?membership=true&min_access_level=40')).toEqual([test.shop.id, below.id])
  expect(await ids(`/projects?membership=true&id_after=${below.id}`)).toEqual([shared.id])
  expect(await status('/groups/nowhere/projects')).toBe(404)
})

it('finds candidates by their activity', async () => {
  test.clock.advance(7_200_000)
  const fresh = await test.gitlab.addProject({ namespace: 'acme', path: 'fresh' })

  const { json } = await test.call('/projects?membership=true&last_activity_after=2026-11-22T11:00:00Z&order_by=last_activity_at')

  expect(json).toMatchObject([{ id: fresh.id }])
})

it('shows groups, their descendants, namespaces and personal projects', async () => {
  test.gitlab.addGroup({ path: 'api', parent: test.gitlab.addGroup({ path: 'web', parent: 'acme' }) })
  const mine = await test.gitlab.addProject({ namespace: 'mia', path: 'notes' })

  expect((await test.call('/groups/acme?with_projects=false')).json).not.toHaveProperty('projects')
  expect((await test.call('/groups/acme')).json).toMatchObject({ full_path: 'acme', projects: [{ id: test.shop.id }] })
  expect((await test.call('/groups/acme/descendant_groups')).json).toMatchObject([
    { full_path: 'acme/web/api' },
    { full_path: 'acme/web' },
  ])
  expect((await test.call('/namespaces/acme%2Fweb')).json).toMatchObject({ kind: 'group', full_path: 'acme/web' })
  expect((await test.call('/namespaces/mia')).json).toMatchObject({ kind: 'user' })
  expect((await test.call('/users/mia/projects')).json).toMatchObject([{ id: mine.id, owner: { username: 'mia' } }])
  expect(await status('/groups/mia')).toBe(404)
})

it('lists branches and commits, ranges and dates', async () => {
  const main = test.shop.refs.get('refs/heads/main') ?? ''
  await fillRepository(test.gitlab, test.shop, 2, 'feature/x', main)
  const messages = async (query: string) =>
    (await test.call<{ title: string }[]>(`/projects/${test.shop.id}/repository/commits?${query}`)).json.map(({ title }) => title)

  expect((await test.call(`/projects/${test.shop.id}/repository/branches`)).json).toMatchObject([
    { name: 'feature/x', default: false, merged: false },
    { name: 'main', default: true, commit: { id: main } },
  ])
  expect((await test.call(`/projects/${test.shop.id}/repository/branches/feature%2Fx`)).json).toMatchObject({ name: 'feature/x' })
  expect(await messages('ref_name=main..feature/x')).toEqual(['SHOP-2 feature/x change 2', 'SHOP-1 feature/x change 1'])
  expect(await messages('')).toHaveLength(3)
  expect(await messages('since=2026-11-21T10:02:00Z')).toEqual(['SHOP-3 main change 3'])
  expect(await messages('ref_name=nowhere')).toEqual([])
  expect(await messages('ref_name=--all')).toEqual([])
  expect((await test.call(`/projects/${test.shop.id}/repository/commits/${main}`)).json).toMatchObject({
    id: main,
    stats: { additions: 1, deletions: 0, total: 1 },
  })
  expect((await test.call(`/projects/${test.shop.id}/repository/commits/${main}/diff`)).json).toMatchObject([
    { new_path: 'main/3.txt', new_file: true },
  ])
  expect((await test.call(`/projects/${test.shop.id}/repository/commits/${'f'.repeat(40)}`)).json).toEqual({
    message: '404 Commit Not Found',
  })
  expect((await test.call(`/projects/${test.shop.id}/repository/branches/none`)).json).toEqual({
    message: '404 Branch Not Found',
  })
})

it('answers for an empty project, a switched off repository and a guest', async () => {
  const empty = await test.gitlab.addProject({ namespace: 'acme', path: 'empty' })
  const guest = test.gitlab.createToken({ project: test.shop, role: 'guest' })
  const commits = `/projects/${test.shop.id}/repository/commits`

  expect((await test.call(`/projects/${empty.id}`)).json).toMatchObject({ empty_repo: true, default_branch: 'main' })
  expect((await test.call(`/projects/${empty.id}/repository/commits`)).json).toEqual([])
  expect((await test.call(`/projects/${empty.id}/repository/branches`)).json).toEqual([])
  expect(await status(commits, guest.value)).toBe(403)
  test.gitlab.setFeature(test.shop, 'repository', 'disabled')
  expect(await test.call(commits)).toMatchObject({ status: 404, json: { message: '404 Repository Not Found' } })
})

it('has pipelines, deployments and environments only when they were added, and none when switched off', async () => {
  const base = `/projects/${test.shop.id}`
  expect(
    await Promise.all(
      ['pipelines', 'deployments', 'environments'].map(async (name) => (await test.call(`${base}/${name}`)).json),
    ),
  ).toEqual([[], [], []])
  const environment = test.gitlab.addEnvironment(test.shop, { name: 'staging', tier: 'staging' })
  test.gitlab.addPipeline(test.shop, { ref: 'main', status: 'failed' })
  test.gitlab.addDeployment(test.shop, { environment, ref: 'main' })

  expect((await test.call(`${base}/pipelines?status=failed`)).json).toMatchObject([{ iid: 1, status: 'failed' }])
  expect((await test.call(`${base}/deployments?environment=staging`)).json).toMatchObject([
    { status: 'success', environment: { name: 'staging' } },
  ])
  expect((await test.call(`${base}/environments/${environment.id}`)).json).toMatchObject({
    tier: 'staging',
    last_deployment: { status: 'success' },
  })
  expect(await status(`${base}/deployments?updated_after=2026-01-01T00:00:00Z`)).toBe(400)
  expect((await test.call(`${base}/deployments?order_by=updated_at&updated_after=2099-01-01T00:00:00Z`)).json).toEqual([])
  expect(await status(`${base}/pipelines/999`)).toBe(404)
  expect(await status(`${base}/pipelines/999/jobs`)).toBe(404)
  test.gitlab.setFeature(test.shop, 'builds', 'disabled')
  expect(await status(`${base}/pipelines`)).toBe(403)
  expect(await status(`${base}/pipelines/${test.shop.pipelines[0]?.id}/jobs`)).toBe(403)
})

it('lists the jobs of a pipeline, newest first and page by page; those that run end with it', async () => {
  const pipeline = test.gitlab.addPipeline(test.shop, { ref: 'main', status: 'running', jobs: ['success', 'failed', 'running'] })
  const jobs = `/projects/${test.shop.id}/pipelines/${pipeline.id}/jobs`

  expect((await test.call(jobs)).json).toMatchObject([{ status: 'running' }, { status: 'failed' }, { status: 'success' }])
  expect((await test.call(`${jobs}?per_page=2&page=2`)).json).toMatchObject([
    { status: 'success', name: 'unit tests', pipeline: { id: pipeline.id }, commit: { id: pipeline.sha } },
  ])
  test.gitlab.setPipelineStatus(test.shop, pipeline, 'canceled')
  expect((await test.call(jobs)).json).toMatchObject([{ status: 'canceled' }, { status: 'failed' }, { status: 'success' }])
})

it('schedules and removes projects', async () => {
  test.gitlab.scheduleDeletion(test.shop)
  const marked = await test.call(`/projects/${test.shop.id}`)
  await test.gitlab.deleteProject(test.shop)

  expect(marked.json).toMatchObject({ marked_for_deletion_on: '2026-11-29' })
  expect(await status(`/projects/${test.shop.id}`)).toBe(404)
})

it('lists what was pushed', async () => {
  await test.gitlab.git(test.shop, ['update-ref', 'refs/heads/x', test.shop.refs.get('refs/heads/main') ?? ''])
  await test.gitlab.noticePush(test.shop, test.maintainer)

  const { json } = await test.call(`/projects/${test.shop.id}/events?action=pushed&after=2026-11-21`)

  expect(json).toMatchObject([{ action_name: 'pushed new', push_data: { ref: 'x', ref_type: 'branch', commit_from: null } }])
})

it('refuses a body that is not JSON', async () => {
  const headers = { 'private-token': test.token.value, 'content-type': 'application/json' }
  const response = await fetch(`${test.gitlab.url}/api/v4/projects/${test.shop.id}/hooks`, {
    method: 'POST',
    headers,
    body: '{"url":',
  })

  expect(response.status).toBe(400)
})
