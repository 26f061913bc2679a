import { expect, test } from 'vitest'
import { toInnerPath } from './inner-path.ts'

test.each([
  ['/accounts?q=x', '/accounts?q=x'],
  ['/issues/SHOP-7', '/issues/SHOP-7'],
])('a path of the connector stays: %s', (next, path) => {
  expect(toInnerPath(next)).toBe(path)
})

test.each([
  'https://evil.example',
  '//evil.example',
  '/\\evil.example',
  '/\t/evil.example',
  'javascript:alert(1)',
  '',
  undefined,
  7,
])('what leads elsewhere leads home: %j', (next) => {
  expect(toInnerPath(next)).toBe('/')
})
