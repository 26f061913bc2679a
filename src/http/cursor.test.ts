import { expect, test } from 'vitest'
import { z } from 'zod'
import { isConnectorError } from '../lib/connector-error.ts'
import { createCursor, cursorNumber, cursorText } from './cursor.ts'

const cursor = createCursor('things', z.tuple([cursorNumber, cursorText]))
const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')

test('gives back what it took, in characters that need no encoding in an address', () => {
  const text = cursor.encode([1_795_433_188_358, 'Ä/ö+?&=#'])

  expect(text).toMatch(/^[A-Za-z0-9_-]+$/)
  expect(cursor.decode(text ?? '')).toEqual([1_795_433_188_358, 'Ä/ö+?&=#'])
})

test('no position is no text, and no text the beginning', () => {
  expect(cursor.encode(null)).toBeNull()
  expect(cursor.decode(undefined)).toBeNull()
})

test.each([
  '',
  'rubbish',
  '%00',
  encode(null),
  encode(['things']),
  encode(['others', [1, 'a']]),
  encode(['things', [1]]),
  encode(['things', ['1', 'a']]),
  encode(['things', [1.5, 'a']]),
  encode(['things', [1e300, 'a']]),
  encode(['things', [1, 'a\0b']]),
])('refuses %j', (text) => {
  expect(() => cursor.decode(text)).toThrow(expect.objectContaining({ code: 'cursor-invalid' }) as Error)
  try {
    cursor.decode(text)
  } catch (error) {
    expect(isConnectorError(error, 'cursor-invalid')).toBe(true)
  }
})
