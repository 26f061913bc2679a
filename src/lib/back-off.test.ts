import { expect, it } from 'vitest'
import { backOffMs, parseRetryAfter } from './back-off.ts'

const NOW = new Date('2026-03-01T10:00:00Z')

it.each([
  ['0', 0],
  ['120', 120_000],
  ['Sun, 01 Mar 2026 10:00:05 GMT', 5_000],
  ['Sun, 01 Mar 2026 09:00:00 GMT', 0],
  ['-1', null],
  ['1.5', null],
  ['soon', null],
  ['', null],
  [undefined, null],
])('reads Retry-After %j as %s ms', (value, expected) => {
  expect(parseRetryAfter(value, NOW)).toBe(expected)
})

it('doubles, spreads over the upper half and stops at the maximum', () => {
  const waits = [0, 1, 2, 10].map((attempt) => [
    backOffMs(attempt, { baseMs: 100, maxMs: 1_000, random: () => 0 }),
    backOffMs(attempt, { baseMs: 100, maxMs: 1_000, random: () => 0.999 }),
  ])
  expect(waits).toEqual([
    [50, 100],
    [100, 200],
    [200, 400],
    [500, 1_000],
  ])
})
