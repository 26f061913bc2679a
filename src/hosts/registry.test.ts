import { fixedToken } from '../domain/host-token.ts'
import { expect, it } from 'vitest'
import { systemClock } from '../lib/clock.ts'
import { silentLogger } from '../lib/logger.ts'
import { createHttpClient } from '../lib/http-client/create-http-client.ts'
import { createHostConnection, isHostKind } from './registry.ts'
import type { HostKind } from './types.ts'

const http = createHttpClient({ allowPrivateAddresses: true, userAgent: 'test/1', clock: systemClock, log: silentLogger })
const settings = {
  url: 'https://gitlab.example.com',
  gitUrl: null,
  owner: null,
  token: fixedToken('token'),
  webhookAdminToken: null,
  http,
  clock: systemClock,
  log: silentLogger,
}

it('connects to a known kind of host', () => {
  expect(createHostConnection('gitlab', settings).kind).toBe('gitlab')
})

it.each(['github', 'constructor', ''])('refuses "%s"', (kind) => {
  expect(isHostKind(kind)).toBe(false)
  expect(() => createHostConnection(kind as HostKind, settings)).toThrow(
    expect.objectContaining({ code: 'host-unknown', remedy: expect.stringContaining('gitlab') as string }),
  )
})
