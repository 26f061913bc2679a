import { expect, test } from 'vitest'
import { compareVersions } from './compare-versions.ts'

test.each([
  ['0.1.0', '0.1.0', 0],
  ['0.9.0', '0.10.0', -1],
  ['2.0.0', '1.9.9', 1],
  ['1.0.0.rc-1', '1.0.0', -1],
  ['1.0.0', '1.0.0.rc-1', 1],
  ['1.0.0.rc-2', '1.0.0.rc-10', -1],
  ['1.0.0.rc-1', '0.9.0', 1],
])('%s beside %s: %i', (a, b, order) => {
  expect(Math.sign(compareVersions(a, b) ?? Number.NaN)).toBe(order)
})

test.each(['', 'demo', '1.0', '1.0.0-rc.1', '1.0.0.'])('%j is no version of the app', (version) => {
  expect(compareVersions(version, '1.0.0')).toBeNull()
  expect(compareVersions('1.0.0', version)).toBeNull()
})
