import { expect, test } from 'vitest'
import { createTokenEstimate } from './token-estimate.ts'

function told(remaining: number, settings: Partial<Record<'limit' | 'fillRate' | 'intervalSeconds', number>> = {}) {
  const { limit = 70, fillRate = 5, intervalSeconds = 1 } = settings
  return {
    status: 200,
    headers: {
      'x-ausername': 'dvcs-bot',
      'x-ratelimit-limit': String(limit),
      'x-ratelimit-remaining': String(remaining),
      'x-ratelimit-fillrate': String(fillRate),
      'x-ratelimit-interval-seconds': String(intervalSeconds),
    },
  }
}

function createTest() {
  const time = { ms: 1000 }
  return { time, estimate: createTokenEstimate(() => time.ms) }
}

test('asks with one request before anything is known', () => {
  const { estimate } = createTest()

  expect(estimate.available()).toBe(1)
  estimate.sent()
  expect(estimate.available()).toBe(0)
  expect(estimate.waitMs()).toBe(Number.POSITIVE_INFINITY)
})

test('a Jira without a limit sets none', () => {
  const { estimate } = createTest()

  estimate.answered(estimate.sent(), { status: 200, headers: { 'x-ausername': 'dvcs-bot' } })

  expect(estimate.available()).toBe(Number.POSITIVE_INFINITY)
})

test('an anonymous answer says nothing about the limit of the user', () => {
  const { estimate } = createTest()
  estimate.answered(estimate.sent(), told(3))

  estimate.answered(estimate.sent(), { status: 200, headers: { 'x-ausername': 'anonymous' } })

  expect(estimate.available()).toBeLessThanOrEqual(3)
})

test('answers in another order than counted never raise the estimate above the truth', () => {
  const { estimate } = createTest()
  estimate.answered(estimate.sent(), told(10))
  const first = estimate.sent()
  const second = estimate.sent()
  const third = estimate.sent()

  // Jira counted third, second, first: 7 remain.
  estimate.answered(first, told(7))
  expect(estimate.available()).toBeLessThanOrEqual(7)
  estimate.answered(third, told(9))
  expect(estimate.available()).toBeLessThanOrEqual(7)
  estimate.answered(second, told(8))

  expect(estimate.available()).toBe(7)
})

test('takes another program that spends tokens into account', () => {
  const { estimate } = createTest()
  estimate.answered(estimate.sent(), told(50))

  estimate.answered(estimate.sent(), told(2))

  expect(estimate.available()).toBe(2)
})

test('counts a refill only after a whole interval', () => {
  const { estimate, time } = createTest()
  estimate.answered(estimate.sent(), told(0))

  expect(estimate.waitMs()).toBe(1000)
  time.ms += 999
  expect(estimate.available()).toBe(0)
  time.ms += 1
  expect(estimate.available()).toBe(5)
  time.ms += 60_000
  expect(estimate.available()).toBe(70)
})

test('a 429 pauses for as long as it says', () => {
  const { estimate, time } = createTest()
  estimate.answered(estimate.sent(), told(0))

  estimate.pause(7000)

  expect(estimate.waitMs()).toBe(7000)
  time.ms += 7000
  expect(estimate.available()).toBeGreaterThan(0)
})
