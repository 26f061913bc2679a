import { expect, test } from 'vitest'
import type { RepositoryJson } from '../../../src/contract/repository.ts'
import { followSync, toShownSteps, type FollowedSync } from './follow-sync.ts'

const START = '2026-01-01T00:00:00.000Z'

function repository(sync: Partial<RepositoryJson['sync']>): RepositoryJson {
  const progress = { commits: 0, branches: 0, pullRequests: 0, issues: 0 }
  const all = { state: 'running', mode: 'soft', step: null, startedAt: START, finishedAt: null, progress, error: null } as const
  return {
    id: '1',
    accountId: 'acme',
    hostId: '501',
    name: 'acme/shop',
    url: 'https://gitlab.example.com/acme/shop',
    linked: true,
    leftOut: null,
    smartCommits: false,
    smartCommitErrors: 0,
    lastActivity: null,
    sync: { ...all, ...sync },
    webhook: { state: 'live', reason: null },
  }
}

const follow = (...events: [Partial<RepositoryJson['sync']>, number][]) =>
  events.reduce<FollowedSync | null>((before, [sync, at]) => followSync(before, repository(sync), at), null)
const progress = { commits: 12, branches: 1, pullRequests: 0, issues: 3 }

test('a run is told step by step, with what it finds', () => {
  const followed = follow(
    [{ state: 'queued', startedAt: null }, 0],
    [{ step: 'fetching' }, 1_000],
    [{ step: 'history' }, 3_000],
    [{ step: 'history', progress }, 4_000],
    [{ step: 'history', progress }, 5_000],
  )

  expect(followed?.log.map(({ text }) => text)).toEqual([
    'Waits its turn',
    'Fetching from Git',
    'Reading new commits',
    '12 commits, 1 branch, 3 issues',
  ])
})

test('steps know how long they took, those that nobody saw do not', () => {
  const followed = follow([{ step: 'history' }, 1_000], [{ step: 'finishing' }, 4_000])

  expect(followed === null ? null : toShownSteps(followed, 6_000).map(({ step, state, ms }) => [step, state, ms])).toEqual([
    ['fetching', 'done', null],
    ['history', 'done', 3_000],
    ['pull-requests', 'done', null],
    ['finishing', 'current', 2_000],
    ['builds', 'to-come', null],
  ])
})

test('another run begins anew', () => {
  const followed = follow(
    [{ step: 'history', progress }, 1_000],
    [{ step: 'fetching', startedAt: '2026-01-02T00:00:00.000Z' }, 9_000],
  )

  expect(followed?.seen).toEqual({ fetching: 9_000 })
  expect(followed?.log).toHaveLength(1)
})
