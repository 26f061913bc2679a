import { test } from 'vitest'
import { killReceiver } from './kill-receiver.ts'

test('kills -9 while webhooks arrive lose none that was answered', () => killReceiver(5), 120_000)
