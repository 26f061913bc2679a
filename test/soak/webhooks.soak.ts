import { test } from 'vitest'
import { killReceiver } from '../kill/kill-receiver.ts'

test('fifty kills -9 while webhooks arrive lose none that was answered', () => killReceiver(50), 900_000)
