import { expect, test } from 'vitest'
import { createFairShare, type FairShare } from './fair-share.ts'

const scheduled = (...parties: string[]) => parties.map((party) => ({ party, priority: 10 }))

/** Who gets the free places, one after the other, while nothing ends. */
function fill(share: FairShare, waiting: Parameters<FairShare['choose']>[0], places: number): (string | null)[] {
  return Array.from({ length: places }, () => {
    const chosen = share.choose(waiting)
    if (chosen !== null) share.begin(chosen)
    return chosen
  })
}

test('one party alone gets every place', () => {
  expect(fill(createFairShare(3), scheduled('a'), 4)).toEqual(['a', 'a', 'a', null])
})

test('two parties get the places by turns', () => {
  expect(fill(createFairShare(4), scheduled('a', 'b'), 4)).toEqual(['a', 'b', 'a', 'b'])
})

test('with one place the party that was served last waits', () => {
  const share = createFairShare(1)
  const served = Array.from({ length: 4 }, () => {
    const chosen = share.choose(scheduled('a', 'b')) ?? ''
    share.begin(chosen)
    share.end(chosen)
    return chosen
  })
  expect(served).toEqual(['a', 'b', 'a', 'b'])
})

test('the last place is kept for others once they are known', () => {
  const share = createFairShare(3)
  share.begin('b')
  share.end('b')
  expect(fill(share, scheduled('a'), 3)).toEqual(['a', 'a', null])
  expect(share.choose(scheduled('a', 'b'))).toBe('b')
})

test('urgency goes before fairness; a rank within a priority is no urgency', () => {
  const share = createFairShare(4)
  share.begin('a')
  const webhook = { party: 'a', priority: 0 }
  expect(share.choose([webhook, { party: 'b', priority: 20 }])).toBe('a')
  expect(
    share.choose([
      { party: 'a', priority: 20 },
      { party: 'b', priority: 9_000 },
    ]),
  ).toBe('b')
  expect(share.choose([])).toBeNull()
})

test('a plan changes nothing', () => {
  const share = createFairShare(1)
  share.copy().begin('a')
  expect(share.choose(scheduled('a'))).toBe('a')
})
