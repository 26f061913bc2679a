import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { listSchema } from '../contract/page.ts'
import { problemSchema } from '../contract/problem.ts'
import { repositorySchema, syncEntrySchema } from '../contract/repository.ts'
import { setLeftOut, setRepositorySettings } from '../db/stores/repositories.ts'
import { beginSync, endSync } from '../db/stores/sync-state.ts'
import { accountId, type RepositoryId } from '../domain/ids.ts'
import { startTestHttpApp, type TestHttpApp } from './test-http-app.ts'

const pageSchema = listSchema(repositorySchema.strict()).strict()
const NO_PROGRESS = { commits: 0, branches: 0, pullRequests: 0, issues: 0 }

let t: TestHttpApp
let shop: RepositoryId
beforeEach(async () => {
  t = await startTestHttpApp()
  await t.addAccount({ id: accountId('acme') })
  shop = await t.addRepository({ path: 'acme/shop', lastActivityAt: new Date('2026-11-22T09:00:00Z') })
})
afterEach(() => t.dispose())

/** Lets a synchronisation fail. */
async function fail(id: RepositoryId, now = 1_000): Promise<void> {
  await t.app.db.write('interactive', async (tx) => {
    const { entry } = await beginSync(tx, id, { trigger: 'manual', now })
    const problem = { code: 'host-unavailable', message: 'GitLab did not answer.', remedy: 'Wait.' }
    await endSync(tx, id, { entry, outcome: { kind: 'paused', problem, until: null }, progress: NO_PROGRESS, now: now + 500 })
  })
}

const names = async (query: string) => {
  const { items } = pageSchema.parse((await t.send('GET', `/api/v1/repositories?${query}`)).json())
  return items.map(({ name }) => name)
}

describe('reading repositories', () => {
  test('one repository in the shape of the contract', async () => {
    const answer = await t.send('GET', `/api/v1/repositories/${shop}`)

    expect(answer.status).toBe(200)
    expect(answer.json()).toEqual({
      id: shop,
      accountId: 'acme',
      hostId: expect.any(String) as string,
      name: 'acme/shop',
      url: 'https://gitlab.example.com/acme/shop',
      linked: true,
      leftOut: null,
      smartCommits: true,
      smartCommitErrors: 0,
      lastActivity: null,
      sync: { state: 'idle', mode: 'soft', step: null, startedAt: null, finishedAt: null, progress: NO_PROGRESS, error: null },
      webhook: { state: 'off', reason: null },
    })
  })

  test('one that the filter leaves out names the pattern, one that a person unlinked does not', async () => {
    const cart = await t.addRepository({ path: 'acme/cart' })
    await t.app.db.write('interactive', async (tx) => {
      await tx
        .updateTable('accounts')
        .set({ exclude: JSON.stringify(['**/old-*', 'acme/c*']) })
        .execute()
      await setLeftOut(tx, [cart], true)
      await setRepositorySettings(tx, shop, { linked: false })
    })
    const leftOut = 'Left out by the filter "exclude: acme/c*".'

    expect((await t.send('GET', `/api/v1/repositories/${cart}`)).json()).toMatchObject({ linked: false, leftOut })
    const { items } = pageSchema.parse((await t.send('GET', '/api/v1/repositories')).json())
    expect(items.map((item) => [item.name, item.linked, item.leftOut])).toEqual([
      ['acme/shop', false, null],
      ['acme/cart', false, leftOut],
    ])
  })

  test('the list comes in pages', async () => {
    await t.addRepository({ path: 'acme/cart' })
    await t.addRepository({ path: 'acme/blog' })

    const first = pageSchema.parse((await t.send('GET', '/api/v1/repositories?limit=2')).json())
    const second = pageSchema.parse((await t.send('GET', `/api/v1/repositories?limit=2&cursor=${first.next ?? ''}`)).json())

    expect(first.items.map(({ name }) => name)).toEqual(['acme/shop', 'acme/cart'])
    expect(second.items.map(({ name }) => name)).toEqual(['acme/blog'])
    expect(second.next).toBeNull()
  })

  test('filters by account, part of the name, and state; empty ones count as not given', async () => {
    await t.addAccount({ id: accountId('other') })
    await t.addRepository({ path: 'other/my_repo' }, { account: 'other' })
    await t.addRepository({ path: 'other/myXrepo' }, { account: 'other' })
    await fail(shop)

    expect(await names('account=acme')).toEqual(['acme/shop'])
    expect(await names('account=nobody')).toEqual([])
    expect(await names('q=MY_REPO')).toEqual(['other/my_repo'])
    expect(await names('q=%25')).toEqual([])
    expect(await names('state=failing')).toEqual(['acme/shop'])
    expect(await names('state=paused')).toEqual(['acme/shop'])
    expect(await names('state=idle')).toEqual(['other/my_repo', 'other/myXrepo'])
    expect(await names('webhook=off&account=other')).toEqual(['other/my_repo', 'other/myXrepo'])
    expect(await names('webhook=live')).toEqual([])
    expect(await names('account=&q=&state=&webhook=')).toHaveLength(3)
  })

  test.each(['state=sleeping', 'webhook=perhaps', 'limit=1000', 'q=%00', 'account=%00', 'cursor=e30'])(
    'a wrong query: %s',
    async (query) => {
      expect((await t.send('GET', `/api/v1/repositories?${query}`)).status).toBe(400)
    },
  )

  test.each(['0', '9999', 'acme', '1%00', '-1', '99999999999999999999'])('an id that leads nowhere: %s', async (id) => {
    const answer = await t.send('GET', `/api/v1/repositories/${id}`)

    expect(answer.status).toBe(404)
    expect(problemSchema.parse(answer.json()).code).toBe('repository-not-found')
  })
})

