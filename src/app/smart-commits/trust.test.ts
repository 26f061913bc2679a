import { expect, test } from 'vitest'
import { trustFor } from './trust.ts'

const account = { smartCommitTrust: 'author' } as const
const store = { key: 'STORE', otherKeys: ['SHOP', 'MART', 'STORE'] }

test.each([
  [{}, 'author'],
  [{ OTHER: 'off' }, 'author'],
  [{ STORE: 'verified' }, 'verified'],
  [{ SHOP: 'off' }, 'off'],
  [{ SHOP: 'verified', MART: 'off' }, 'off'],
  [{ SHOP: 'author', MART: 'verified' }, 'verified'],
  [{ SHOP: 'off', STORE: 'author' }, 'author'],
] as const)('of a project that was called SHOP and MART, %j says %s', (levels, expected) => {
  expect(trustFor(account, levels, store)).toBe(expected)
})

test('the level of the account counts where nothing is said, and names of objects are no projects', () => {
  expect(trustFor({ smartCommitTrust: 'verified' }, {}, { key: 'toString', otherKeys: ['constructor'] })).toBe('verified')
})
