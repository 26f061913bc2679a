import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { developmentPageSchema, developmentSchema } from '../contract/development.ts'
import { problemSchema } from '../contract/problem.ts'
import { replaceProjects } from '../db/stores/projects.ts'
import { accountId, type RepositoryId } from '../domain/ids.ts'
import {
  addBranches,
  addBuilds,
  addCommits,
  addDeployments,
  addPullRequests,
  countJobsOfBuild,
  minute,
  testSha,
} from './test-development.ts'
import { startTestHttpApp, type TestHttpApp } from './test-http-app.ts'

const URL = '/api/v1/issues/SHOP-7/development'

let t: TestHttpApp
let shop: RepositoryId
beforeEach(async () => {
  t = await startTestHttpApp()
  await t.addAccount({ id: accountId('acme') })
  shop = await t.addRepository({ path: 'acme/shop' })
})
afterEach(() => t.dispose())

/** All pages of a kind, one entry a page unless told otherwise. */
async function readAll(kind: string, limit = 1): Promise<Record<string, unknown>[]> {
  const all: Record<string, unknown>[] = []
  let cursor: string | null = null
  do {
    const query: string = cursor === null ? '' : `&cursor=${cursor}`
    const page = developmentPageSchema.parse((await t.send('GET', `${URL}?kind=${kind}&limit=${limit}${query}`)).json())
    expect(page.items.length).toBeLessThanOrEqual(limit)
    all.push(...page.items)
    cursor = page.next
  } while (cursor !== null)
  return all
}

describe('development information', () => {
  test('everything of an issue in the shape of the contract', async () => {
    await addCommits(t, shop, 3)
    await addBranches(t, shop, 2)
    await addPullRequests(t, shop, [{}])

    const answer = await t.send('GET', URL)

    expect(answer.status).toBe(200)
    const info = developmentSchema.strict().parse(answer.json())
    expect(info.panelUrl).toBe('https://dvcs.example.com/connector/issues/SHOP-7')
    expect(info.issueUrl).toBeNull()
    expect(info.summary).toEqual({
      branches: 2,
      commits: 3,
      pullRequests: { open: 1, merged: 0, declined: 0 },
      builds: { successful: 0, failed: 0, inProgress: 0 },
      deployments: { environments: [] },
      lastActivity: minute(5).toISOString(),
    })
    expect(info.repositories[0]?.commits[0]).toEqual({
      id: testSha(3),
      displayId: '0000000',
      message: 'SHOP-7 change 3',
      author: { name: 'Mia Lang', email: 'mia@example.com' },
      authoredAt: minute(2).toISOString(),
      merge: false,
      url: `https://gitlab.example.com/acme/shop/-/commit/${testSha(3)}`,
      fileCount: null,
      files: null,
      alsoIn: [],
      linkedBy: null,
      hidden: false,
    })
  })

  test('at most 100 of a kind, all of them counted', async () => {
    await addCommits(t, shop, 130)

    const info = developmentSchema.parse((await t.send('GET', URL)).json())

    expect(info.repositories[0]?.commits).toHaveLength(100)
    expect(info.summary.commits).toBe(130)
    expect(await readAll('commits', 50)).toHaveLength(130)
  })

  test('a key in lower case is the same issue; one without anything is empty', async () => {
    await addCommits(t, shop, 3)

    const lower = await t.send('GET', '/api/v1/issues/shop-7/development')
    const empty = await t.send('GET', '/api/v1/issues/SHOP-8/development')

    expect(lower.json()).toMatchObject({ issue: 'SHOP-7', summary: { commits: 3 } })
    expect(empty.json()).toMatchObject({ issue: 'SHOP-8', summary: { commits: 0, lastActivity: null }, repositories: [] })
  })

  test('no issue of a project that Jira does not have', async () => {
    await t.app.db.write('interactive', (tx) =>
      replaceProjects(tx, [{ id: '1', key: 'SHOP', formerKeys: ['OLD'], name: 'Shop' }]),
    )

    const answer = await t.send('GET', '/api/v1/issues/NONE-7/development')

    expect(answer.status).toBe(404)
    expect(problemSchema.parse(answer.json()).code).toBe('issue-not-found')
    expect((await t.send('GET', URL)).status).toBe(200)
    expect((await t.send('GET', '/api/v1/issues/OLD-7/development')).status).toBe(200)
  })

  test.each(['SHOP', 'SHOP-0', 'SHOP-7x', '7', 'S-7', '%C3%84B-1', 'SHOP-7%00'])('no issue key: %s', async (key) => {
    const answer = await t.send('GET', `/api/v1/issues/${key}/development`)

    expect(answer.status).toBe(400)
    expect(problemSchema.parse(answer.json()).errors).toContainEqual(expect.objectContaining({ in: 'path', field: 'key' }))
  })
})

