import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { originalRepositoriesSchema, originalRepositorySchema } from '../contract/original-repository.ts'
import { beginSync, endSync } from '../db/stores/sync-state.ts'
import { raiseLastActivity } from '../db/stores/import-marks.ts'
import { accountId, hostId, type RepositoryId } from '../domain/ids.ts'
import { startTestHttpApp, type TestHttpApp } from './test-http-app.ts'

const ROOT = '/rest/bitbucket/1.0'

let t: TestHttpApp
let shop: RepositoryId
beforeEach(async () => {
  t = await startTestHttpApp()
  await t.addAccount({ id: accountId('acme') })
  shop = await t.addRepository({ path: 'acme/platform/shop', hostId: hostId('501') })
})
afterEach(() => t.dispose())

describe('reading', () => {
  test('one repository in the shape of the original', async () => {
    const progress = { commits: 12, branches: 2, pullRequests: 3, issues: 5 }
    await t.app.db.write('interactive', async (tx) => {
      const { entry } = await beginSync(tx, shop, { trigger: 'manual', now: 1_000 })
      await endSync(tx, shop, { entry, outcome: { kind: 'done' }, progress, now: 2_000 })
      await raiseLastActivity(tx, shop, 500)
    })

    const answer = await t.send('GET', `${ROOT}/repository/${shop}`)

    expect(answer.status).toBe(200)
    const repository = originalRepositorySchema.strict().parse(answer.json())
    expect(repository).toMatchObject({
      id: Number(shop),
      organizationId: 'acme',
      dvcsType: 'gitlab',
      slug: 'shop',
      name: 'shop',
      owner: 'acme/platform',
      repositoryUrl: 'https://gitlab.example.com/acme/platform/shop',
      lastActivityDate: 500,
      activityLastSync: 2_000,
      linked: true,
      deleted: false,
      smartcommitsEnabled: true,
      fork: false,
      forkOf: null,
      sync: { finished: true, startTime: 1_000, finishTime: 2_000, softsync: true, error: null },
    })
  })

  test('all of them, forks with their origin, with and without the slash at the end', async () => {
    await t.addRepository({ path: 'mia/shop', hostId: hostId('502'), forkOf: hostId('501') })

    const answer = await t.send('GET', `${ROOT}/repositories/`)
    const plain = await t.send('GET', `${ROOT}/repositories`)

    const { repositories } = originalRepositoriesSchema.strict().parse(answer.json())
    expect(repositories.map(({ slug, owner, fork }) => [owner, slug, fork])).toEqual([
      ['acme/platform', 'shop', false],
      ['mia', 'shop', true],
    ])
    expect(repositories[1]?.forkOf).toEqual({
      slug: 'shop',
      name: 'shop',
      owner: 'acme/platform',
      repositoryUrl: 'https://gitlab.example.com/acme/platform/shop',
    })
    expect(repositories[0]?.sync).toBeNull()
    expect(plain.text).toBe(answer.text)
  })

  test('an unknown one is no content', async () => {
    const answer = await t.send('GET', `${ROOT}/repository/9999`)

    expect([answer.status, answer.text]).toEqual([204, ''])
  })
})

describe('synchronising', () => {
  const syncOf = async () => originalRepositorySchema.parse((await t.send('GET', `${ROOT}/repository/${shop}`)).json()).sync

  test.each([
    ['no body', {}],
    ['a form', { payload: 'payload=%7B%7D', headers: { 'content-type': 'application/x-www-form-urlencoded' } }],
    ['JSON that is none', { payload: '{', headers: { 'content-type': 'application/json' } }],
  ])('sync with %s answers 200 without a body', async (_name, more) => {
    const answer = await t.send('POST', `${ROOT}/repository/${shop}/sync`, more)

    expect([answer.status, answer.text]).toEqual([200, ''])
    expect(await syncOf()).toMatchObject({ finished: false, softsync: true })
  })

  test.each([
    ['softsync', true],
    ['fullsync', false],
  ])('%s leads to the repository, below the public path', async (name, softsync) => {
    const answer = await t.send('POST', `${ROOT}/repository/${shop}/${name}`)

    expect(answer.status).toBe(303)
    expect(answer.headers['location']).toBe(`/connector/rest/bitbucket/1.0/repository/${shop}`)
    expect(await syncOf()).toMatchObject({ finished: false, softsync })
  })

  test.each(['sync', 'softsync', 'fullsync'])("%s of none says so in the original's words too", async (name) => {
    const answer = await t.send('POST', `${ROOT}/repository/9999/${name}`)

    expect(answer.status).toBe(404)
    expect(answer.json()).toMatchObject({
      'status-code': 404,
      message: 'There is no repository 9999.',
      code: 'repository-not-found',
    })
  })

  test('an unlinked one is not synchronised', async () => {
    const old = await t.addRepository({ path: 'acme/old' }, { linked: false })

    expect((await t.send('POST', `${ROOT}/repository/${old}/softsync`)).status).toBe(409)
  })
})
