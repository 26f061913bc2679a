import { afterEach, beforeEach, expect, it } from 'vitest'
import type { MergeRequest, User } from './model.ts'
import { fillRepository, startTestGitLab, type TestGitLab } from './test-setup.ts'

let test: TestGitLab
let reviewer: User
let request: MergeRequest

beforeEach(async () => {
  test = await startTestGitLab()
  test.gitlab.features.hookDisabling = false
  reviewer = test.gitlab.addUser({ username: 'rosa', name: 'Rosa Klein', publicEmail: 'rosa@example.com' })
  const events = { push_events: true, merge_requests_events: true, note_events: true }
  await test.call(`/projects/${test.shop.id}/hooks`, { method: 'POST', body: { url: 'http://127.0.0.1:9/', ...events } })
  await fillRepository(test.gitlab, test.shop, 2, 'SHOP-7-cart', test.shop.refs.get('refs/heads/main'))
  request = await test.gitlab.openMergeRequest(test.shop, {
    author: test.maintainer,
    title: 'SHOP-7 Cart',
    sourceBranch: 'SHOP-7-cart',
    draft: true,
    reviewers: [reviewer],
  })
  await test.gitlab.settle()
})
afterEach(() => test.dispose())

const path = (rest = '') => `/projects/${test.shop.id}/merge_requests${rest}`

async function hooked(): Promise<Record<string, unknown>[]> {
  await test.gitlab.settle()
  return test.gitlab.deliveredHooks.map(({ body }) => body)
}

it('opens a draft with a reviewer and tells the hooks', async () => {
  const { json } = await test.call(path('/1'))

  expect(json).toMatchObject({
    iid: 1,
    title: 'Draft: SHOP-7 Cart',
    draft: true,
    state: 'opened',
    sha: request.sha,
    reviewers: [{ username: 'rosa' }],
    user_notes_count: 0,
  })
  expect(await hooked()).toMatchObject([
    {
      object_kind: 'merge_request',
      user: { username: 'mia', email: '[REDACTED]' },
      object_attributes: {
        action: 'open',
        state: 'opened',
        iid: 1,
        draft: true,
        source_branch: 'SHOP-7-cart',
        last_commit: { id: request.sha },
        updated_at: '2026-11-22 10:00:00 UTC',
      },
      reviewers: [{ username: 'rosa', email: 'rosa@example.com' }],
    },
  ])
})

it('reports what an update changed', async () => {
  test.clock.advance(60_000)

  await test.gitlab.updateMergeRequest(request, test.maintainer, { draft: false, description: 'Ready', reviewers: [] })

  expect((await hooked()).at(-1)).toMatchObject({
    object_attributes: { action: 'update', title: 'SHOP-7 Cart', reviewer_ids: [] },
    changes: {
      title: { previous: 'Draft: SHOP-7 Cart', current: 'SHOP-7 Cart' },
      draft: { previous: true, current: false },
      description: { previous: '', current: 'Ready' },
      reviewers: { previous: [{ username: 'rosa' }], current: [] },
      updated_at: { previous: '2026-11-22 10:00:00 UTC', current: '2026-11-22 10:01:00 UTC' },
    },
  })
})

it('merges for real: merge commit on the target, branch removed, head kept, hooks for both', async () => {
  const before = test.shop.refs.get('refs/heads/main')

  await test.gitlab.mergeMergeRequest(request, { by: test.maintainer })

  const merged = test.shop.refs.get('refs/heads/main')
  expect(await test.gitlab.git(test.shop, ['rev-parse', `${merged}^1`, `${merged}^2`])).toBe(`${before}\n${request.sha}`)
  expect(test.shop.refs.has('refs/heads/SHOP-7-cart')).toBe(false)
  expect(await test.gitlab.git(test.shop, ['rev-parse', 'refs/merge-requests/1/head'])).toBe(request.sha)
  expect((await test.call(path('/1'))).json).toMatchObject({
    state: 'merged',
    merge_commit_sha: merged,
    merged_by: { username: 'mia' },
  })
  const bodies = await hooked()
  expect(bodies.filter(({ object_kind }) => object_kind === 'push')).toHaveLength(2)
  expect(
    bodies.filter((body) => (body['object_attributes'] as { action?: string } | undefined)?.action === 'merge'),
  ).toHaveLength(1)
})

it('merges a branch that has fallen behind, squashes, and refuses what cannot be fast-forwarded', async () => {
  await fillRepository(test.gitlab, test.shop, 1, 'main', test.shop.refs.get('refs/heads/main'))

  await expect(test.gitlab.mergeMergeRequest(request, { by: test.maintainer, method: 'fast-forward' })).rejects.toThrow(
    'fast-forwarded',
  )
  await test.gitlab.mergeMergeRequest(request, { by: test.maintainer, method: 'squash' })

  const tip = test.shop.refs.get('refs/heads/main')
  expect(request).toMatchObject({ state: 'merged', squashCommitSha: tip, mergeCommitSha: null })
  expect(await test.gitlab.git(test.shop, ['ls-tree', '-r', '--name-only', tip ?? ''])).toContain('SHOP-7-cart/2.txt')
})

