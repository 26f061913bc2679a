import { expect, test } from 'vitest'
import { createLatencyLimit } from './latency-limit.ts'

/** Runs a Jira of simulated time: as many requests at once as allowed, each taking what `latencyOf` says. */
function createSimulation(latencyOf: (underWay: number) => number, maxConcurrency = 8) {
  let now = 0
  const limit = createLatencyLimit({ monotonicMs: () => now, maxConcurrency })
  const underWay: { mark: ReturnType<typeof limit.started>; endsAtMs: number }[] = []
  const world = { latencyOf }
  return {
    world,
    limit,
    run(ms: number) {
      for (const end = now + ms; now < end; now += 10) {
        for (const request of underWay.filter(({ endsAtMs }) => endsAtMs <= now)) {
          underWay.splice(underWay.indexOf(request), 1)
          limit.finished(request.mark, true)
        }
        while (underWay.length < limit.concurrency()) {
          underWay.push({ mark: limit.started(), endsAtMs: now + world.latencyOf(underWay.length + 1) })
        }
      }
      return limit.concurrency()
    },
  }
}

test('grows one by one while Jira stays as fast as when idle', () => {
  const { limit, run } = createSimulation(() => 80)

  expect(limit.concurrency()).toBe(2)
  expect(run(2000)).toBeLessThan(5)
  expect(run(10_000)).toBe(8)
})

test('halves within 5 s when the latency doubles, and recovers slowly', () => {
  const { world, run } = createSimulation(() => 80)
  run(12_000)

  world.latencyOf = () => 400
  const after5s = run(5000)
  world.latencyOf = () => 80
  const soon = run(4000)
  const later = run(20_000)

  expect(after5s).toBeLessThanOrEqual(4)
  expect(soon).toBeLessThanOrEqual(4)
  expect(later).toBe(8)
})

test('notices a Jira that hangs before it answers', () => {
  const { world, run } = createSimulation(() => 80)
  run(12_000)

  world.latencyOf = () => 60_000

  expect(run(5000)).toBeLessThanOrEqual(4)
})

test('settles where Jira still carries the load', () => {
  const { run } = createSimulation((underWay) => 100 + Math.max(0, underWay - 4) * 150)
  run(20_000)

  const seen = Array.from({ length: 60 }, () => run(500))

  expect(Math.max(...seen)).toBeLessThanOrEqual(6)
  expect(seen.reduce((sum, one) => sum + one, 0) / seen.length).toBeGreaterThan(2)
})

test('a Jira that is slower for good is not starved for ever', () => {
  const { world, run } = createSimulation(() => 60)
  run(10_000)

  world.latencyOf = () => 500
  run(10_000)
  expect(run(1000)).toBe(1)

  expect(run(90_000)).toBe(8)
})
