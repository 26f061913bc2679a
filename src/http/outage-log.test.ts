import { beforeEach, expect, test } from 'vitest'
import { createTestClock, type TestClock } from '../app/test-clock.ts'
import { createLogger } from '../lib/logger.ts'
import { createOutageLog, type OutageLog } from './outage-log.ts'

let lines: { level: unknown; msg: unknown; count?: number; since?: string; account?: string }[]
let clock: TestClock
let outages: OutageLog
beforeEach(() => {
  lines = []
  clock = createTestClock()
  const log = createLogger({
    level: 'debug',
    destination: { write: (line) => void lines.push(JSON.parse(line) as (typeof lines)[number]) },
  })
  outages = createOutageLog({ log, clock, messages: { failed: 'not stored', again: 'stored again' } })
})
const fail = (times: number) => {
  for (let time = 0; time < times; time += 1) outages.failed({ account: 'acme', cause: new Error('disk full') })
}

test('the first failure is told at once, the others together, and once that it works again', () => {
  const since = clock.now()
  fail(1_000)
  expect(lines.map(({ msg, count, account }) => [msg, count, account])).toEqual([['not stored', undefined, 'acme']])

  clock.advance(10_000)
  fail(1_000)
  clock.advance(5_000)
  fail(3)
  expect(lines.slice(1).map(({ msg, count }) => [msg, count])).toEqual([['not stored', 1_000]])
  expect(Math.abs(Date.parse(lines[1]?.since ?? '') - since.getTime())).toBeLessThan(2_000)

  clock.advance(1_000)
  outages.worked()
  outages.worked()
  expect(lines.slice(2).map(({ msg, count }) => [msg, count])).toEqual([['stored again', 2_003]])
})

test('where some fail and some do not, neither line comes for each', () => {
  for (let second = 0; second < 30; second += 1) {
    for (let time = 0; time < 5; time += 1) {
      fail(1)
      outages.worked()
      clock.advance(200)
    }
  }

  expect(lines.map(({ msg }) => msg)).toEqual(['not stored', 'not stored', 'not stored'])
})

test('the next outage begins with a line of its own, and nothing is told where nothing failed', () => {
  outages.worked()
  expect(lines).toEqual([])
  for (let time = 0; time < 2; time += 1) {
    fail(2)
    clock.advance(2_000)
    outages.worked()
  }

  expect(lines.map(({ msg, count }) => [msg, count])).toEqual([
    ['not stored', undefined],
    ['stored again', 2],
    ['not stored', undefined],
    ['stored again', 2],
  ])
})
