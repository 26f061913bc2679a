import { afterEach, describe, expect, it } from 'vitest'
import answers from './fixtures/answers.json' with { type: 'json' }
import { collect, scriptGitLab, SHOP, type ScriptedCall, type ScriptedGitLab } from './scripted-gitlab.ts'

const signal = AbortSignal.timeout(60_000)
const BASE = '/api/v4/projects/501/merge_requests'
const LIST = `${BASE}?scope=all&state=all&order_by=updated_at&sort=asc&per_page=100`
const since = (time: string) =>
  `${BASE}?scope=all&state=all&order_by=updated_at&sort=asc&updated_after=${encodeURIComponent(time)}&per_page=100`

let gitlab: ScriptedGitLab | null = null
afterEach(async () => {
  const finished = gitlab
  gitlab = null
  await finished?.finish()
})

async function list(calls: (origin: string) => readonly ScriptedCall[], updatedSince: Date | null = null) {
  gitlab = await scriptGitLab(calls)
  return collect(gitlab.connect().listPullRequests({ repository: SHOP, updatedSince, signal }))
}

/** Closed ones without reviewers, which cost no further request. */
const closed = (iid: number, updated: string) => ({
  ...answers.mergeRequestNew,
  iid,
  state: 'closed',
  reviewers: [],
  updated_at: `2026-02-${updated}Z`,
})
const next = (url: string) => ({ link: `<${url}>; rel="next"` })

describe('pages', () => {
  it('go on from the last time, and what comes twice is told once', async () => {
    const found = await list((origin) => [
      {
        path: LIST,
        headers: next(`${origin}${LIST}&page=2`),
        body: [closed(1, '01T00:00:00.000'), closed(2, '02T00:00:00.000')],
      },
      {
        path: since('2026-02-01T23:59:59.999Z'),
        headers: next(`${origin}${LIST}&page=2`),
        body: [closed(2, '02T00:00:00.000'), closed(3, '03T00:00:00.000')],
      },
      // Number 1 was updated meanwhile: its new version is told as well.
      { path: since('2026-02-02T23:59:59.999Z'), body: [closed(3, '03T00:00:00.000'), closed(1, '04T00:00:00.000')] },
    ])
    expect(found.map(({ number }) => number)).toEqual([1, 2, 3, 1])
  })

  it('follow the next page while the time stands still', async () => {
    const at = '01T00:00:00.000'
    const found = await list((origin) => [
      { path: LIST, headers: next(`${origin}${LIST}&page=2`), body: [closed(1, at), closed(2, at)] },
      {
        path: since('2026-01-31T23:59:59.999Z'),
        headers: next(`${origin}${LIST}&deep=2`),
        body: [closed(1, at), closed(2, at)],
      },
      { path: `${LIST}&deep=2`, headers: next(`${origin}${LIST}&deep=3`), body: [closed(3, at), closed(4, at)] },
      { path: `${LIST}&deep=3`, body: [closed(5, at)] },
    ])
    expect(found.map(({ number }) => number)).toEqual([1, 2, 3, 4, 5])
  })

  it('follow the next page of a server that keeps no order', async () => {
    const found = await list((origin) => [
      {
        path: LIST,
        headers: next(`${origin}${LIST}&page=2`),
        body: [closed(1, '05T00:00:00.000'), closed(2, '01T00:00:00.000')],
      },
      { path: `${LIST}&page=2`, body: [closed(3, '03T00:00:00.000')] },
    ])
    expect(found.map(({ number }) => number)).toEqual([1, 2, 3])
  })

  it('begin at the time asked for', async () => {
    const found = await list(
      () => [{ path: since('2026-02-01T00:00:00.000Z'), body: [closed(1, '01T00:00:00.000')] }],
      new Date('2026-02-01T00:00:00Z'),
    )
    expect(found).toHaveLength(1)
  })

  it('fail when the server repeats itself', async () => {
    const at = '01T00:00:00.000'
    const listed = list((origin) => [
      { path: LIST, headers: next(`${origin}${LIST}&page=2`), body: [closed(1, at)] },
      { path: since('2026-01-31T23:59:59.999Z'), headers: next(`${origin}${LIST}&page=2`), body: [closed(1, at)] },
      { path: `${LIST}&page=2`, headers: next(`${origin}${LIST}&page=3`), body: [closed(1, at)] },
    ])
    await expect(listed).rejects.toMatchObject({ code: 'unexpected-answer' })
  })

  it('fail when the second one fails', async () => {
    const listed = list((origin) => [
      { path: LIST, headers: next(`${origin}${LIST}&page=2`), body: [closed(1, '01T00:00:00.000')] },
      { path: since('2026-01-31T23:59:59.999Z'), status: 500, body: { message: '500' } },
    ])
    await expect(listed).rejects.toMatchObject({ code: 'host-unavailable', retryable: true })
  })
})

