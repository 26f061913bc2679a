import { expect, test } from 'vitest'
import { toExpiry } from './expiry.ts'

test('days from now, or never', () => {
  const now = Date.parse('2026-01-01T00:00:00Z')

  expect(toExpiry('30', now)).toBe('2026-01-31T00:00:00.000Z')
  expect(toExpiry('never', now)).toBeNull()
})