test('how many jobs of a build passed, where that is known, in the document and in the pages', async () => {
  await addBuilds(t, shop, 2)
  const jobs = await countJobsOfBuild(t, shop, 2)

  const info = developmentSchema.strict().parse((await t.send('GET', URL)).json())
  const { items } = developmentPageSchema.parse((await t.send('GET', `${URL}?kind=builds`)).json())

  expect(info.repositories[0]?.builds.map((build) => build.jobs)).toEqual([jobs, null])
  expect(items.map((item) => 'jobs' in item && item.jobs)).toEqual([jobs, null])
})

test('builds and deployments in the shape of the contract', async () => {
  await addBuilds(t, shop, 2)
  await addDeployments(t, shop, 1)

  const info = developmentSchema.strict().parse((await t.send('GET', URL)).json())

  expect(info.summary).toMatchObject({
    builds: { successful: 1, failed: 1, inProgress: 0 },
    deployments: { environments: ['staging'] },
    lastActivity: minute(6).toISOString(),
  })
  expect(info.repositories[0]?.builds[1]).toEqual({
    id: '1',
    number: 1,
    state: 'FAILED',
    ref: 'SHOP-7-1',
    url: 'https://gitlab.example.com/acme/shop/-/pipelines/1',
    finishedAt: minute(6).toISOString(),
    jobs: null,
  })
  expect(info.repositories[0]?.deployments).toEqual([
    {
      id: '1',
      environment: 'staging',
      environmentType: 'staging',
      state: 'SUCCESSFUL',
      url: 'https://gitlab.example.com/acme/shop/-/jobs/1',
      finishedAt: minute(6).toISOString(),
    },
  ])
})

describe('pages of one kind', () => {
  test('builds and deployments, none lost among those of the same time', async () => {
    await addBuilds(t, shop, 5)
    await addDeployments(t, shop, 3)

    expect((await readAll('builds')).map(({ id }) => id)).toEqual(['5', '4', '3', '2', '1'])
    expect((await readAll('deployments')).map(({ id }) => id)).toEqual(['3', '2', '1'])
  })

  test('commits, newest first, none lost among those of the same time', async () => {
    await addCommits(t, shop, 5)

    const commits = await readAll('commits')

    expect(commits.map(({ id }) => id)).toEqual([5, 4, 3, 2, 1].map(testSha))
    expect(commits[0]?.['repository']).toEqual({
      id: shop,
      name: 'acme/shop',
      url: 'https://gitlab.example.com/acme/shop',
      host: 'gitlab',
    })
  })

  test('branches of the same time over two repositories', async () => {
    const cart = await t.addRepository({ path: 'acme/cart' })
    await addBranches(t, shop, 3)
    await addBranches(t, cart, 2)
    await addPullRequests(t, shop, [{}])

    const branches = await readAll('branches', 2)

    expect(branches.map((branch) => [(branch['repository'] as { name: string }).name, branch['name']])).toEqual([
      ['acme/cart', 'SHOP-7-2'],
      ['acme/cart', 'SHOP-7-1'],
      ['acme/shop', 'SHOP-7-3'],
      ['acme/shop', 'SHOP-7-2'],
      ['acme/shop', 'SHOP-7-1'],
    ])
    // One whose pull request is open offers no other.
    expect(branches.map((branch) => branch['createPullRequestUrl'] === null)).toEqual([false, false, false, false, true])
  })

  test('pull requests by their last change', async () => {
    await addPullRequests(
      t,
      shop,
      [1, 2, 3].map((number) => ({ number, updatedAt: minute(number === 3 ? 2 : number) })),
    )

    const pullRequests = await readAll('pullRequests')

    expect(pullRequests.map(({ id }) => id)).toEqual(['3', '2', '1'])
    expect(pullRequests[0]).toMatchObject({ status: 'OPEN', reviewers: [{ name: 'Rob Roe', state: 'APPROVED' }] })
  })

  test.each(['builds', 'deployments'])('%s: none are imported', async (kind) => {
    expect(await readAll(kind)).toEqual([])
  })

  test('what is not linked is not shown', async () => {
    const hidden = await t.addRepository({ path: 'acme/hidden' }, { linked: false })
    await addCommits(t, hidden, 3)

    expect(await readAll('commits')).toEqual([])
  })

  test.each(['kind=tags', 'kind=commits&cursor=x', 'kind=builds&cursor=x', 'kind=commits&limit=0'])(
    'a wrong query: %s',
    async (query) => {
      expect((await t.send('GET', `${URL}?${query}`)).status).toBe(400)
    },
  )

  test("one kind's cursor is refused by another", async () => {
    await addCommits(t, shop, 3)
    const { next } = (await t.send('GET', `${URL}?kind=commits&limit=1`)).json<{ next: string }>()

    const answer = await t.send('GET', `${URL}?kind=pullRequests&cursor=${next}`)

    expect([answer.status, answer.json()['code']]).toEqual([400, 'cursor-invalid'])
  })
})
