import { expect, test } from 'vitest'
import { toCommitFilter, withPart } from './commit-filter.ts'

test('an address carries a filter', () => {
  expect(toCommitFilter({ repository: 3, account: 'acme', state: 'failed', q: ' SHOP-1 ' })).toEqual({
    repository: '3',
    account: 'acme',
    state: 'failed',
    q: 'SHOP-1',
  })
})

test('what the API would refuse is left out', () => {
  expect(toCommitFilter({ repository: ['a'], account: '', state: 'broken', q: 'a\u0000b', other: 'x' })).toEqual({})
  expect(toCommitFilter({ q: 'x'.repeat(201) })).toEqual({})
})

test('an empty part is taken away, the others stay', () => {
  expect(withPart({ state: 'failed', q: 'a' }, 'q', '')).toEqual({ state: 'failed' })
  expect(withPart({ repository: '3' }, 'state', 'done')).toEqual({ repository: '3', state: 'done' })
})

test('another account is not asked for a repository of the one before', () => {
  expect(withPart({ account: 'acme', repository: '3' }, 'account', 'other')).toEqual({ account: 'other' })
})