describe('the audit log of synchronisations', () => {
  test('newest first, in pages', async () => {
    await fail(shop, 1_000)
    await fail(shop, 2_000)
    const schema = listSchema(syncEntrySchema.strict()).strict()

    const first = schema.parse((await t.send('GET', `/api/v1/repositories/${shop}/syncs?limit=1`)).json())
    const second = schema.parse(
      (await t.send('GET', `/api/v1/repositories/${shop}/syncs?limit=1&cursor=${first.next ?? ''}`)).json(),
    )

    expect(first.items[0]).toMatchObject({
      startedAt: '1970-01-01T00:00:02.000Z',
      outcome: 'failed',
      error: { code: 'host-unavailable' },
    })
    expect(second.items[0]?.startedAt).toBe('1970-01-01T00:00:01.000Z')
    expect(second.next).toBeNull()
  })

  test('a wrong cursor, and no repository', async () => {
    expect((await t.send('GET', `/api/v1/repositories/${shop}/syncs?cursor=x`)).status).toBe(400)
    expect((await t.send('GET', '/api/v1/repositories/9999/syncs')).status).toBe(404)
  })
})

describe('synchronising', () => {
  test('starts in the mode that is asked for, soft without one', async () => {
    const soft = await t.send('POST', `/api/v1/repositories/${shop}/sync`)
    const full = await t.send('POST', `/api/v1/repositories/${shop}/sync?mode=full`)

    expect([soft.status, full.status]).toEqual([202, 202])
    expect(soft.json()).toMatchObject({ sync: { state: 'queued', mode: 'soft' } })
    expect(repositorySchema.strict().parse(full.json()).sync).toMatchObject({ state: 'queued', mode: 'full' })
    expect(await t.app.jobs.stats(t.app.db.read)).toMatchObject({ waiting: 1 })
  })

  test('cancelling takes it from the queue and aborts a running one', async () => {
    await t.send('POST', `/api/v1/repositories/${shop}/sync`)

    const answer = await t.send('DELETE', `/api/v1/repositories/${shop}/sync`)

    expect(answer.status).toBe(200)
    expect(answer.json()).toMatchObject({ sync: { state: 'idle' } })
    expect(t.aborted).toEqual([`sync:${shop}`])
    expect(await t.app.jobs.stats(t.app.db.read)).toMatchObject({ waiting: 0 })
  })

  test('a mode that there is not, no repository, and one that is not linked', async () => {
    const unlinked = await t.addRepository({ path: 'acme/old' }, { linked: false })

    expect((await t.send('POST', `/api/v1/repositories/${shop}/sync?mode=hard`)).status).toBe(400)
    expect((await t.send('POST', '/api/v1/repositories/9999/sync')).status).toBe(404)
    expect((await t.send('DELETE', '/api/v1/repositories/9999/sync')).status).toBe(404)
    const answer = await t.send('POST', `/api/v1/repositories/${unlinked}/sync`)
    expect([answer.status, answer.json()['code']]).toEqual([409, 'repository-not-linked'])
  })
})

describe('changing', () => {
  test('unlinking, linking and smart commits', async () => {
    const unlinked = await t.send('PATCH', `/api/v1/repositories/${shop}`, { body: { linked: false } })
    const linked = await t.send('PATCH', `/api/v1/repositories/${shop}`, { body: { linked: true, smartCommits: false } })

    expect(repositorySchema.strict().parse(unlinked.json())).toMatchObject({ linked: false, smartCommits: true })
    expect(linked.json()).toMatchObject({ linked: true, smartCommits: false, sync: { state: 'queued' } })
  })

  test.each([{ linked: 'yes' }, { smartCommits: null }, { name: 'x' }, []])('a wrong body: %j', async (body) => {
    expect((await t.send('PATCH', `/api/v1/repositories/${shop}`, { body })).status).toBe(400)
  })

  test('no body, no JSON, another content type, no repository', async () => {
    const url = `/api/v1/repositories/${shop}`
    const json = { 'content-type': 'application/json' }

    expect((await t.send('PATCH', url)).status).toBe(400)
    expect((await t.send('PATCH', url, { payload: '{"linked":', headers: json })).status).toBe(400)
    expect((await t.send('PATCH', url, { payload: '{"__proto__":{"linked":true}}', headers: json })).status).toBe(400)
    expect((await t.send('PATCH', url, { payload: '', headers: json })).status).toBe(400)
    expect(
      (await t.send('PATCH', url, { payload: 'linked=true', headers: { 'content-type': 'application/x-www-form-urlencoded' } }))
        .status,
    ).toBe(415)
    expect((await t.send('PATCH', url, { payload: `"${'x'.repeat(2 ** 20)}"`, headers: json })).status).toBe(413)
    expect((await t.send('PATCH', '/api/v1/repositories/9999', { body: { linked: true } })).status).toBe(404)
  })
})
