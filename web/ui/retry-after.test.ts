import { expect, test } from 'vitest'
import { toWait } from './retry-after.ts'

test.each([
  ['0', 'Try again.'],
  ['1', 'Try again in a second.'],
  ['30', 'Try again in 30 seconds.'],
  ['121', 'Try again in 3 minutes.'],
  ['Fri, 27 Nov 2026 12:00:00 GMT', null],
  [null, null],
])('%s is told as %s', (header, text) => {
  expect(toWait(header)).toBe(text)
})
