import { describe, expect, test } from 'vitest'
import type { KeyedBuild } from '../../db/stores/builds.ts'
import type { KeyedPullRequest } from '../../db/stores/pull-requests.ts'
import type { RunState } from '../../domain/development-information.ts'
import { issueKey, sha } from '../../domain/ids.ts'
import type { PullRequestStatus } from '../../domain/pull-request.ts'
import { toBuildEvents, toPullRequestEvents } from './found-events.ts'

const lastRun = new Date('2026-01-10T10:00:00Z')
const before = new Date('2026-01-10T09:00:00Z')
const after = new Date('2026-01-10T11:00:00Z')
const later = new Date('2026-01-10T12:00:00Z')

const pullRequest = (status: PullRequestStatus, createdAt: Date): KeyedPullRequest => ({
  number: 7,
  title: 'Cart',
  status,
  draft: false,
  sourceBranch: 'SHOP-7-cart',
  targetBranch: 'main',
  sourceRepository: null,
  headSha: null,
  url: 'https://gitlab.example.com/acme/shop/-/merge_requests/7',
  author: { name: 'Ann', email: null },
  reviewers: [],
  commentCount: 0,
  createdAt,
  updatedAt: later,
  keys: [issueKey('SHOP-7')],
})

describe('pull requests', () => {
  const events = (statusBefore: PullRequestStatus | null, status: PullRequestStatus, createdAt: Date) =>
    toPullRequestEvents([{ pullRequest: pullRequest(status, createdAt), statusBefore }], lastRun).map(
      ({ event, at }) => `${event} ${at.toISOString()}`,
    )
  const opened = `pull-request-opened ${after.toISOString()}`

  test('one made since the last run was opened, and what it has become follows', () => {
    expect(events(null, 'OPEN', after)).toEqual([opened])
    expect(events(null, 'MERGED', after)).toEqual([opened, `pull-request-merged ${later.toISOString()}`])
    expect(events(null, 'DECLINED', after)).toEqual([opened, `pull-request-declined ${later.toISOString()}`])
  })

  test('an old one that got its key late, or is read again, is no news', () => {
    expect(events(null, 'OPEN', before)).toEqual([])
    expect(events(null, 'MERGED', before)).toEqual([])
  })

  test('a change of status is told once, whatever its age', () => {
    expect(events('OPEN', 'MERGED', before)).toEqual([`pull-request-merged ${later.toISOString()}`])
    expect(events('OPEN', 'DECLINED', before)).toEqual([`pull-request-declined ${later.toISOString()}`])
    expect(events('DECLINED', 'OPEN', before)).toEqual([`pull-request-reopened ${later.toISOString()}`])
    expect(events('MERGED', 'MERGED', before)).toEqual([])
  })
})

describe('builds', () => {
  const build = (state: RunState, createdAt: Date): KeyedBuild => ({
    id: '31',
    number: 31,
    state,
    sha: sha('a'.repeat(40)),
    url: 'https://x/31',
    ref: 'main',
    createdAt,
    updatedAt: later,
    finishedAt: null,
    keys: [issueKey('SHOP-7')],
  })
  const count = (stateBefore: RunState | null, state: RunState, createdAt: Date) =>
    toBuildEvents([{ run: build(state, createdAt), stateBefore }], lastRun).length

  test('one that failed since it was last seen, or is new, has failed; any other has not', () => {
    expect(count('IN_PROGRESS', 'FAILED', before)).toBe(1)
    expect(count(null, 'FAILED', after)).toBe(1)
    expect(count(null, 'FAILED', before)).toBe(0)
    expect(count('FAILED', 'FAILED', before)).toBe(0)
    expect(count('IN_PROGRESS', 'SUCCESSFUL', after)).toBe(0)
  })
})
