import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { DevelopmentInformation } from '../domain/development-information.ts'
import { ago, developmentExample } from './fixtures/test-development.ts'
import { toIssueProperty } from './issue-property.ts'
import { toPropertyText, toPropertyUrl } from './property-text.ts'

interface Parsed {
  summary: DevelopmentInformation['summary']
  asOf: string
  panelUrl: string
  truncated?: boolean
  repositories?: {
    name: string
    commits: { message: string; author?: { name: string } }[]
    pullRequests: unknown[]
    branches: unknown[]
    builds: object[]
    deployments: unknown[]
  }[]
}

const parse = (json: string) => JSON.parse(json) as Parsed

/** As the example, with `count` commits of about 600 bytes. */
function busy(count: number): DevelopmentInformation {
  const info = developmentExample()
  const [shop, website] = info.repositories
  if (shop === undefined || website === undefined || shop.commits[0] === undefined) throw new Error('the example has changed')
  const commit = { ...shop.commits[0], message: 'SHOP-7 long\n\n'.padEnd(300, 'words ') }
  const commits = Array.from({ length: count }, (_, index) => ({ ...commit, authoredAt: ago(index) }))
  return {
    ...info,
    summary: { ...info.summary, commits: count + website.commits.length },
    repositories: [{ ...shop, commits }, website],
  }
}

test('full tells everything but e-mail addresses', () => {
  const { json, truncated } = toIssueProperty(developmentExample(), { level: 'full' })

  const value = parse(json)
  expect(truncated).toBe(false)
  expect(value).not.toHaveProperty('truncated')
  expect(value.summary).toEqual(developmentExample().summary)
  expect(value.panelUrl).toBe('https://dvcs.example.com/issues/SHOP-7')
  expect(value.repositories?.map(({ commits }) => commits.length)).toEqual([12, 2])
  expect(value.repositories?.[0]?.commits[0]?.author).toEqual({ name: 'Ben Meyer' })
  expect(json).not.toContain('@')
})

test('a build tells of its jobs where they were counted, and else keeps its shape', () => {
  const info = developmentExample()
  const [shop, ...others] = info.repositories
  const [build] = shop?.builds ?? []
  if (shop === undefined || build === undefined) throw new Error('the example has changed')
  const jobs = { total: 14, successful: 12, failed: 1 }
  const builds = [
    { ...build, jobs },
    { ...build, jobs: null },
  ]

  const { json } = toIssueProperty({ ...info, repositories: [{ ...shop, builds }, ...others] }, { level: 'titles' })

  const [counted, other] = parse(json).repositories?.[0]?.builds ?? []
  expect(counted).toMatchObject({ jobs })
  expect(Object.keys(other ?? {})).toEqual(['id', 'number', 'state', 'ref', 'url', 'finishedAt'])
})

test('addresses in messages, titles and names are left out too', () => {
  const info = developmentExample()
  const [shop] = info.repositories
  const commit = shop?.commits[0]
  if (shop === undefined || commit === undefined) throw new Error('the example has changed')
  const message = 'SHOP-7 fix\n\nSigned-off-by: Ann <ann.lee@example.com>\nsee git@example.com:acme/shop.git'
  const hostile = { ...shop, commits: [{ ...commit, message, author: { name: 'ann.lee@example.com', email: null } }] }

  const { json } = toIssueProperty({ ...info, repositories: [hostile] }, { level: 'full' })

  expect(json).not.toContain('@')
  expect(json).toContain('Signed-off-by: Ann <…>')
  expect(parse(json).repositories?.[0]?.commits[0]?.author?.name).toBe('ann.lee')
})

test('titles tells no people and no bodies', () => {
  const { json } = toIssueProperty(developmentExample(), { level: 'titles' })

  expect(json).toContain('SHOP-7 remove the voucher from the total')
  expect(json).not.toMatch(/kept in the session|Ann|Ben|Chris|total\.ts/)
})

test('counts tells the summary only', () => {
  const { json } = toIssueProperty(developmentExample(), { level: 'counts' })

  expect(Object.keys(parse(json))).toEqual(['issue', 'asOf', 'panelUrl', 'summary'])
})

test('fills up fairly with the newest of every kind', () => {
  const { json, truncated } = toIssueProperty(busy(100), { level: 'full' })

  const value = parse(json)
  const all = (kind: 'pullRequests' | 'branches' | 'builds' | 'deployments' | 'commits') =>
    value.repositories?.flatMap((repository) => repository[kind]).length
  expect(truncated).toBe(true)
  expect(value.truncated).toBe(true)
  expect(value.summary.commits).toBe(102)
  expect([all('branches'), all('pullRequests'), all('builds'), all('deployments')]).toEqual([2, 3, 4, 2])
  expect(all('commits')).toBeGreaterThan(35)
  expect(Buffer.byteLength(json)).toBeLessThanOrEqual(32_000)
  expect(Buffer.byteLength(json)).toBeGreaterThan(31_000)
})

test('never exceeds its size, whatever the text', () => {
  const inputs = [fc.string({ unit: 'binary', maxLength: 3000 }), fc.integer({ min: 2000, max: 33_000 })] as const
  const property = fc.property(...inputs, (text, maxBytes) => {
    const info = busy(30)
    const repositories = info.repositories.map((one) => ({
      ...one,
      commits: one.commits.map((commit) => ({ ...commit, message: text })),
    }))
    const { json } = toIssueProperty({ ...info, repositories }, { level: 'full', maxBytes })
    expect(Buffer.byteLength(json)).toBeLessThanOrEqual(maxBytes)
    expect(parse(json).summary.branches).toBe(2)
  })

  fc.assert(property, { numRuns: 60 })
})

test('a thousand environments do not drown the rest', () => {
  const info = developmentExample()
  const environments = Array.from({ length: 1000 }, (_, index) => `review/${'x'.repeat(300)}${index}`)

  const { json, truncated } = toIssueProperty(
    { ...info, summary: { ...info.summary, deployments: { environments } } },
    { level: 'full' },
  )

  expect(truncated).toBe(true)
  expect(Buffer.byteLength(json)).toBeLessThanOrEqual(32_000)
})

test('the hash ignores when it was made and nothing else', () => {
  const info = developmentExample()
  const hashOf = (changes: Partial<DevelopmentInformation>) =>
    toIssueProperty({ ...info, ...changes }, { level: 'full' }).contentHash

  expect(hashOf({ asOf: '2030-01-01T00:00:00Z' })).toBe(hashOf({}))
  expect(hashOf({ panelUrl: 'https://new.example.com/issues/SHOP-7' })).not.toBe(hashOf({}))
  expect(toIssueProperty(info, { level: 'titles' }).contentHash).not.toBe(hashOf({}))
})

test('text fits databases with three-byte characters and shows as what it is', () => {
  expect(toPropertyText('ok 漢 é\n\tnext')).toBe('ok 漢 é\n\tnext')
  expect(toPropertyText('party 🎉\u0000\u0007 \ud800 \u202Egpj.exe')).toBe('party \uFFFD \uFFFD gpj.exe')
})

test('only http addresses stay, without credentials', () => {
  expect(toPropertyUrl('https://u:p@example.com/ä b')).toBe('https://example.com/%C3%A4%20b')
  expect(['javascript:alert(1)', 'data:text/html,x', '/relative', ''].map(toPropertyUrl)).toEqual(['', '', '', ''])
})
