import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { toStorableText } from './storable-text.ts'

describe('toStorableText', () => {
  it.each([
    ['ordinary text', 'Add the cart', 100, 'Add the cart'],
    ['empty text', '', 0, ''],
    ['NUL', 'a\0b\0', 100, 'a\ufffdb\ufffd'],
    ['a lone high surrogate', 'a\ud83db', 100, 'a\ufffdb'],
    ['a lone low surrogate', '\udc00', 100, '\ufffd'],
    ['surrogates in the wrong order', '\udc00\ud83d', 100, '\ufffd\ufffd'],
    ['a pair', '🚀', 4, '🚀'],
    ['exactly the limit', 'abc', 3, 'abc'],
    ['one byte over', 'abcd', 3, 'abc'],
    ['a two-byte character that does not fit', 'aé', 2, 'a'],
    ['a three-byte character that does not fit', 'a修', 3, 'a'],
    ['a pair that does not fit', 'ab🚀', 5, 'ab'],
    ['a replacement that does not fit', 'ab\0', 4, 'ab'],
    ['nothing fits', 'é', 1, ''],
    ['no room at all', 'abc', 0, ''],
  ])('%s', (_name, text, maxBytes, expected) => {
    expect(toStorableText(text, { maxBytes })).toBe(expected)
  })

  const anyText = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.array(fc.constantFrom('\0', 'a', 'é', '修', '🚀', '\ud83d', '\udc00'), { maxLength: 60 }).map((parts) => parts.join('')),
  )
  const limit = fc.nat({ max: 80 })

  it('is within the limit, well formed, without NUL, and survives UTF-8', () => {
    fc.assert(
      fc.property(anyText, limit, (text, maxBytes) => {
        const stored = toStorableText(text, { maxBytes })
        expect(Buffer.byteLength(stored)).toBeLessThanOrEqual(maxBytes)
        expect(stored.isWellFormed()).toBe(true)
        expect(stored).not.toContain('\0')
        expect(Buffer.from(stored).toString()).toBe(stored)
      }),
    )
  })

  it('keeps the longest beginning that fits, and changes nothing the second time', () => {
    fc.assert(
      fc.property(anyText, limit, (text, maxBytes) => {
        const whole = [...toStorableText(text, { maxBytes: 1_000_000 })]
        const stored = toStorableText(text, { maxBytes })
        const kept = [...stored].length
        expect(whole.slice(0, kept).join('')).toBe(stored)
        const withOneMore = whole.slice(0, kept + 1).join('')
        if (kept < whole.length) expect(Buffer.byteLength(withOneMore)).toBeGreaterThan(maxBytes)
        expect(toStorableText(stored, { maxBytes })).toBe(stored)
      }),
    )
  })
})
