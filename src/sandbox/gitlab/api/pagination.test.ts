import { afterEach, beforeEach, expect, it } from 'vitest'
import { fillRepository, startTestGitLab, type TestGitLab } from '../test-setup.ts'

let test: TestGitLab

beforeEach(async () => {
  test = await startTestGitLab()
})
afterEach(() => test.dispose())

const links = (headers: Headers) =>
  Object.fromEntries(
    [...(headers.get('link') ?? '').matchAll(/<([^>]+)>; rel="(\w+)"/g)].map(([, url, rel]) => [rel ?? '', url ?? '']),
  )
const totals = (headers: Headers) =>
  ['x-page', 'x-per-page', 'x-prev-page', 'x-next-page', 'x-total', 'x-total-pages'].map((name) => headers.get(name))

/** Follows `rel="next"` to the end. */
async function walk(path: string): Promise<number[][]> {
  const pages: number[][] = []
  let url: string | undefined = `${test.gitlab.url}/api/v4${path}`
  while (url !== undefined) {
    const response: Response = await fetch(url, { headers: { 'private-token': test.token.value } })
    pages.push(((await response.json()) as { id: number }[]).map(({ id }) => id))
    url = links(response.headers)['next']
  }
  return pages
}

async function addProjects(count: number): Promise<void> {
  for (let index = 0; index < count; index++) await test.gitlab.addProject({ namespace: 'acme', path: `p${index}` })
}

it('tells page, totals and links', async () => {
  await addProjects(4)

  const second = await test.call('/groups/acme/projects?per_page=2&page=2&order_by=id&sort=asc')

  expect(totals(second.headers)).toEqual(['2', '2', '1', '3', '5', '3'])
  expect(Object.keys(links(second.headers))).toEqual(['prev', 'next', 'first', 'last'])
  expect(links(second.headers)['next']).toBe(
    `${test.gitlab.url}/api/v4/groups/acme/projects?per_page=2&page=3&order_by=id&sort=asc`,
  )
})

it('leaves out totals and the last page above the limit', async () => {
  test.gitlab.features.countLimit = 2
  await addProjects(2)

  const first = await test.call('/groups/acme/projects?per_page=1')

  expect(totals(first.headers)).toEqual(['1', '1', '', '2', null, null])
  expect(Object.keys(links(first.headers))).toEqual(['next', 'first'])
})

it('walks by pages and by key to the same projects', async () => {
  await addProjects(5)
  const ids = [0, 1, 2, 3, 4, 5].map((offset) => test.shop.id + offset)

  expect(await walk('/projects?membership=true&order_by=id&sort=asc&per_page=4')).toEqual([ids.slice(0, 4), ids.slice(4)])
  expect(await walk('/projects?membership=true&pagination=keyset&order_by=id&sort=asc&per_page=3')).toEqual([
    ids.slice(0, 3),
    ids.slice(3),
  ])
  expect(await walk('/projects?membership=true&pagination=keyset&order_by=id&per_page=4')).toEqual([
    ids.toReversed().slice(0, 4),
    ids.toReversed().slice(4),
  ])
})

it('keeps keyset lists without totals, and only by id', async () => {
  const keyset = await test.call('/projects?pagination=keyset&order_by=id&sort=asc')

  expect(totals(keyset.headers)).toEqual([null, null, null, null, null, null])
  expect(keyset.headers.get('link')).toBeNull()
  expect((await test.call('/projects?pagination=keyset&order_by=name')).status).toBe(405)
})

it('caps a page at 100 and refuses nonsense', async () => {
  expect((await test.call('/projects?per_page=1000')).headers.get('x-per-page')).toBe('100')
  expect((await test.call('/projects?per_page=0')).status).toBe(400)
  expect((await test.call('/projects?page=abc')).status).toBe(400)
})

it('refuses offsets beyond the limit', async () => {
  expect((await test.call(`/projects/${test.shop.id}/merge_requests?per_page=100&page=501`)).status).toBe(200)
  const beyond = await test.call<{ error: string }>(`/projects/${test.shop.id}/merge_requests?per_page=100&page=502`)
  test.gitlab.features.maxOffset = 0

  expect(beyond.status).toBe(405)
  expect(beyond.json.error).toContain('maximum allowed offset of 50000')
  expect((await test.call(`/projects/${test.shop.id}/merge_requests?per_page=100&page=502`)).status).toBe(200)
})

it('pages commits without totals, and ignores the page with all=true', async () => {
  const first = await test.call(`/projects/${test.shop.id}/repository/commits?per_page=2`)
  const last = await test.call<unknown[]>(`/projects/${test.shop.id}/repository/commits?per_page=2&page=2`)
  const all = await Promise.all(
    [1, 2].map(
      async (page) => (await test.call(`/projects/${test.shop.id}/repository/commits?all=true&per_page=2&page=${page}`)).json,
    ),
  )

  expect(totals(first.headers)).toEqual(['1', '2', '', '2', null, null])
  expect(last.json).toHaveLength(1)
  expect(Object.keys(links(last.headers))).toEqual(['prev', 'first'])
  expect(all[0]).toEqual(all[1])
})

it('continues branches behind a name', async () => {
  for (const name of ['a', 'b', 'c']) await fillRepository(test.gitlab, test.shop, 1, name)
  const names = async (query: string) =>
    (await test.call<{ name: string }[]>(`/projects/${test.shop.id}/repository/branches?${query}`)).json.map(({ name }) => name)

  expect(await names('pagination=keyset&per_page=2')).toEqual(['a', 'b'])
  expect(await names('pagination=keyset&per_page=2&page_token=b')).toEqual(['c', 'main'])
  expect(await names('search=ma')).toEqual(['main'])
})
