import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { devStatusDetailSchema, devStatusSummarySchema } from '../contract/dev-status.ts'
import { saveIssueIdentity } from '../db/stores/issues.ts'
import { replaceProjects } from '../db/stores/projects.ts'
import { accountId, type IssueKey, type RepositoryId } from '../domain/ids.ts'
import { packageRoot } from '../lib/package-root.ts'
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

const read = (path: string) => JSON.parse(readFileSync(path, 'utf8')) as Record<string, unknown>
const fixture = (name: string) => read(join(import.meta.dirname, 'fixtures', name))

const SUMMARY = '/rest/dev-status/1.0/issue/summary'
const DETAIL = '/rest/dev-status/1.0/issue/detail'

let t: TestHttpApp
let shop: RepositoryId
beforeEach(async () => {
  t = await startTestHttpApp()
  await t.addAccount({ id: accountId('acme') })
  shop = await t.addRepository({ path: 'acme/shop' })
})
afterEach(() => t.dispose())

async function addEverything(): Promise<void> {
  await addCommits(t, shop, 3)
  await addBranches(t, shop, 1)
  await addPullRequests(t, shop, [{ status: 'MERGED' }, { number: 13, status: 'DECLINED', updatedAt: minute(4) }])
}

/** Every path of keys in a value; elements of arrays all count as one. */
function keyPaths(value: unknown, at = ''): string[] {
  if (Array.isArray(value)) return [...new Set(value.flatMap((item) => keyPaths(item, `${at}[]`)))]
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([key, inner]) => [`${at}.${key}`, ...keyPaths(inner, `${at}.${key}`)])
}

describe('summary', () => {
  test('of an issue without anything: exactly as Data Center prints it', async () => {
    const answer = await t.send('GET', `${SUMMARY}?issueId=SHOP-8`)

    expect(answer.status).toBe(200)
    expect(answer.text).toBe(JSON.stringify(fixture('dev-status-summary.json')))
  })

  test('counts by data type and instance, times as Jira prints them', async () => {
    await addEverything()

    const answer = await t.send('GET', `${SUMMARY}?issueId=shop-7`)

    const { summary } = devStatusSummarySchema.parse(answer.json())
    expect(summary.pullrequest).toEqual({
      overall: {
        count: 2,
        lastUpdated: '2026-11-22T08:05:00.000+0000',
        stateCount: 1,
        state: 'MERGED',
        details: { openCount: 0, mergedCount: 1, declinedCount: 1, total: 2 },
        open: false,
      },
      byInstanceType: { GitLab: { count: 2, name: 'GitLab' } },
    })
    expect(summary.repository).toEqual({
      overall: { count: 3, lastUpdated: '2026-11-22T08:02:00.000+0000' },
      byInstanceType: { GitLab: { count: 3, name: 'GitLab' } },
    })
    expect(summary.branch).toEqual({
      overall: { count: 1, lastUpdated: null },
      byInstanceType: { GitLab: { count: 1, name: 'GitLab' } },
    })
    expect(keyPaths(fixture('dev-status-summary.json')).filter((path) => !keyPaths(answer.json()).includes(path))).toEqual([])
  })

  test('an open pull request makes the state OPEN', async () => {
    await addPullRequests(t, shop, [{ status: 'MERGED' }, { number: 13 }])

    const { summary } = devStatusSummarySchema.parse((await t.send('GET', `${SUMMARY}?issueId=SHOP-7`)).json())

    expect(summary.pullrequest.overall).toMatchObject({ state: 'OPEN', stateCount: 1, open: true })
  })

  test('by the numeric id of the issue', async () => {
    await addCommits(t, shop, 3)
    await t.app.db.write('interactive', (tx) =>
      saveIssueIdentity(tx, 'SHOP-7' as IssueKey, { jiraId: '10007', currentKey: 'SHOP-7' }),
    )

    const known = await t.send('GET', `${SUMMARY}?issueId=10007`)
    const unknown = await t.send('GET', `${SUMMARY}?issueId=10008`)

    expect(known.json()).toMatchObject({ summary: { repository: { overall: { count: 3 } } } })
    expect(unknown.json()).toEqual(fixture('dev-status-summary.json'))
  })
})

