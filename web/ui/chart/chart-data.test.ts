import { expect, test } from 'vitest'
import {
  describePoint,
  describeSeries,
  findLonePoints,
  isEmptyChart,
  movePoint,
  toColumns,
  toTimeLabels,
  type ChartSeries,
} from './chart-data.ts'

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

test('what a chart says at one of its times', () => {
  const chart = { times, series: [series('done', [3, 0]), series('lag', [null, 2])], format: String, formatTime: () => '10:00' }

  expect(describePoint(chart, 0)).toBe('10:00: done 3, lag –')
})

test('a point that no line leads to', () => {
  expect(findLonePoints([1, null, 2, 3, null, 4])).toEqual([0, 5])
  expect(findLonePoints([null, 7])).toEqual([1])
  expect(findLonePoints([1, 2])).toEqual([])
})

test('keys go from point to point and stop at the ends', () => {
  expect(['ArrowLeft', 'ArrowRight', 'Home', 'End', 'a'].map((key) => movePoint(key, null, 3))).toEqual([2, 2, 0, 2, null])
  expect(movePoint('ArrowLeft', 0, 3)).toBe(0)
  expect(movePoint('ArrowRight', 2, 3)).toBe(2)
  expect(movePoint('ArrowRight', 0, 3)).toBe(1)
})

test('an axis names the day, or the year, where it begins', () => {
  const start = new Date(2026, 0, 1, 18).getTime() / 1_000
  const lines = (labels: readonly string[]) => labels.map((label) => label.split('\n').length)

  expect(lines(toTimeLabels([start, start + 3_600, start + 8 * 3_600]))).toEqual([2, 1, 2])
  expect(lines(toTimeLabels([start, start + 31 * 86_400]))).toEqual([2, 1])
  expect(lines(toTimeLabels([start - 7 * 86_400, start]))).toEqual([2, 2])
})
