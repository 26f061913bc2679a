import { expect, test } from 'vitest'
import { splitDeliveries } from './split-deliveries.ts'

test('a delivery that is named is found', () => {
  expect(splitDeliveries('the webhook in-12, received at noon')).toEqual([
    { part: 'the ', delivery: false },
    { part: 'webhook ', delivery: false },
    { part: 'in-12', delivery: true },
    { part: ', received at noon', delivery: false },
  ])
  expect(splitDeliveries('Last write: out-3 (property)').find(({ delivery }) => delivery)?.part).toBe('out-3')
})

test.each(['It names SHOP-1 in its message.', 'branch in-12', 'webhook in-12-fix', ''])('nothing is named in "%s"', (text) => {
  expect(splitDeliveries(text).filter(({ delivery }) => delivery)).toEqual([])
})
