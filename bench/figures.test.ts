import { expect, test } from 'vitest'
import { atMost, createReport, highest, median, percentile } from './figures.ts'
import { BENCHMARK_SHAPE, generateHistory } from './history.ts'
import { findIssueKeyCandidates } from '../src/domain/issue-keys.ts'

test('the median is the middle one, or the mean of the two in the middle', () => {
  expect(median([3, 1, 2])).toBe(2)
  expect(median([4, 1, 2, 3])).toBe(2.5)
  expect(median([])).toBeNull()
})

test('a percentile is one of the values', () => {
  expect(percentile([5, 1, 4, 2, 3], 0.5)).toBe(3)
  expect(percentile([5, 1, 4, 2, 3], 1)).toBe(5)
})

test('what could not be measured makes no highest', () => {
  expect(highest([1, 3, 2])).toBe(3)
  expect(highest([1, null])).toBeNull()
})

test('a figure that misses what is asked says so', () => {
  const lines: string[] = []
  const report = createReport((line) => lines.push(line))

  report.add({ benchmark: 'import', name: 'ratio', unit: '×', reached: 2, asked: atMost(1.6) })

  expect(report.figures).toMatchObject([{ reached: 2, asked: { is: 'at most', value: 1.6 }, ok: false }])
  expect(lines.join('')).toContain('MISSED')
})

test('the generated history has the asked shape, and is the same every time', () => {
  const shape = { ...BENCHMARK_SHAPE, commits: 20_000 }
  const commits = [...generateHistory(shape)].filter((entry) => entry.kind === 'commit')
  const keys = commits.map(({ message }) => findIssueKeyCandidates(String(message)))
  const lengths = commits.map(({ message }) => String(message).length)

  expect(commits).toHaveLength(shape.commits)
  expect(new Set(commits.map(({ ref }) => ref)).size).toBe(shape.branches)
  expect(keys.filter((found) => found.length > 0).length / shape.commits).toBeCloseTo(shape.keyed, 1)
  expect(new Set(keys.flat().map((key) => key.slice(0, key.indexOf('-')))).size).toBe(shape.projects)
  expect(commits.filter(({ parents }) => parents.length > 1).length / shape.commits).toBeCloseTo(shape.merges, 1)
  expect(Math.min(...lengths)).toBeGreaterThanOrEqual(shape.shortest - 1)
  expect(Math.max(...lengths)).toBeLessThanOrEqual(shape.longest)
  expect([...generateHistory(shape)]).toEqual([...generateHistory(shape)])
})
