import { expect, test } from 'vitest'
import type { RepositoryJson, SyncEntryJson } from '../../../../src/contract/repository.ts'
import { estimateSync } from './sync-estimate.ts'

const at = (seconds: number) => new Date(seconds * 1_000).toISOString()
const running = (changes: Partial<RepositoryJson['sync']> = {}): RepositoryJson['sync'] => ({
  state: 'running',
  mode: 'full',
  step: 'history',
  startedAt: at(1_000),
  finishedAt: null,
  progress: { commits: 0, branches: 0, pullRequests: 0, issues: 0 },
  error: null,
  ...changes,
})
const entry = (changes: Partial<SyncEntryJson>) =>
  ({ mode: 'full', outcome: 'done', startedAt: at(0), finishedAt: at(100), ...changes }) as SyncEntryJson

test('the last one of the same kind tells how long this one takes', () => {
  const before = [entry({ mode: 'soft', finishedAt: at(1) }), entry({ outcome: 'failed', finishedAt: at(3) }), entry({})]

  expect(estimateSync(running(), before, 1_025_000)).toEqual({ share: 0.25, leftMs: 75_000 })
})

test.each([
  ['there was none', [], 1_025_000],
  ['it takes longer already', [entry({})], 1_200_000],
])('when %s, the step alone tells', (_, before, nowMs) => {
  expect(estimateSync(running(), before, nowMs)).toEqual({ share: 0.3, leftMs: null })
})

test('before its first step nothing is known', () => {
  expect(estimateSync(running({ step: null }), [], 1_001_000)).toEqual({ share: null, leftMs: null })
})
