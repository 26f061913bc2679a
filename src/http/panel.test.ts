import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { developmentSchema } from '../contract/development.ts'
import { createBranchSchema, manualLinkSchema, manualLinksSchema } from '../contract/panel.ts'
import { problemSchema } from '../contract/problem.ts'
import { accountId, type RepositoryId } from '../domain/ids.ts'
import { addCommits, testSha } from './test-development.ts'
import { startTestHttpApp, type TestHttpApp } from './test-http-app.ts'

const ISSUE = '/api/v1/issues/SHOP-7'

let t: TestHttpApp
let shop: RepositoryId
beforeEach(async () => {
  t = await startTestHttpApp()
  await t.addAccount({ id: accountId('acme') })
  shop = await t.addRepository({ path: 'acme/shop' })
  await addCommits(t, shop, 3)
})
afterEach(() => t.dispose())

const link = (body: Record<string, unknown>) =>
  t.send('POST', `${ISSUE}/links`, {
    body: { action: 'unlink', kind: 'commit', repositoryId: shop, id: testSha(1), reason: 'wrong key', ...body },
  })

describe('links by hand', () => {
  test('said, listed, shown, and taken back', async () => {
    const made = await link({ id: testSha(1).toUpperCase() })

    expect(made.status).toBe(201)
    const said = manualLinkSchema.strict().parse(made.json())
    expect(said).toMatchObject({
      action: 'unlink',
      id: testSha(1),
      title: 'SHOP-7 change 1',
      who: 'the API token of the configuration',
    })
    const { items } = manualLinksSchema.parse((await t.send('GET', `${ISSUE}/links`)).json())
    expect(items).toEqual([said])
    const info = developmentSchema.parse((await t.send('GET', `${ISSUE}/development`)).json())
    expect(info.summary.commits).toBe(2)

    expect((await t.send('DELETE', `${ISSUE}/links/${said.linkId}`)).status).toBe(204)
    expect(problemSchema.parse((await t.send('DELETE', `${ISSUE}/links/${said.linkId}`)).json()).code).toBe(
      'manual-link-not-found',
    )
    const after = developmentSchema.parse((await t.send('GET', `${ISSUE}/development`)).json())
    expect(after.summary.commits).toBe(3)
  })

  test('saying something else about the same takes the place of it', async () => {
    await link({})
    await link({ action: 'link', reason: 'right after all' })

    const { items } = manualLinksSchema.parse((await t.send('GET', `${ISSUE}/links`)).json())
    expect(items.map(({ action, reason }) => [action, reason])).toEqual([['link', 'right after all']])
    const info = developmentSchema.parse((await t.send('GET', `${ISSUE}/development`)).json())
    const linkedBy = info.repositories[0]?.commits.map((commit) => commit.linkedBy?.reason ?? null)
    expect(linkedBy).toEqual([null, null, 'right after all'])
  })

  test.each([
    [{ id: 'abc' }, 400, 'request-invalid'],
    [{ id: '12' }, 400, 'request-invalid'],
    [{ kind: 'pullRequest' }, 400, 'request-invalid'],
    [{ reason: '' }, 400, 'request-invalid'],
    [{ reason: 'a\u0000b' }, 400, 'request-invalid'],
    [{ repositoryId: '1 or 1=1' }, 400, 'request-invalid'],
    [{ repositoryId: '999' }, 404, 'repository-not-found'],
    [{ id: testSha(9) }, 404, 'commit-not-found'],
    [{ kind: 'pullRequest', id: '9' }, 404, 'pull-request-not-found'],
  ])('%j is %s %s', async (body, status, code) => {
    const answer = await link(body)

    expect([answer.status, problemSchema.parse(answer.json()).code]).toEqual([status, code])
  })
})

test('files are loaded for commits of the issue alone', async () => {
  const wrong = await t.send('POST', `${ISSUE}/commits/${testSha(9)}/files`)
  const short = await t.send('POST', `${ISSUE}/commits/abc/files`)
  const other = await t.send('POST', `/api/v1/issues/SHOP-8/commits/${testSha(1)}/files`)

  expect([wrong.status, short.status, other.status]).toEqual([404, 400, 404])
  expect(problemSchema.parse(wrong.json()).code).toBe('commit-not-found')
})

test('a refresh tells how many repositories are looked at', async () => {
  const answer = await t.send('POST', `${ISSUE}/refresh`)

  expect([answer.status, answer.json()]).toEqual([202, { repositories: 1 }])
  const [row] = await t.app.db.read.selectFrom('repositories').select('sync_state').execute()
  expect(row?.sync_state).toBe('queued')
})

test('pages of the hosts that make a branch', async () => {
  const offer = createBranchSchema.parse((await t.send('GET', `${ISSUE}/create-branch`)).json())

  expect(offer.branchName).toBe('SHOP-7')
  expect(offer.createBranch).toEqual([
    {
      repository: { id: shop, name: 'acme/shop', url: 'https://gitlab.example.com/acme/shop', host: 'gitlab' },
      url: 'https://gitlab.example.com/acme/shop/-/branches/new?branch_name=SHOP-7',
    },
  ])
  expect((await t.send('GET', `${ISSUE}/create-branch?repository=999`)).status).toBe(404)
})