describe('a switched-off feature', () => {
  it.each([403, 404])('answers %s: there are none', async (status) => {
    const found = await list(() => [
      { path: LIST, status, body: { message: String(status) } },
      { path: '/api/v4/projects/501', body: { ...answers.projectNew, merge_requests_access_level: 'disabled' } },
    ])
    expect(found).toEqual([])
  })

  it.each([403, 404])('answers %s as well where only this token may not see it: that is told', async (status) => {
    const listed = list(() => [
      { path: LIST, status, body: { message: String(status) } },
      { path: '/api/v4/projects/501', body: { ...answers.projectNew, merge_requests_access_level: 'private' } },
    ])
    await expect(listed).rejects.toMatchObject({ code: 'list-refused', retryable: false })
  })

  it('is not taken for a repository that is gone', async () => {
    const listed = list(() => [
      { path: LIST, status: 404, body: { message: '404' } },
      { path: '/api/v4/projects/501', status: 404, body: { message: '404' } },
    ])
    await expect(listed).rejects.toMatchObject({ code: 'not-found' })
  })

  it('is not taken for a missing scope', async () => {
    const listed = list(() => [{ path: LIST, status: 403, body: { error: 'insufficient_scope', scope: 'api read_api' } }])
    await expect(listed).rejects.toMatchObject({
      code: 'scope-missing',
      userMessage: expect.stringContaining('read_api') as string,
    })
  })
})

