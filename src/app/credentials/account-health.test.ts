import { expect, test } from 'vitest'
import type { TokenExpiry } from '../../domain/token-expiry.ts'
import { toHealth } from './account-health.ts'

const now = new Date('2026-11-22T10:00:00Z')
const ends = (credential: TokenExpiry['credential'], day: string): TokenExpiry => ({ credential, expiresAt: new Date(day) })

test.each([
  ['nothing known', [], null, 'ok', undefined],
  ['a token that never ends', [{ credential: 'token', expiresAt: null }], 0, 'ok', undefined],
  ['31 days ahead', [ends('token', '2026-12-24')], 0, 'ok', undefined],
  ['30 days ahead', [ends('token', '2026-12-22')], 0, 'ok', 'token-expires'],
  ['expired', [ends('webhook-admin-token', '2026-11-22')], 0, 'degraded', 'token-expired'],
  ['clocks that differ by four minutes', [], 240_000, 'ok', undefined],
  ['clocks that differ by six minutes', [], -360_000, 'degraded', 'clock-differs'],
  ['an expired token before clocks', [ends('token', '2026-11-20')], 360_000, 'degraded', 'token-expired'],
  ['clocks before a token that expires soon', [ends('token', '2026-11-24')], 360_000, 'degraded', 'clock-differs'],
] as const)('%s', (_, expiries, skewMs, state, code) => {
  const health = toHealth({ expiries, skewMs, now })

  expect([health.state, health.problem?.code]).toEqual([state, code])
})

test('of two tokens the one that ends first is told, by its name', () => {
  const expiries = [ends('token', '2026-12-01'), ends('webhook-admin-token', '2026-11-24')]

  const { problem } = toHealth({ expiries, skewMs: 0, now })

  expect(problem?.message).toBe('The token for webhooks (webhookAdminToken) expires on 2026-11-24, in 2 days.')
})
