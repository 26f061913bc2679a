import type { ServerResponse } from 'node:http'
import { gzipSync } from 'node:zlib'
import { afterEach, describe, expect, it } from 'vitest'
import { hostId } from '../../domain/ids.ts'
import type { HostOwner } from '../types.ts'
import answers from './fixtures/answers.json' with { type: 'json' }
import { collect, scriptGitLab, SHOP, TEST_TOKEN, type ScriptedCall, type ScriptedGitLab } from './scripted-gitlab.ts'

const signal = AbortSignal.timeout(60_000)
const ACME: HostOwner = { kind: 'group', hostId: hostId('5'), name: 'acme' }
const ADA: HostOwner = { kind: 'user', hostId: hostId('7'), name: 'ada' }
const ALL: HostOwner = { kind: 'all', hostId: null, name: 'all' }
const GROUP = '/api/v4/groups/5/projects?include_subgroups=true&with_shared=false&order_by=id&sort=asc&per_page=100'
const MEMBERSHIP = '/api/v4/projects?membership=true&pagination=keyset&order_by=id&sort=asc&per_page=100'

let gitlab: ScriptedGitLab | null = null
afterEach(async () => {
  const finished = gitlab
  gitlab = null
  await finished?.finish()
})

async function script(calls: (origin: string) => readonly ScriptedCall[]): Promise<ScriptedGitLab> {
  gitlab = await scriptGitLab(calls)
  return gitlab
}

const projects = (from: number, count: number) =>
  Array.from({ length: count }, (_, index) => ({
    ...answers.projectNew,
    id: from + index,
    path_with_namespace: `acme/r${from + index}`,
  }))
const next = (url: string) => ({ link: `<${url}>; rel="next", <${url}>; rel="first"` })

const cut = (response: ServerResponse) => {
  response.writeHead(200, { 'content-length': 99 }).write('[', () => response.destroy())
}

describe('listRepositories', () => {
  it('reads a group with one request for each hundred', async () => {
    const { connect, seen } = await script((origin) => [
      { path: GROUP, headers: { ...next(`${origin}${GROUP}&page=2`), 'x-total': '103' }, body: projects(1, 100) },
      { path: `${GROUP}&page=2`, headers: { 'x-total': '103' }, body: projects(101, 3) },
    ])
    const found = await collect(connect().listRepositories(ACME, signal))
    expect(found.map(({ hostId: id }) => id)).toEqual(Array.from({ length: 103 }, (_, index) => String(index + 1)))
    expect(seen.map(({ headers }) => headers['private-token'])).toEqual([TEST_TOKEN, TEST_TOKEN])
  })

  it('reads a user', async () => {
    const { connect } = await script(() => [
      { path: '/api/v4/users/7/projects?order_by=id&sort=asc&per_page=100', body: projects(1, 2) },
    ])
    expect(await collect(connect().listRepositories(ADA, signal))).toHaveLength(2)
  })

  it('does not follow the next page that keyset paging names behind the last one', async () => {
    const { connect } = await script((origin) => [
      { path: MEMBERSHIP, headers: next(`${origin}${MEMBERSHIP}&id_after=100`), body: projects(1, 100) },
      { path: `${MEMBERSHIP}&id_after=100`, headers: next(`${origin}${MEMBERSHIP}&id_after=150`), body: projects(101, 50) },
    ])
    expect(await collect(connect().listRepositories(ALL, signal))).toHaveLength(150)
  })

  it('an empty list is a list', async () => {
    const { connect } = await script(() => [{ path: GROUP, body: [] }])
    expect(await collect(connect().listRepositories(ACME, signal))).toEqual([])
  })

  it('works below a relative root', async () => {
    const { connect, origin } = await script((o) => [
      { path: `/gitlab${GROUP}`, headers: next(`${o}/gitlab${GROUP}&page=2`), body: projects(1, 1) },
      { path: `/gitlab${GROUP}&page=2`, body: projects(2, 1) },
    ])
    expect(await collect(connect({ url: `${origin}/gitlab` }).listRepositories(ACME, signal))).toHaveLength(2)
  })

  it('maps answers of new and old versions', async () => {
    const bare = { id: 9, path_with_namespace: 'acme/bare' }
    const off = {
      ...answers.projectNew,
      id: 10,
      repository_access_level: 'disabled',
      merge_requests_access_level: 'disabled',
      archived: 'yes',
      import_status: 'started',
    }
    const { connect, origin } = await script(() => [{ path: GROUP, body: [answers.projectNew, answers.projectOld, bare, off] }])
    const [modern, old, minimal, disabled] = await collect(connect().listRepositories(ACME, signal))
    expect(modern).toEqual({
      hostId: '501',
      path: 'acme/shop',
      webUrl: 'https://gitlab.example.com/acme/shop',
      defaultBranch: 'main',
      lastActivityAt: new Date('2026-03-01T09:00:00Z'),
      archived: false,
      empty: false,
      gitEnabled: true,
      pullRequestsEnabled: true,
      forkOf: null,
      arriving: false,
      deletionScheduled: false,
    })
    expect(old).toMatchObject({
      archived: true,
      pullRequestsEnabled: false,
      forkOf: '3',
      deletionScheduled: true,
      gitEnabled: true,
    })
    expect(minimal).toMatchObject({
      webUrl: `${origin}/acme/bare`,
      defaultBranch: null,
      lastActivityAt: null,
      pullRequestsEnabled: true,
      arriving: false,
    })
    expect(disabled).toMatchObject({ gitEnabled: false, pullRequestsEnabled: false, archived: false, arriving: true })
  })
})

