import { afterEach, describe, expect, it } from 'vitest'
import { sha } from '../../domain/ids.ts'
import type { HostConnection } from '../types.ts'
import answers from './fixtures/answers.json' with { type: 'json' }
import { collect, scriptGitLab, SHOP, TEST_TOKEN, type ScriptedCall, type ScriptedGitLab } from './scripted-gitlab.ts'

const signal = AbortSignal.timeout(60_000)
const NEW = sha('a'.repeat(40))
const OLD = sha('d'.repeat(40))
const COMMITS = `/api/v4/projects/501/repository/commits?ref_name=${OLD}..${NEW}&per_page=100`

let gitlab: ScriptedGitLab | null = null
afterEach(async () => {
  const finished = gitlab
  gitlab = null
  await finished?.finish()
})
async function connect(calls: (origin: string) => readonly ScriptedCall[] = () => []) {
  gitlab = await scriptGitLab(calls)
  return gitlab.connect()
}

const commit = (digit: string) => ({ ...answers.commit, id: digit.repeat(40) })
const next = (url: string) => ({ link: `<${url}>; rel="next"` })

describe('listBranches', () => {
  it('reads every page', async () => {
    const path = '/api/v4/projects/501/repository/branches?per_page=100'
    const connection = await connect((origin) => [
      { path, headers: next(`${origin}${path}&page_token=x`), body: [answers.branch] },
      { path: `${path}&page_token=x`, body: [{ ...answers.branch, name: 'x/ü#?' }] },
    ])
    const [first, second] = await collect(connection.listBranches(SHOP, signal))
    expect(first).toEqual({ name: 'SHOP-7-cart', head: NEW, headCommittedAt: new Date('2026-02-01T09:00:00Z') })
    expect(second?.name).toBe('x/ü#?')
  })
})

describe('listCommits', () => {
  it('reads a range to a page without a next one', async () => {
    const connection = await connect((origin) => [
      { path: COMMITS, headers: next(`${origin}${COMMITS}&page=2`), body: [commit('a')] },
      { path: `${COMMITS}&page=2`, body: [commit('b')] },
    ])
    const found = await collect(connection.listCommits(SHOP, { include: NEW, exclude: OLD }, signal))
    expect(found.map(({ sha: id }) => id[0])).toEqual(['a', 'b'])
    expect(found[0]).toEqual({
      sha: NEW,
      parentCount: 2,
      message: 'SHOP-7 cart\n\nBody',
      author: { name: 'Ada Example', email: 'ada@example.com' },
      authoredAt: new Date('2026-01-31T09:00:00Z'),
      authorOffsetMinutes: 60,
      committedAt: new Date('2026-02-01T09:00:00Z'),
    })
  })

  it('ends at an empty page, and reads the whole history of one tip', async () => {
    const path = `/api/v4/projects/501/repository/commits?ref_name=${NEW}&per_page=100`
    const connection = await connect((origin) => [
      { path, headers: next(`${origin}${path}&page=2`), body: [commit('a')] },
      { path: `${path}&page=2`, headers: next(`${origin}${path}&page=3`), body: [] },
    ])
    expect(await collect(connection.listCommits(SHOP, { include: NEW, exclude: null }, signal))).toHaveLength(1)
  })

  it('fails when the server ignores the page', async () => {
    const connection = await connect((origin) => [
      { path: COMMITS, headers: next(`${origin}${COMMITS}&page=2`), body: [commit('a')] },
      { path: `${COMMITS}&page=2`, headers: next(`${origin}${COMMITS}&page=3`), body: [commit('a')] },
    ])
    const listed = collect(connection.listCommits(SHOP, { include: NEW, exclude: OLD }, signal))
    await expect(listed).rejects.toMatchObject({ code: 'unexpected-answer' })
  })

  it('accepts SHA-256', async () => {
    const connection = await connect(() => [{ path: COMMITS, body: [{ ...answers.commit, id: 'e'.repeat(64) }] }])
    const [found] = await collect(connection.listCommits(SHOP, { include: NEW, exclude: OLD }, signal))
    expect(found?.sha).toHaveLength(64)
  })
})

const remoteOf = (connection: HostConnection, path: string) =>
  connection.withGitRemote({ ...SHOP, path }, (remote) => Promise.resolve(remote), signal)

describe('addresses', () => {
  it('of Git, without the token in them', async () => {
    const connection = await connect()
    const remote = await remoteOf(connection, 'acme/sub.group/shop')
    expect(remote).toEqual({
      url: `${gitlab?.origin}/acme/sub.group/shop.git`,
      authorization: `Basic ${btoa(`oauth2:${TEST_TOKEN}`)}`,
    })
    expect(connection.pullRequestRef(12)).toBe('refs/merge-requests/12/head')
  })

  it('of Git elsewhere', async () => {
    gitlab = await scriptGitLab(() => [])
    const connection = gitlab.connect({ gitUrl: 'https://git.example.com/x' })
    expect((await remoteOf(connection, 'acme/shop')).url).toBe('https://git.example.com/x/acme/shop.git')
  })

  it('of pages for people', async () => {
    const { links } = await connect()
    expect(links.commit(SHOP, NEW)).toBe(`${SHOP.webUrl}/-/commit/${NEW}`)
    expect(links.branch(SHOP, 'feature/ü #1?')).toBe(`${SHOP.webUrl}/-/tree/feature/%C3%BC%20%231%3F`)
    expect(links.createPullRequest(SHOP, 'feature/a&b')).toBe(
      `${SHOP.webUrl}/-/merge_requests/new?merge_request%5Bsource_branch%5D=feature%2Fa%26b`,
    )
  })
})
