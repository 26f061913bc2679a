import { expect, test } from 'vitest'
import { systemClock } from '../lib/clock.ts'
import { within } from './within.ts'

test('is true for what ends in time, and leaves no timer', async () => {
  expect(await within(systemClock, 60_000, Promise.resolve('value'))).toBe(true)
})

test('is false for what takes longer', async () => {
  expect(await within(systemClock, 10, new Promise(() => undefined))).toBe(false)
})

test('rejects as the promise does', async () => {
  await expect(within(systemClock, 1_000, Promise.reject(new Error('broken')))).rejects.toThrow('broken')
})
