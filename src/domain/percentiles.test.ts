import { expect, test } from 'vitest'
import { toPercentiles } from './percentiles.ts'

test('by nearest rank, whatever the order', () => {
  const samples = Array.from({ length: 100 }, (_, index) => 100 - index)

  expect(toPercentiles(samples)).toEqual({ p50: 50, p95: 95, max: 100, samples: 100 })
  expect(toPercentiles([7])).toEqual({ p50: 7, p95: 7, max: 7, samples: 1 })
  expect(toPercentiles([])).toBeNull()
})
