import { expect, test } from 'vitest'
import { toRunFilter } from './run-filter.ts'

test('an address carries a filter', () => {
  expect(toRunFilter({ rule: 3, state: 'failed', issue: 'SHOP-1' })).toEqual({ rule: '3', state: 'failed', issue: 'SHOP-1' })
})

test('what the API would refuse is left out', () => {
  expect(toRunFilter({ rule: ['a'], state: 'broken', issue: 'shop', other: 'x' })).toEqual({})
})
