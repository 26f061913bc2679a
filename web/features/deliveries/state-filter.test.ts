import { expect, test } from 'vitest'
import { toStateFilter } from './state-filter.ts'

test('an address may ask for what there is', () => {
  expect(toStateFilter('in', 'dead')).toBe('dead')
  expect(toStateFilter('out', 'failed')).toBe('failed')
})

test.each([undefined, '', 'dead', '<script>'])('writes to Jira are never %s: all are shown', (state) => {
  expect(toStateFilter('out', state)).toBe('all')
})
