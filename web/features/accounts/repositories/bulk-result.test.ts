import { expect, test } from 'vitest'
import { addResults, describeResult } from './bulk-result.ts'

const failure = { id: '7', problem: { code: 'forbidden', message: 'No right to the hook.', remedy: 'Give it.' } }

test('several requests count as one action', () => {
  const result = addResults([
    { matched: 1_000, changed: 900, queued: 900, failed: [] },
    { matched: 500, changed: 499, queued: 0, failed: [failure] },
  ])

  expect(result).toEqual({ matched: 1_500, changed: 1_399, queued: 900, failed: [failure] })
})

test('says what became of all, and why the first failed', () => {
  expect(describeResult({ matched: 3, changed: 1, queued: 0, failed: [failure, failure] })).toBe(
    '1 of 3 changed, 2 failed: No right to the hook. (and 1 more) Give it.',
  )
  expect(describeResult({ matched: 1_000, changed: 0, queued: 1_000, failed: [] })).toBe(
    '0 of 1,000 changed, 1,000 to be synchronized.',
  )
})
