import { describe, expect, test } from 'vitest'
import { matchesGlob } from './glob.ts'
import { toNoise } from './noise.ts'

describe('glob', () => {
  test.each([
    ['renovate/*', 'renovate/lodash-4.x', true],
    ['renovate/*', 'feature/renovate/x', false],
    ['*[bot]', 'dependabot[bot]', true],
    ['*[bot]', 'dependabot[bot] ', false],
    ['Ann ?mber', 'ann ember', true],
    ['a*b*c', 'a--b--b--c', true],
    ['a*b*c', 'a--b--c--d', false],
    ['*', '', true],
    ['?', '', false],
    ['**', 'x', true],
    ['a.c', 'abc', false],
    ['*ÄÖ*', 'x äö y', true],
  ])('%s on "%s": %s', (pattern, text, expected) => {
    expect(matchesGlob(pattern, text)).toBe(expected)
  })

  test('many stars on a long text that does not match cost no more than one after the other', () => {
    const began = performance.now()

    expect(matchesGlob(`${'*a'.repeat(240)}b`, 'a'.repeat(20_000))).toBe(false)

    expect(performance.now() - began).toBeLessThan(2_000)
  })
})

describe('noise', () => {
  const commit = { authorName: 'Renovate Bot', authorEmail: 'bot@example.com', merge: false }
  const request = { authorName: 'Ann', authorEmail: null, status: 'OPEN', sourceBranch: 'topic' }

  test('nothing is noise by default', () => {
    const noise = toNoise([])

    expect([noise.ofCommits, noise.commit(commit), noise.branch('main'), noise.pullRequest(request)]).toEqual([
      false,
      false,
      false,
      false,
    ])
  })

  test('a glob is compared with names, addresses and branches', () => {
    expect(toNoise(['renovate*']).commit(commit)).toBe(true)
    expect(toNoise(['bot@*']).commit(commit)).toBe(true)
    expect(toNoise(['renovate/*']).branch('renovate/x')).toBe(true)
    expect(toNoise(['renovate/*']).pullRequest({ ...request, sourceBranch: 'renovate/x' })).toBe(true)
    expect(toNoise(['ann']).pullRequest(request)).toBe(true)
  })

  test('a prefix limits it', () => {
    expect(toNoise(['branch:renovate*']).commit(commit)).toBe(false)
    expect(toNoise(['branch:renovate*']).ofCommits).toBe(false)
    expect(toNoise(['author:renovate*']).branch('renovate/x')).toBe(false)
    expect(toNoise(['author:renovate*']).commit(commit)).toBe(true)
  })

  test('merges and declined requests are named by words', () => {
    const noise = toNoise(['merge-commits', 'declined'])

    expect(noise.commit({ ...commit, merge: true })).toBe(true)
    expect(noise.commit(commit)).toBe(false)
    expect(noise.pullRequest({ ...request, status: 'DECLINED' })).toBe(true)
    expect(noise.pullRequest(request)).toBe(false)
    expect(noise.branch('declined')).toBe(false)
  })
})
