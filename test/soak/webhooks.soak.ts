import { expect, test } from 'vitest'
import { killReceiver, pushedBy } from '../kill/kill-receiver.ts'

const KILLS = 50

test('fifty kills -9 while webhooks arrive lose none that was answered', async () => {
  const outcome = await killReceiver(KILLS)

  expect(outcome.answered).toBeGreaterThan(0)
  expect(outcome).toMatchObject({ lost: [], twice: 0, repeated: 200, pending: 0, commits: pushedBy(KILLS) })
}, 900_000)
