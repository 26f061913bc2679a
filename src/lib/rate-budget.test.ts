import { describe, expect, it } from 'vitest'
import type { Clock } from './clock.ts'
import { mapConcurrently } from './map-concurrently.ts'
import { createRateBudget } from './rate-budget.ts'
import { createTokenBucket } from './token-bucket.ts'

const START = Date.parse('2026-03-01T10:00:00Z')
const signal = new AbortController().signal

function createManualClock(): Clock & { sleeps: number[]; advance(ms: number): void } {
  let elapsedMs = 0
  const sleeps: number[] = []
  return {
    sleeps,
    now: () => new Date(START + elapsedMs),
    monotonicMs: () => elapsedMs,
    advance: (ms) => void (elapsedMs += ms),
    sleep: (ms) => Promise.resolve(void sleeps.push(ms)),
  }
}

function headers(limit: number, remaining: number, inSeconds: number): Record<string, string> {
  const reset = String(START / 1000 + inSeconds)
  return { 'ratelimit-limit': String(limit), 'ratelimit-remaining': String(remaining), 'ratelimit-reset': reset }
}

describe('rate budget', () => {
  it('holds nothing back without headers, or with headers that make no sense', async () => {
    const clock = createManualClock()
    const budget = createRateBudget({ clock, host: 'gitlab.example.com' })
    budget.learn(200, {})
    budget.learn(200, { 'ratelimit-limit': 'x', 'ratelimit-remaining': '0', 'ratelimit-reset': '' })
    await budget.admit(signal)
    expect(clock.sleeps).toEqual([])
  })

  it('forgets what it learnt when the clock is set back, as the end of it would be hours away', async () => {
    const clock = createManualClock()
    const budget = createRateBudget({ clock, host: 'gitlab.example.com' })
    budget.learn(429, { ...headers(100, 0, 300), 'retry-after': '300' })
    await expect(budget.admit(signal)).rejects.toMatchObject({ code: 'rate-limited' })
    clock.advance(-30_000)
    await expect(budget.admit(signal)).rejects.toMatchObject({ code: 'rate-limited' })

    clock.advance(-5 * 3_600_000)

    await budget.admit(signal)
    expect([budget.window(), budget.left(), clock.sleeps]).toEqual([null, null, []])
  })

  it('slows down when little is left, and not before', async () => {
    const clock = createManualClock()
    const budget = createRateBudget({ clock, host: 'gitlab.example.com' })
    budget.learn(200, headers(100, 50, 30))
    await budget.admit(signal)
    budget.learn(200, headers(100, 9, 27))
    await budget.admit(signal)
    expect(clock.sleeps).toEqual([3_000])
  })

  it('throws when nothing is left for long, and opens again after the reset', async () => {
    const clock = createManualClock()
    const budget = createRateBudget({ clock, host: 'gitlab.example.com' })
    budget.learn(200, headers(100, 0, 40))
    await expect(budget.admit(signal)).rejects.toMatchObject({
      code: 'rate-limited',
      retryAt: new Date(START + 40_000),
      retryable: true,
    })
    clock.advance(40_000)
    await budget.admit(signal)
    expect(clock.sleeps).toEqual([])
  })

  it('waits when the reset is near', async () => {
    const clock = createManualClock()
    const budget = createRateBudget({ clock, host: 'gitlab.example.com' })
    budget.learn(200, headers(100, 0, 4))
    await budget.admit(signal)
    expect(clock.sleeps).toEqual([4_000])
  })

  it('counts what it admits, whatever order the answers come in', async () => {
    const clock = createManualClock()
    const budget = createRateBudget({ clock, host: 'gitlab.example.com' })
    budget.learn(200, headers(2, 1, 60))
    await budget.admit(signal)
    budget.learn(200, headers(2, 1, 60))
    await expect(budget.admit(signal)).rejects.toMatchObject({ code: 'rate-limited' })
  })

  it.each([
    [{ 'retry-after': '90' }, 90_000],
    [{}, 60_000],
    [headers(100, 50, 20), 20_000],
  ])('a 429 closes it: %j', async (answer, ms) => {
    const clock = createManualClock()
    const budget = createRateBudget({ clock, host: 'gitlab.example.com' })
    budget.learn(429, answer)
    await expect(budget.admit(signal)).rejects.toMatchObject({ retryAt: new Date(START + ms) })
  })
})

it('a token bucket never passes more than its number in a minute', () => {
  const clock = createManualClock()
  const bucket = createTokenBucket({ perMinute: 60, clock })
  const waits = Array.from({ length: 32 }, () => bucket.take())
  expect(waits.slice(29)).toEqual([0, 2_000, 4_000])
  clock.advance(6_000)
  expect(bucket.take()).toBe(0)
})

describe('mapConcurrently', () => {
  it('keeps the order and the limit', async () => {
    let active = 0
    let most = 0
    const results = await mapConcurrently([30, 10, 20], 2, async (ms) => {
      most = Math.max(most, (active += 1))
      await new Promise((resolve) => setTimeout(resolve, ms))
      active -= 1
      return ms
    })
    expect([results, most]).toEqual([[30, 10, 20], 2])
  })

  it('begins nothing after a failure', async () => {
    const begun: number[] = []
    const run = mapConcurrently([1, 2, 3, 4], 1, (n) => {
      begun.push(n)
      return n === 2 ? Promise.reject(new Error('second')) : Promise.resolve(n)
    })
    await expect(run).rejects.toThrow('second')
    expect(begun).toEqual([1, 2])
  })
})
