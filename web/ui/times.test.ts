import { expect, test } from 'vitest'
import { toDuration, toRelativeTime } from './times.ts'

test.each([
  [999, '999 ms'],
  [1_200, '1.2 s'],
  [240_000, '4 min'],
  [3_600_000, '1 h'],
  [7_500_000, '2 h 5 min'],
])('%i ms are told as %s', (ms, text) => {
  expect(toDuration(ms)).toBe(text)
})

test.each([
  [-59, 'just now'],
  [12, 'just now'],
  [20, 'in a few seconds'],
  [-125, '2 minutes ago'],
  [3_700, 'in 1 hour'],
])('%i s from now are told as %s', (seconds, text) => {
  const now = Date.parse('2026-01-01T12:00:00Z')

  expect(toRelativeTime(new Date(now + seconds * 1_000).toISOString(), now)).toBe(text)
})
