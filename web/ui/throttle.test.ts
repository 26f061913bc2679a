import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { createThrottle } from './throttle.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

test('many calls are one at once and one at the end of the time', () => {
  const run = vi.fn<() => void>()
  const throttle = createThrottle(run, 2_000)

  for (let count = 0; count < 50; count += 1) throttle.call()

  expect(run).toHaveBeenCalledTimes(1)
  vi.advanceTimersByTime(2_000)
  expect(run).toHaveBeenCalledTimes(2)
  throttle.call()
  expect(run).toHaveBeenCalledTimes(2)
  vi.advanceTimersByTime(10_000)
  expect(run).toHaveBeenCalledTimes(3)
})

test('nothing runs after it was stopped', () => {
  const run = vi.fn<() => void>()
  const throttle = createThrottle(run, 2_000)
  throttle.call()
  throttle.call()

  throttle.stop()
  vi.advanceTimersByTime(10_000)

  expect(run).toHaveBeenCalledTimes(1)
})
