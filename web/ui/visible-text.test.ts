import { expect, test } from 'vitest'
import { toVisibleText } from './visible-text.ts'

test.each([
  ['feature/SHOP-7', 'feature/SHOP-7'],
  ['line\nnext\ttab\r\n', 'line\nnext\ttab\n'],
  ['שלום עולם', 'שלום עולם'],
  ['👩‍👩‍👧 می‌خواهم', '👩‍👩‍👧 می‌خواهم'],
  ['main\u202Egnp.exe', 'main[U+202E]gnp.exe'],
  ['ma\u200Bin', 'ma[U+200B]in'],
  ['\u0007bell', '[U+0007]bell'],
  ['', ''],
])('%j reads %j', (text, visible) => {
  expect(toVisibleText(text)).toBe(visible)
})