describe('mapping', () => {
  const reviews = [
    { path: `${BASE}/12/approvals?per_page=100`, body: answers.approvals },
    { path: `${BASE}/12/reviewers?per_page=100`, body: answers.reviewers },
  ]

  it('an open one with its reviewers', async () => {
    const [found] = await list(() => [{ path: LIST, body: [answers.mergeRequestNew] }, ...reviews])
    expect(found).toEqual({
      number: 12,
      title: 'Draft: SHOP-7 cart',
      description: 'Closes nothing',
      status: 'OPEN',
      draft: true,
      sourceBranch: 'SHOP-7-cart',
      targetBranch: 'main',
      sourceRepository: '501',
      headSha: 'a'.repeat(40),
      mergeCommitSha: null,
      url: 'https://gitlab.example.com/acme/shop/-/merge_requests/12',
      author: { name: 'Ada Example', email: null },
      reviewers: [
        { name: 'Ben Example', state: 'APPROVED' },
        { name: 'Cy Example', state: 'NEEDS_WORK' },
      ],
      commentCount: 2,
      createdAt: new Date('2026-02-01T10:00:00Z'),
      updatedAt: new Date('2026-02-02T10:00:00.123Z'),
    })
  })

  it('an old merged one, whose author and fork are gone, costs no request', async () => {
    const [found] = await list(() => [{ path: LIST, body: [answers.mergeRequestOld] }])
    expect(found).toMatchObject({
      status: 'MERGED',
      draft: true,
      description: '',
      author: { name: 'Unknown' },
      sourceRepository: null,
      mergeCommitSha: 'c'.repeat(40),
      url: `${SHOP.webUrl}/-/merge_requests/1`,
      reviewers: [],
      commentCount: 0,
    })
  })

  it.each([
    [{ state: 'locked' }, 'OPEN'],
    [{ state: 'closed' }, 'DECLINED'],
    [{ state: 'merged' }, 'MERGED'],
    [{ state: 'quantum' }, 'OPEN'],
    [{ state: 'quantum', merged_at: '2026-02-01T00:00:00Z' }, 'MERGED'],
    [{ state: null, closed_at: '2026-02-01T00:00:00Z' }, 'DECLINED'],
  ])('%j is %s', async (changes, status) => {
    const request = { ...answers.mergeRequestNew, reviewers: [], updated_at: '2020-01-01T00:00:00Z', ...changes }
    const asksApprovals = !['merged', 'closed'].includes(changes.state ?? '')
    const approvals = { path: `${BASE}/12/approvals?per_page=100`, body: {} }
    const [found] = await list(() => [{ path: LIST, body: [request] }, ...(asksApprovals ? [approvals] : [])])
    expect(found?.status).toBe(status)
  })

  it('a merged one with reviewers is asked for its approvals when it changed', async () => {
    const merged = { ...answers.mergeRequestNew, state: 'merged', updated_at: '2020-01-01T00:00:00.000Z' }
    const approvals = { path: `${BASE}/12/approvals?per_page=100`, body: answers.approvals }
    const path = since('2020-01-01T00:00:00.000Z')
    const [found] = await list(() => [{ path, body: [merged] }, approvals], new Date('2020-01-01T00:00:00Z'))
    expect(found?.reviewers).toEqual([
      { name: 'Ben Example', state: 'APPROVED' },
      { name: 'Cy Example', state: 'UNAPPROVED' },
    ])
  })

  it('without approvals and reviewers endpoints the reviewers have no state', async () => {
    const refused = reviews.map(({ path }) => ({ path, status: path.includes('approvals') ? 403 : 404, body: { message: 'x' } }))
    const [found] = await list(() => [{ path: LIST, body: [answers.mergeRequestNew] }, ...refused])
    expect(found?.reviewers.map(({ state }) => state)).toEqual(['UNAPPROVED', 'UNAPPROVED'])
  })

  it('a failing approvals endpoint fails the page', async () => {
    const failing = { path: `${BASE}/12/approvals?per_page=100`, status: 500, body: { message: '500' } }
    const listed = list(() => [{ path: LIST, body: [{ ...answers.mergeRequestNew, reviewers: [] }] }, failing])
    await expect(listed).rejects.toMatchObject({ code: 'host-unavailable' })
  })
})

describe('the last update', () => {
  const LAST = `${BASE}?scope=all&state=all&order_by=updated_at&sort=desc&per_page=1`
  const find = async (calls: readonly ScriptedCall[]) => {
    gitlab = await scriptGitLab(() => calls)
    return gitlab.connect().findLastPullRequestUpdate(SHOP, signal)
  }

  it('costs one request', async () => {
    expect(await find([{ path: LAST, body: [closed(7, '03T00:00:00.123')] }])).toEqual(new Date('2026-02-03T00:00:00.123Z'))
  })

  it('is null for an empty list, and where merge requests are switched off', async () => {
    expect(await find([{ path: LAST }])).toBeNull()
    await gitlab?.finish()
    const off = [
      { path: LAST, status: 403, body: { message: '403 Forbidden' } },
      { path: '/api/v4/projects/501', body: { ...answers.projectNew, merge_requests_access_level: 'disabled' } },
    ]
    expect(await find(off)).toBeNull()
  })

  it('of a repository that is gone is no answer', async () => {
    const gone = { status: 404, body: { message: '404 Project Not Found' } }
    const found = find([
      { path: LAST, ...gone },
      { path: '/api/v4/projects/501', ...gone },
    ])
    await expect(found).rejects.toMatchObject({ code: 'not-found' })
  })
})
