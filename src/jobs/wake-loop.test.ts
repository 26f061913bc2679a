import { expect, test, vi } from 'vitest'
import { systemClock } from '../lib/clock.ts'
import { createWakeLoop } from './wake-loop.ts'

const turnOf = (count: { begun: number; active: number; most: number }) => async () => {
  count.begun += 1
  count.active += 1
  count.most = Math.max(count.most, count.active)
  await systemClock.sleep(5)
  count.active -= 1
}
const counter = () => ({ begun: 0, active: 0, most: 0 })

test('runs one turn at a time, and one more for all who woke it meanwhile', async () => {
  const count = counter()
  const loop = createWakeLoop(systemClock, turnOf(count))

  for (let round = 0; round < 10; round++) loop.wake()
  await loop.quiet()

  expect(count).toEqual({ begun: 2, active: 0, most: 1 })
})

test('wakes after a time; a second one replaces the first', async () => {
  const count = counter()
  const loop = createWakeLoop(systemClock, turnOf(count))

  loop.wakeIn(60_000)
  loop.wakeIn(20)

  await vi.waitFor(() => expect(count.begun).toBe(1))
  await loop.quiet()
})

test('no turn starts after the end', async () => {
  const count = counter()
  const loop = createWakeLoop(systemClock, turnOf(count))
  loop.wakeIn(10)

  loop.end()
  loop.wake()
  loop.wakeIn(0)

  await systemClock.sleep(40)
  expect(count.begun).toBe(0)
})
