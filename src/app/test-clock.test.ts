import { expect, test } from 'vitest'
import { createTestClock, DAY_MS } from './test-clock.ts'

test('moving the clock wakes those whose time has come, and nobody else', async () => {
  const clock = createTestClock()
  const stop = new AbortController()
  const soon = clock.sleep(DAY_MS)
  const later = clock.sleep(2 * DAY_MS, stop.signal)
  const before = clock.now().getTime()

  clock.advance(DAY_MS)
  await soon
  stop.abort(new Error('stopped'))

  await expect(later).rejects.toThrow('stopped')
  expect(clock.now().getTime() - before).toBeGreaterThanOrEqual(DAY_MS)
})
