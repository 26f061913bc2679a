import { expect, test } from 'vitest'
import { toDuration } from './times.ts'

test.each([
  [999, '999 ms'],
  [1_200, '1.2 s'],
  [240_000, '4 min'],
  [3_600_000, '1 h'],
  [7_500_000, '2 h 5 min'],
])('%i ms are told as %s', (ms, text) => {
  expect(toDuration(ms)).toBe(text)
})