it('counts approvals and reviewers, and an approval moves updated_at', async () => {
  test.clock.advance(60_000)

  await test.gitlab.approve(request, reviewer)

  expect((await test.call(path('/1/approvals'))).json).toEqual({
    user_has_approved: false,
    user_can_approve: false,
    approved: true,
    approved_by: [{ user: expect.objectContaining({ username: 'rosa' }) as unknown, approved_at: '2026-11-22T10:01:00.000Z' }],
  })
  expect((await test.call(path('/1/reviewers'))).json).toMatchObject([{ user: { username: 'rosa' }, state: 'approved' }])
  expect(request.updatedAt).toEqual(test.clock.now())
  expect((await hooked()).at(-1)).toMatchObject({ object_attributes: { action: 'approved' } })
  await test.gitlab.unapprove(request, reviewer)
  expect((await test.call(path('/1/approvals'))).json).toMatchObject({ approved: false, approved_by: [] })
})

it('closes, reopens and takes notes', async () => {
  await test.gitlab.closeMergeRequest(request, reviewer)
  const closed = await test.call(path('?state=closed'))
  await test.gitlab.reopenMergeRequest(request, reviewer)
  await test.gitlab.addNote(request, reviewer, 'Looks good')
  const notes = await test.call(path('/1/notes'))

  expect(closed.json).toMatchObject([{ state: 'closed', closed_by: { username: 'rosa' } }])
  expect(notes.json).toMatchObject([{ body: 'Looks good', system: false, noteable_iid: 1 }])
  expect((await test.call(path('/1'))).json).toMatchObject({ state: 'opened', closed_at: null, user_notes_count: 1 })
  const actions = (await hooked()).map((body) => (body['object_attributes'] as { action: string }).action)
  expect(actions.toSorted()).toEqual(['close', 'create', 'open', 'reopen'])
})

it('keeps the head of a merge request from a fork, also when the fork is gone', async () => {
  const fork = await test.gitlab.forkProject(test.shop, { namespace: 'rosa' })
  await fillRepository(test.gitlab, fork, 1, 'topic', fork.refs.get('refs/heads/main'))
  const forked = await test.gitlab.openMergeRequest(test.shop, {
    author: reviewer,
    title: 'From a fork',
    sourceBranch: 'topic',
    sourceProject: fork,
  })

  await test.gitlab.deleteProject(fork)

  expect(await test.gitlab.git(test.shop, ['rev-parse', 'refs/merge-requests/2/head'])).toBe(forked.sha)
  expect((await test.call(path('/2'))).json).toMatchObject({ source_project_id: null, target_project_id: test.shop.id })
  expect((await test.call<{ message: string }[]>(path('/2/commits'))).json.map(({ message }) => message)).toEqual([
    'SHOP-1 topic change 1\n',
  ])
})

it('lists by update time from a watermark on, which is included', async () => {
  for (const name of ['a', 'b', 'c']) {
    await fillRepository(test.gitlab, test.shop, 1, name, test.shop.refs.get('refs/heads/main'))
    test.clock.advance(60_000)
    await test.gitlab.openMergeRequest(test.shop, { author: reviewer, title: name, sourceBranch: name })
  }
  const list = async (query: string) => (await test.call<{ iid: number }[]>(path(`?${query}`))).json.map(({ iid }) => iid)

  expect(await list('state=all&scope=all&order_by=updated_at&sort=asc&updated_after=2026-11-22T10:02:00Z')).toEqual([3, 4])
  expect(await list('iids[]=1&iids[]=4')).toEqual([4, 1])
  expect(await list('source_branch=b')).toEqual([3])
  expect(await list('draft=true')).toEqual([1])
  expect(await list('scope=created_by_me')).toEqual([1])
  expect((await test.call('/merge_requests')).json).toMatchObject([{ iid: 1 }])
  expect((await test.call(path('?state=open'))).json).toEqual({ error: 'state does not have a valid value' })
  expect((await test.call(path('/99'))).json).toEqual({ message: '404 Not found' })
})

it('refuses merge requests that are switched off', async () => {
  test.gitlab.setFeature(test.shop, 'mergeRequests', 'disabled')

  expect(await test.call(path())).toMatchObject({ status: 403, json: { message: '403 Forbidden' } })
})

it('cannot open a merge request from a branch that is not there', async () => {
  await expect(
    test.gitlab.openMergeRequest(test.shop, { author: reviewer, title: 'x', sourceBranch: 'nowhere' }),
  ).rejects.toThrow('no branch nowhere')
})

it('takes notes over the API and lists the requests that bring a commit in', async () => {
  const holding = (sha: string, query = '') =>
    test.call(`/projects/${test.shop.id}/repository/commits/${sha}/merge_requests${query}`)
  const posted = await test.call(path('/1/notes'), { method: 'POST', body: { body: 'Told' } })
  const empty = await test.call(path('/1/notes'), { method: 'POST', body: {} })

  expect(posted).toMatchObject({ status: 201, json: { body: 'Told', system: false, noteable_iid: 1 } })
  expect(empty.status).toBe(400)
  expect(request.notes.map(({ body }) => body)).toEqual(['Told'])
  expect((await holding(request.sha, '?state=opened')).json).toMatchObject([{ iid: 1, state: 'opened' }])
  expect((await holding(request.sha, '?state=merged')).json).toEqual([])
  expect((await holding(test.shop.refs.get('refs/heads/main') ?? '')).json).toEqual([])
  expect((await holding('0'.repeat(40))).status).toBe(404)
})
