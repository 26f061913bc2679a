import { expect, it } from 'vitest'
import { toShownText } from './shown-text.ts'

it.each([
  [' a\r\n\tb ', 'a b'],
  ['a\u202Eb\u200Dc\0d\u2029e', 'abc d e'],
  ['abcdefghijkl', 'abcdefghij…'],
  ['x🚀🚀🚀🚀🚀🚀', 'x🚀🚀🚀🚀…'],
  ['x\ud83d', 'x\ufffd'],
])('%j is shown as %j', (text, expected) => {
  expect(toShownText(text, { max: 10 })).toBe(expected)
})
