import fc from 'fast-check'
import { expect, test } from 'vitest'
import { packRows, readRows, RowPacker, type RowValue } from './packed-rows.ts'

const value = fc.oneof(
  fc.constant(null),
  fc.double({ noNaN: true }).filter((number) => !Object.is(number, -0)),
  fc.integer({ min: Number.MIN_SAFE_INTEGER, max: Number.MAX_SAFE_INTEGER }),
  fc.string({ unit: 'binary', maxLength: 40 }),
)
const row = fc.tuple(value, value, value)

test('rows come back as they were added', () => {
  fc.assert(
    fc.property(fc.array(row, { maxLength: 50 }), (rows) => {
      expect([...readRows(packRows(rows.flat()), 3)]).toEqual(rows)
    }),
  )
})

test('a value longer than all memory reserved so far', () => {
  const texts = ['a', '\u{1F600}'.repeat(200_000), '', 'z'.repeat(3_000_000)]

  expect([...readRows(packRows(texts), 1)].flat()).toEqual(texts)
})

test('what was taken stays as it was while the next rows are gathered', () => {
  const packer = new RowPacker()
  const add = (...values: RowValue[]) => {
    for (const one of values) packer.add(one)
  }
  add('first', 1)
  const first = packer.take()
  add('second, longer', null)
  const second = packer.take()

  expect([...readRows(first, 2)]).toEqual([['first', 1]])
  expect([...readRows(second, 2)]).toEqual([['second, longer', null]])
  expect(packer.take()).toHaveLength(0)
})
