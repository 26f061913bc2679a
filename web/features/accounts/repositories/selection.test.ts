import { describe, expect, test } from 'vitest'
import { isSelected, NOTHING, toBulkRequests, toggleRow } from './selection.ts'

const scope = { accountId: 'acme', filter: { text: 'shop', state: 'failing' }, action: { sync: 'full' } } as const

describe('a selection', () => {
  test('holds the rows that were switched on', () => {
    const once = toggleRow(toggleRow(NOTHING, 'a', []), 'b', [])
    const back = toggleRow(once, 'a', [])

    expect([isSelected(once, 'a'), isSelected(back, 'a'), isSelected(back, 'b')]).toEqual([true, false, true])
  })

  test('of all becomes the loaded rows without the one that was switched off', () => {
    const rest = toggleRow({ kind: 'all' }, 'b', ['a', 'b', 'c'])

    expect(rest).toEqual({ kind: 'rows', ids: new Set(['a', 'c']) })
  })
})

describe('bulk requests', () => {
  test('of all carry the filter, whatever is loaded', () => {
    expect(toBulkRequests({ kind: 'all' }, scope)).toEqual([
      { filter: { account: 'acme', q: 'shop', state: 'failing' }, sync: 'full' },
    ])
  })

  test('of rows carry at most 1,000 ids each', () => {
    const ids = new Set(Array.from({ length: 2_001 }, (_, index) => String(index)))

    const requests = toBulkRequests({ kind: 'rows', ids }, scope)

    expect(requests.map(({ ids: some }) => some?.length)).toEqual([1_000, 1_000, 1])
    expect(requests[2]).toEqual({ ids: ['2000'], sync: 'full' })
  })
})
