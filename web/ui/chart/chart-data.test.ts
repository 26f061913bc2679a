import { expect, test } from 'vitest'
import { describeSeries, isEmptyChart, toColumns, type ChartSeries } from './chart-data.ts'

const times = ['2026-01-01T00:00:00Z', '2026-01-01T01:00:00Z']
const series = (label: string, values: (number | null)[]): ChartSeries => ({ label, tone: 'brand', values })

test('bars stand on each other, the highest first', () => {
  const columns = toColumns({ times, kind: 'bars', series: [series('done', [3, 0]), series('failed', [1, null])] })

  expect(columns).toEqual([
    [1_767_225_600, 1_767_229_200],
    [4, 0],
    [3, 0],
  ])
})

test('lines keep their gaps', () => {
  expect(toColumns({ times, kind: 'lines', series: [series('p50', [null, 2])] })[1]).toEqual([null, 2])
})

test('a series is told in a sentence', () => {
  expect(describeSeries(series('p50', [null, 2, 8, 4]), (value) => `${value} s`)).toBe('p50: between 2 s and 8 s, last 4 s')
  expect(describeSeries(series('p50', [null]), String)).toBe('p50: nothing measured')
})

test('nothing but zeros is nothing to draw', () => {
  expect(isEmptyChart([series('a', [0, null]), series('b', [])])).toBe(true)
  expect(isEmptyChart([series('a', [0, 1])])).toBe(false)
})
