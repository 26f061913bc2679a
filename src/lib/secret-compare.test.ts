import { expect, it } from 'vitest'
import { isOneOfSecrets } from './secret-compare.ts'

it.each([
  ['first', ['first', 'second'], true],
  ['second', ['first', 'second'], true],
  ['firs', ['first', 'second'], false],
  ['', ['first'], false],
  ['', [''], false],
  ['x', [], false],
  ['schlüssel', ['schlüssel'], true],
])('%j among %j: %s', (given, secrets, expected) => {
  expect(isOneOfSecrets(given, secrets)).toBe(expected)
})
