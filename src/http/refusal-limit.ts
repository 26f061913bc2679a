import '@fastify/rate-limit'
import type { FastifyRequest } from 'fastify'
import type { Clock } from '../lib/clock.ts'
import { ConnectorError } from '../lib/connector-error.ts'
import type { HttpApp } from './http-app.ts'

/** Counts refusals by source address (IPv6: by /64), and only those: whoever is right is never held up. */
export interface RefusalLimit {
  /** Counts one; rejects with `too-many-refusals` when the address had too many within a minute. */
  count(request: FastifyRequest): Promise<void>
}

const WINDOW_MS = 60_000

/** Remembers the last 5,000 addresses. Needs `@fastify/rate-limit` on the app. */
export function createRefusalLimit(http: HttpApp, { perMinute, clock }: { perMinute: number; clock: Clock }): RefusalLimit {
  const take = http.createRateLimit({ max: perMinute, timeWindow: WINDOW_MS, ipv6Subnet: 64 })
  return {
    async count(request) {
      const limit = await take(request)
      if (limit.isAllowed || !limit.isExceeded) return
      throw new ConnectorError('too-many-refusals', {
        userMessage: 'Too many requests from this address were refused.',
        remedy: 'Correct the token or secret, then wait a minute.',
        retryAt: new Date(clock.now().getTime() + limit.ttl),
      })
    },
  }
}
