import { expect, it } from 'vitest'
import { findLink } from './paging.ts'

it.each([
  ['<https://a.example/?page=2>; rel="next", <https://a.example/?page=1>; rel="first"', 'https://a.example/?page=2'],
  ['<https://a.example/?a=1,2;3>; rel=next', 'https://a.example/?a=1,2;3'],
  ['<https://a.example/?p=1>; rel="first", <https://a.example/?p=3>; title="x, y"; rel="last next"', 'https://a.example/?p=3'],
  ['<https://a.example/?p=1>; rel="prev"', null],
  ['', null],
  ['nonsense', null],
])('%s', (header, expected) => {
  expect(findLink(header, 'next')).toBe(expected)
})