describe('detail', () => {
  test('of pull requests, with the keys that scripts read', async () => {
    await addEverything()

    const answer = await t.send('GET', `${DETAIL}?issueId=SHOP-7&applicationType=GitLab&dataType=pullrequest`)

    const { detail } = devStatusDetailSchema.parse(answer.json())
    expect(detail[0]?.pullRequests[0]).toEqual({
      author: { name: 'Mia Lang' },
      id: '!12',
      name: 'SHOP-7 Cart',
      commentCount: 2,
      source: { branch: 'SHOP-7-1', url: 'https://gitlab.example.com/acme/shop/-/tree/SHOP-7-1' },
      destination: { branch: 'main', url: 'https://gitlab.example.com/acme/shop' },
      reviewers: [{ name: 'Rob Roe', approved: true }],
      status: 'MERGED',
      url: 'https://gitlab.example.com/acme/shop/-/merge_requests/12',
      lastUpdate: '2026-11-22T08:05:00.000+0000',
      repositoryName: 'acme/shop',
      repositoryUrl: 'https://gitlab.example.com/acme/shop',
    })
    const expected = keyPaths((fixture('dev-status-detail.json') as Record<string, unknown>)['pullrequest'])
    expect(expected.filter((path) => !keyPaths(answer.json()).includes(path))).toEqual([])
  })

  test('of commits', async () => {
    await addEverything()

    const answer = await t.send('GET', `${DETAIL}?issueId=SHOP-7&applicationType=GitLab&dataType=repository`)

    const { detail } = devStatusDetailSchema.parse(answer.json())
    expect(detail[0]?._instance).toEqual({
      singleInstance: true,
      baseUrl: 'https://gitlab.example.com',
      name: 'GitLab',
      typeName: 'GitLab',
      id: 'GitLab',
      type: 'GitLab',
    })
    expect(detail[0]?.repositories[0]?.commits.map(({ authorTimestamp }) => authorTimestamp)).toEqual([
      '2026-11-22T08:02:00.000+0000',
      '2026-11-22T08:02:00.000+0000',
      '2026-11-22T08:01:00.000+0000',
    ])
    const expected = keyPaths((fixture('dev-status-detail.json') as Record<string, unknown>)['repository'])
    expect(expected.filter((path) => !keyPaths(answer.json()).includes(path))).toEqual([])
    expect(answer.text).not.toContain('mia@example.com')
  })

  test('of branches, the same as beside pull requests', async () => {
    await addEverything()

    const branches = devStatusDetailSchema.parse(
      (await t.send('GET', `${DETAIL}?issueId=SHOP-7&applicationType=GitLab&dataType=branch`)).json(),
    ).detail[0]
    const beside = devStatusDetailSchema.parse(
      (await t.send('GET', `${DETAIL}?issueId=SHOP-7&applicationType=GitLab&dataType=pullrequest`)).json(),
    ).detail[0]

    expect(branches?.branches).toEqual(beside?.branches)
    expect(branches?.branches[0]).toMatchObject({ name: 'SHOP-7-1', lastCommit: { id: testSha(1), message: 'SHOP-7 change 1' } })
    expect(branches?.pullRequests).toEqual([])
  })

  test.each(['gitlab', 'github', 'stash'])('another application type is empty, its case counts: %s', async (applicationType) => {
    await addEverything()

    const answer = await t.send('GET', `${DETAIL}?issueId=SHOP-7&applicationType=${applicationType}&dataType=branch`)

    expect([answer.status, answer.json()]).toEqual([200, { errors: [], detail: [] }])
  })

  test.each(['build', 'review', 'deployment-environment'])('nothing of %s', async (dataType) => {
    await addEverything()

    const answer = await t.send('GET', `${DETAIL}?issueId=SHOP-7&applicationType=GitLab&dataType=${dataType}`)

    expect(answer.json()).toEqual({ errors: [], detail: [] })
  })
})