describe('a list that is not complete fails', () => {
  it('when a repository disappears while it is read', async () => {
    const { connect } = await script((origin) => [
      { path: GROUP, headers: { ...next(`${origin}${GROUP}&page=2`), 'x-total': '103' }, body: projects(1, 100) },
      { path: `${GROUP}&page=2`, headers: { 'x-total': '102' }, body: projects(102, 2) },
    ])
    const listed = collect(connect().listRepositories(ACME, signal))
    await expect(listed).rejects.toMatchObject({ code: 'unexpected-answer', retryable: true })
  })

  it.each([
    ['the same next page again', (o: string) => next(`${o}${GROUP}`), projects(1, 1)],
    ['another host', () => next('https://elsewhere.example.com/api/v4/groups/5/projects?page=2'), projects(1, 1)],
    ['another path', (o: string) => next(`${o}/elsewhere?page=2`), projects(1, 1)],
    ['not an address', () => next('http://'), projects(1, 1)],
    ['one wrong item', () => ({}), [...projects(1, 3), { id: 'four' }]],
    ['an object instead of a list', () => ({}), { message: 'x' }],
    ['text instead of JSON', () => ({}), 'Retry later'],
    ['a web page', () => ({ 'content-type': 'text/html' }), '<html>Sign in</html>'],
    ['nothing', () => ({}), ''],
  ] as const)('%s', async (_, headers, body) => {
    const { connect } = await script((origin) => [{ path: GROUP, headers: headers(origin), body }])
    await expect(collect(connect().listRepositories(ACME, signal))).rejects.toMatchObject({ code: 'unexpected-answer' })
  })

  it('when pages repeat under new addresses', async () => {
    const { connect } = await script((origin) => [
      { path: GROUP, headers: next(`${origin}${GROUP}&page=2`), body: projects(1, 100) },
      { path: `${GROUP}&page=2`, headers: next(`${origin}${GROUP}&page=3`), body: projects(1, 100) },
    ])
    await expect(collect(connect().listRepositories(ACME, signal))).rejects.toMatchObject({ code: 'unexpected-answer' })
  })

  it.each([
    [401, { error: 'invalid_token', error_description: 'Token was revoked.' }, {}, 'credentials-refused'],
    [403, { error: 'insufficient_scope', scope: 'api read_api' }, {}, 'scope-missing'],
    [403, { message: '403 Forbidden' }, {}, 'permission-missing'],
    [403, 'Forbidden', {}, 'permission-missing'],
    [404, { message: '404 Group Not Found' }, {}, 'not-found'],
    [405, { error: 'Offset pagination has a maximum allowed offset of 50000' }, {}, 'unexpected-answer'],
    [409, { message: '409 Conflict' }, {}, 'unexpected-answer'],
    [429, 'Retry later', { 'retry-after': '120' }, 'rate-limited'],
    [500, { message: '500 Internal Server Error' }, {}, 'host-unavailable'],
    [503, '<html>', { 'retry-after': '600' }, 'host-unavailable'],
  ] as const)('%s %j on the second page', async (status, body, headers, code) => {
    const { connect } = await script((origin) => [
      { path: GROUP, headers: next(`${origin}${GROUP}&page=2`), body: projects(1, 100) },
      { path: `${GROUP}&page=2`, status, body, headers },
    ])
    const pages: number[] = []
    const read = async () => {
      for await (const page of connect().listRepositories(ACME, signal)) pages.push(page.length)
    }
    await expect(read()).rejects.toMatchObject({ code })
    expect(pages).toEqual([100])
  })

  it.each([
    ['502 for ever', [1, 2, 3].map(() => ({ path: GROUP, status: 502, body: '<html>Bad Gateway</html>' })), 'host-unavailable'],
    ['429 without headers', [1, 2, 3].map(() => ({ path: GROUP, status: 429, body: 'Retry later' })), 'rate-limited'],
    ['a cut body', [1, 2, 3].map(() => ({ path: GROUP, answer: cut })), 'response-cut'],
    [
      'a redirect to another host',
      [{ path: GROUP, status: 302, headers: { location: 'https://elsewhere.example.com/' }, body: '' }],
      'redirect-refused',
    ],
  ] as const)('%s', async (_, calls, code) => {
    const { connect } = await script(() => calls)
    await expect(collect(connect().listRepositories(ACME, signal))).rejects.toMatchObject({ code })
  })

  it('tells when to come back and names the missing scope', async () => {
    const { connect } = await script(() => [
      { path: '/api/v4/projects/1', status: 429, headers: { 'retry-after': '90' }, body: 'Retry later' },
    ])
    const before = Date.now()
    const failure = connect().findRepository(hostId('1'), signal)
    await expect(failure).rejects.toMatchObject({ code: 'rate-limited', retryAt: expect.any(Date) as Date })
    const { retryAt } = (await failure.catch((error: unknown) => error)) as { retryAt: Date }
    expect(Math.round((retryAt.getTime() - before) / 1000)).toBeGreaterThanOrEqual(90)
  })

  it('sends nothing more once the server has closed the budget', async () => {
    const reset = String(Math.floor(Date.now() / 1000) + 300)
    const { connect } = await script(() => [
      {
        path: '/api/v4/projects/1',
        headers: { 'ratelimit-limit': '100', 'ratelimit-remaining': '0', 'ratelimit-reset': reset },
        body: answers.projectNew,
      },
    ])
    const connection = connect()
    await connection.findRepository(hostId('1'), signal)
    await expect(connection.findRepository(hostId('2'), signal)).rejects.toMatchObject({
      code: 'rate-limited',
      retryAt: new Date(Number(reset) * 1000),
    })
  })

  it('never shows the token, even when the server repeats it', async () => {
    const { connect } = await script(() => [
      { path: '/api/v4/projects/1', status: 401, body: { message: `bad token ${TEST_TOKEN}` } },
    ])
    await expect(connect().findRepository(hostId('1'), signal)).rejects.toThrow('[redacted]')
  })
})

