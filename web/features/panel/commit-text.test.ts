import { expect, test } from 'vitest'
import { toColour, toCommitText, toInitial } from './commit-text.ts'

test('one line is all there is to show', () => {
  expect(toCommitText('SHOP-7 fix the total\n')).toEqual({ title: 'SHOP-7 fix the total', whole: null })
})

test('more lines are a click away', () => {
  const message = 'SHOP-7 fix the total\r\n\r\nIt was wrong.\n'

  expect(toCommitText(message)).toEqual({ title: 'SHOP-7 fix the total', whole: 'SHOP-7 fix the total\r\n\r\nIt was wrong.' })
})

test('a line of 32 KiB is cut, between characters', () => {
  const { title, whole } = toCommitText('x'.repeat(239) + '\u{1f600}'.repeat(8_000))

  expect(title).toBe(`${'x'.repeat(239)} …`)
  expect(whole).toHaveLength(239 + 16_000)
})

test('empty lines before the first one do not count; nothing stays nothing', () => {
  expect(toCommitText('\n\n  SHOP-7\n').title).toBe('SHOP-7')
  expect(toCommitText('  \n')).toEqual({ title: '', whole: null })
})

test.each([
  ['ada lovelace', 'A'],
  ['@@renovate[bot]', 'R'],
  ['שרה', 'ש'],
  ['\u202Eevil', 'E'],
  ['', '?'],
])('the avatar of %j shows %j', (name, initial) => {
  expect(toInitial(name)).toBe(initial)
})

test('a name keeps its colour', () => {
  expect(toColour('Ada', 7)).toBe(toColour('Ada', 7))
  expect(toColour('', 7)).toBe(0)
})