describe('builds and deployments', () => {
  beforeEach(async () => {
    await addBuilds(t, shop, 3)
    await addDeployments(t, shop, 2)
  })

  test('are counted', async () => {
    const { summary } = devStatusSummarySchema.parse((await t.send('GET', `${SUMMARY}?issueId=SHOP-7`)).json())

    expect(summary.build).toEqual({
      overall: {
        count: 3,
        lastUpdated: '2026-11-22T08:06:00.000+0000',
        failedBuildCount: 1,
        successfulBuildCount: 2,
        unknownBuildCount: 0,
      },
      byInstanceType: { GitLab: { count: 3, name: 'GitLab' } },
    })
    expect(summary['deployment-environment'].overall).toMatchObject({
      count: 1,
      successfulCount: 1,
      topEnvironments: [{ title: 'staging', status: 'DEPLOYED', lastUpdated: '2026-11-22T08:06:00.000+0000' }],
    })
  })

  test('carry how many jobs passed, where that is known, as the summary of tests', async () => {
    await countJobsOfBuild(t, shop, 3)

    const answer = await t.send('GET', `${DETAIL}?issueId=SHOP-7&applicationType=GitLab&dataType=build`)

    const builds = devStatusDetailSchema.parse(answer.json()).detail[0]?.builds
    expect(builds?.map(({ buildNumber, testSummary }) => [buildNumber, testSummary])).toEqual([
      [3, { totalNumber: 14, passedNumber: 12, failedNumber: 1, skippedNumber: 1 }],
      [2, undefined],
      [1, undefined],
    ])
  })

  test('are told one by one', async () => {
    const detailOf = async (dataType: string) =>
      devStatusDetailSchema.parse(
        (await t.send('GET', `${DETAIL}?issueId=SHOP-7&applicationType=GitLab&dataType=${dataType}`)).json(),
      ).detail[0]

    expect((await detailOf('build'))?.builds?.[2]).toEqual({
      id: '1',
      buildNumber: 1,
      name: 'acme/shop #1',
      url: 'https://gitlab.example.com/acme/shop/-/pipelines/1',
      state: 'FAILED',
      lastUpdated: '2026-11-22T08:06:00.000+0000',
      references: [{ name: 'SHOP-7-1' }],
    })
    expect((await detailOf('deployment-environment'))?.deployments?.map(({ environment }) => environment)).toEqual([
      { displayName: 'staging', type: 'staging' },
      { displayName: 'staging', type: 'staging' },
    ])
  })
})

describe('errors', () => {
  test.each([
    [`${SUMMARY}`, 400],
    [`${SUMMARY}?issueId=0`, 400],
    [`${SUMMARY}?issueId=what`, 400],
    [`${DETAIL}?issueId=SHOP-7`, 400],
    [`${DETAIL}?issueId=SHOP-7&applicationType=GitLab&dataType=commits`, 400],
    [`${SUMMARY}?issueId=NONE-1`, 404],
    ['/rest/dev-status/1.0/issue/nothing', 404],
  ])('%s: %i', async (url, status) => {
    await t.app.db.write('interactive', (tx) => replaceProjects(tx, [{ id: '1', key: 'SHOP', formerKeys: [], name: 'Shop' }]))

    const answer = await t.send('GET', url)

    expect(answer.status).toBe(status)
    if (!url.endsWith('nothing')) expect(answer.json()['errorMessages']).toEqual([answer.json()['detail']])
  })
})

const SHARED = join(packageRoot, '..', 'shared', 'data', 'dev-status-shapes.json')

test.runIf(existsSync(SHARED))('the collected shapes of real Jiras have no other summary', async () => {
  const shapes = read(SHARED) as Record<string, { response: unknown }>

  const answer = await t.send('GET', `${SUMMARY}?issueId=SHOP-8`)

  expect(answer.text).toBe(JSON.stringify(shapes['summary_dc_empty']?.response))
})