describe('findRepository', () => {
  it('follows a moved repository on the same host', async () => {
    const { connect } = await script(() => [
      { path: '/api/v4/projects/501', status: 301, headers: { location: '/api/v4/projects/502' }, body: '' },
      {
        path: '/api/v4/projects/502',
        headers: { 'content-encoding': 'gzip' },
        answer: (response) => {
          response.writeHead(200, { 'content-encoding': 'gzip', 'content-type': 'application/json' })
          response.end(gzipSync(JSON.stringify(answers.projectNew)))
        },
      },
    ])
    expect(await connect().findRepository(hostId('501'), signal)).toMatchObject({ path: 'acme/shop' })
  })

  it('is null for what is gone or hidden', async () => {
    const { connect } = await script(() => [
      { path: '/api/v4/projects/9', status: 404, body: { message: '404 Project Not Found' } },
    ])
    expect(await connect().findRepository(hostId('9'), signal)).toBeNull()
  })
})

describe('findRepositorySize', () => {
  it.each([
    [{ status: 200, body: { ...answers.projectNew, statistics: { repository_size: 4096 } } }, 4096],
    [{ status: 200, body: answers.projectNew }, null],
    [{ status: 403, body: { message: '403 Forbidden' } }, null],
    [{ status: 404, body: { message: '404' } }, null],
  ])('%j', async (answer, expected) => {
    const { connect } = await script(() => [{ path: '/api/v4/projects/501?statistics=true', ...answer }])
    expect(await connect().findRepositorySize(SHOP, signal)).toBe(expected)
  })
})
