import { describe, expect, it } from 'vitest'
import { findTargets, isTargeted } from './sync-target.ts'

const acme = { id: 'acme', name: 'Acme', owner: 'acme', resolvedOwner: null }
const other = { id: 'other', name: 'Other', owner: null, resolvedOwner: null }

describe('findTargets', () => {
  it('means every account when nothing is named', () => {
    expect(findTargets([acme, other], null)).toEqual([
      { account: acme, repository: null },
      { account: other, repository: null },
    ])
  })

  it('splits an account from a repository below it', () => {
    expect(findTargets([acme, other], 'acme/platform/shop')).toEqual([{ account: acme, repository: 'platform/shop' }])
  })

  it('refuses a name that no account has, naming those that there are', () => {
    expect(() => findTargets([acme, other], 'acm')).toThrow(
      expect.objectContaining({ code: 'target-unknown', remedy: expect.stringContaining('acme, other') }),
    )
  })

  it('says what to do without any account', () => {
    expect(() => findTargets([], null)).toThrow(expect.objectContaining({ code: 'no-accounts' }))
  })
})

describe('isTargeted', () => {
  it.each([
    ['acme/platform/shop', true],
    ['platform/shop', true],
    ['acme/platform/shop-2', false],
  ])('takes platform/shop of acme for %s: %s', (path, expected) => {
    expect(isTargeted({ account: acme, repository: 'platform/shop' }, path)).toBe(expected)
  })

  it.each([
    ['acme-group/shop', true],
    ['acme/shop', false],
  ])('takes shop of an owner that is called acme-group today for %s: %s', (path, expected) => {
    const renamed = { ...acme, resolvedOwner: { path: 'acme-group' } }
    expect(isTargeted({ account: renamed, repository: 'shop' }, path)).toBe(expected)
  })
})
