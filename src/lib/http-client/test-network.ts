import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo, Server, Socket } from 'node:net'
import { systemClock, type Clock } from '../clock.ts'
import type { HttpClient, HttpRequest } from '../http-client.ts'
import { silentLogger } from '../logger.ts'
import { createHttpClient, type HttpClientOptions } from './create-http-client.ts'

/** What one test file opened; `close` in `afterEach`. */
export interface TestNetwork {
  readonly listen: (server: Server) => Promise<number>
  readonly serve: (handler: RequestListener) => Promise<string>
  readonly client: (options?: Partial<HttpClientOptions>) => HttpClient
  readonly close: () => Promise<void>
}

/** Servers on 127.0.0.1 and clients whose retries do not wait. */
export function createTestNetwork(): TestNetwork {
  const cleanups: (() => Promise<void>)[] = []
  const network: TestNetwork = {
    async listen(server) {
      const sockets = new Set<Socket>()
      server.on('connection', (socket: Socket) => {
        sockets.add(socket)
        socket.on('error', () => socket.destroy())
      })
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
      cleanups.push(() => {
        for (const socket of sockets) socket.destroy()
        return new Promise((resolve) => server.close(() => resolve()))
      })
      return (server.address() as AddressInfo).port
    },
    serve: async (handler) => `http://127.0.0.1:${await network.listen(createServer(handler))}`,
    client(options = {}) {
      const base = {
        allowPrivateAddresses: true,
        userAgent: 'test/1',
        clock: createImpatientClock(),
        log: silentLogger,
        random: () => 0,
      }
      const http = createHttpClient({ ...base, ...options })
      cleanups.push(() => http.close())
      return http
    },
    async close() {
      for (const cleanup of cleanups.splice(0).toReversed()) await cleanup()
    },
  }
  return network
}

/** Its sleeps end at once and are written down. */
export function createImpatientClock(): Clock & { sleeps: number[] } {
  const sleeps: number[] = []
  return { ...systemClock, sleeps, sleep: (ms) => Promise.resolve(void sleeps.push(ms)) }
}

/** A GET, bounded in time. */
export function get(url: string, more: Partial<HttpRequest> = {}): HttpRequest {
  return { method: 'GET', url: new URL(url), signal: AbortSignal.timeout(20_000), ...more }
}
