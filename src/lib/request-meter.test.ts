import { setImmediate } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { createRequestMeter } from './request-meter.ts'

test('pieces of work beside each other count apart, also after they waited', async () => {
  const meter = createRequestMeter()
  const [first, second] = [{ requests: 0 }, { requests: 0 }]
  const work = async (times: number) => {
    for (let index = 0; index < times; index += 1) {
      await setImmediate()
      meter.note()
    }
  }

  await Promise.all([meter.run(first, () => work(3)), meter.run(second, () => work(5))])
  meter.note()

  expect([first, second]).toEqual([{ requests: 3 }, { requests: 5 }])
})
