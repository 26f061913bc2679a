import { expect, test } from 'vitest'
import { createClockSkew } from './clock-skew.ts'
import { systemClock } from './clock.ts'

const START = Date.parse('2026-11-22T10:00:00Z')

/** Our clock, of which the wall can be set; the server's is right. */
function createWorld() {
  let passedMs = 0
  let wrongMs = 0
  const clock = {
    ...systemClock,
    now: () => new Date(START + passedMs + wrongMs),
    monotonicMs: () => 5_000 + passedMs,
  }
  const date = (offMs = 0) => ({ date: new Date(START + passedMs + offMs - 500).toUTCString() })
  return { clock, date, pass: (ms: number) => void (passedMs += ms), set: (ms: number) => void (wrongMs = ms) }
}

test('nothing is known before an answer, nor from one without a date or out of a cache', () => {
  const { clock, date } = createWorld()
  const skew = createClockSkew(clock)

  skew.learn({})
  skew.learn({ date: 'yesterday' })
  skew.learn({ ...date(-3_600_000), age: '3600' })

  expect(skew.estimateMs()).toBeNull()
})

test('the median: single answers that are far off do not count', () => {
  const world = createWorld()
  const skew = createClockSkew(world.clock)
  world.set(90_000)

  for (const offMs of [0, 0, -600_000, 0, 500_000]) {
    skew.learn(world.date(offMs))
    world.pass(10_000)
  }

  expect(Math.abs((skew.estimateMs() ?? 0) - 90_000)).toBeLessThanOrEqual(1_000)
})

test('a clock that is set back between answers shows at once', () => {
  const world = createWorld()
  const skew = createClockSkew(world.clock)
  for (let i = 0; i < 9; i += 1) {
    skew.learn(world.date())
    world.pass(60_000)
  }

  world.set(-7_200_000)

  expect(Math.abs((skew.estimateMs() ?? 0) + 7_200_000)).toBeLessThanOrEqual(1_000)
})

test('old answers are forgotten', () => {
  const world = createWorld()
  const skew = createClockSkew(world.clock)
  for (let i = 0; i < 9; i += 1) skew.learn(world.date(300_000))

  for (let i = 0; i < 9; i += 1) skew.learn(world.date())

  expect(Math.abs(skew.estimateMs() ?? 999_999)).toBeLessThanOrEqual(1_000)
})
