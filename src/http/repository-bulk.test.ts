import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { bulkResultSchema, repositorySummarySchema } from '../contract/repository-bulk.ts'
import { repositorySchema } from '../contract/repository.ts'
import { listSchema } from '../contract/page.ts'
import { problemSchema } from '../contract/problem.ts'
import { accountId } from '../domain/ids.ts'
import { startTestHttpApp, type TestHttpApp } from './test-http-app.ts'

let t: TestHttpApp
beforeEach(async () => {
  t = await startTestHttpApp()
  await t.addAccount({ id: accountId('acme') })
})
afterEach(() => t.dispose())

const bulk = async (body: object) => {
  const answer = await t.send('POST', '/api/v1/repositories/bulk', { body })
  expect(answer.status, answer.text).toBe(200)
  return bulkResultSchema.parse(answer.json())
}
const summary = async (query = '') =>
  repositorySummarySchema.parse((await t.send('GET', `/api/v1/repositories/summary${query}`)).json())
const jobs = async () => new Map([...(await t.app.jobs.statsByName(t.app.db.read))].map(([name, { waiting }]) => [name, waiting]))
const names = async (query: string) => {
  const page = listSchema(repositorySchema).parse((await t.send('GET', `/api/v1/repositories?${query}`)).json())
  return page.items.map(({ name }) => name)
}

describe('many repositories at once', () => {
  test('linking by filter queues synchronisations, and webhooks follow by a sweep', async () => {
    for (const path of ['acme/a', 'acme/b', 'other/c']) await t.addRepository({ path }, { linked: false })
    await t.addRepository({ path: 'acme/d' })

    expect(await bulk({ filter: { q: 'acme/' }, change: { linked: true } })).toEqual({
      matched: 3,
      changed: 2,
      queued: 2,
      failed: [],
    })

    expect(await jobs()).toEqual(
      new Map([
        ['sweep-account', 1],
        ['sync-repository', 2],
      ]),
    )
    expect(await summary()).toMatchObject({ total: 4, linked: 3, unlinked: 1, states: { queued: 2, idle: 1 } })
    expect(await summary('?q=other')).toMatchObject({ total: 1, linked: 0 })
    expect(await names('linked=false')).toEqual(['other/c'])
  })

  test('unlinking ends what waits', async () => {
    const id = await t.addRepository({ path: 'acme/a' })
    await bulk({ ids: [id], sync: 'full' })
    expect((await jobs()).get('sync-repository')).toBe(1)

    expect(await bulk({ ids: [id, id], change: { linked: false } })).toMatchObject({ matched: 1, changed: 1, queued: 0 })

    expect((await jobs()).get('sync-repository')).toBeUndefined()
    expect(await summary()).toMatchObject({ linked: 0 })
  })

  test('what cannot be done is told for each, and the rest is done', async () => {
    const linked = await t.addRepository({ path: 'acme/a' })
    const unlinked = await t.addRepository({ path: 'acme/b' }, { linked: false })

    const result = await bulk({ ids: [linked, unlinked, '999999', 'x'], change: { smartCommits: false }, sync: 'soft' })

    expect(result).toMatchObject({ matched: 2, changed: 2, queued: 1 })
    expect(result.failed.map(({ id, problem }) => `${id} ${problem.code}`).toSorted()).toEqual(
      ['999999 repository-not-found', `${unlinked} repository-not-linked`, 'x repository-not-found'].toSorted(),
    )
  })

  test.each([
    {},
    { ids: [], sync: 'soft' },
    { ids: ['1'] },
    { ids: ['1'], filter: {}, sync: 'soft' },
    { filter: { state: 'odd' }, sync: 'soft' },
    { ids: Array.from({ length: 1_001 }, (_, index) => String(index)), sync: 'soft' },
    { ids: ['1'], change: {} },
  ])('a request that says nothing, or too much: %#', async (body) => {
    const answer = await t.send('POST', '/api/v1/repositories/bulk', { body })

    expect([answer.status, problemSchema.parse(answer.json()).code]).toEqual([400, 'request-invalid'])
  })

  test('ten thousand take a few seconds', async () => {
    const id = Number(await t.addRepository({ path: 'acme/first' }, { linked: false }))
    const { id: _id, ...row } = await t.app.db.read
      .selectFrom('repositories')
      .selectAll()
      .where('id', '=', id)
      .executeTakeFirstOrThrow()
    for (let start = 0; start < 10_000; start += 200) {
      const rows = Array.from({ length: 200 }, (_, index) => {
        const number = start + index
        return { ...row, host_id: `h${number}`, path: `acme/r${number}` }
      })
      await t.app.db.write('background', (tx) => tx.insertInto('repositories').values(rows).execute())
    }
    const began = performance.now()

    expect(await bulk({ filter: {}, change: { linked: true } })).toMatchObject({
      matched: 10_001,
      changed: 10_001,
      queued: 10_001,
    })

    expect(performance.now() - began).toBeLessThan(30_000)
    expect((await summary()).states.queued).toBe(10_001)
  }, 60_000)
})

describe('the list in another order', () => {
  test('pages by name and by activity, and a cursor belongs to its order', async () => {
    const ids: string[] = []
    for (const path of ['acme/b', 'acme/a', 'acme/c']) ids.push(await t.addRepository({ path }))
    await t.app.db.write('interactive', (tx) =>
      tx.updateTable('repositories').set({ last_activity_at: 9 }).where('id', '=', Number(ids[0])).execute(),
    )

    expect(await names('sort=name')).toEqual(['acme/a', 'acme/b', 'acme/c'])
    expect(await names('sort=activity')).toEqual(['acme/b', 'acme/c', 'acme/a'])
    const first = (await t.send('GET', '/api/v1/repositories?sort=name&limit=2')).json<{ next: string }>()
    expect(await names(`sort=name&limit=2&cursor=${first.next}`)).toEqual(['acme/c'])
    const wrong = await t.send('GET', `/api/v1/repositories?sort=activity&cursor=${first.next}`)
    expect([wrong.status, wrong.json()['code']]).toEqual([400, 'cursor-invalid'])
  })
})
