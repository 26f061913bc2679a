import { once } from 'node:events'
import { request, type ClientRequest, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import Fastify, { type FastifyInstance } from 'fastify'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { limitBytesInFlight } from './bytes-in-flight.ts'

let http: FastifyInstance
let port: number
const MAX_BYTES = 100_000

beforeEach(async () => {
  http = Fastify({ forceCloseConnections: true, bodyLimit: MAX_BYTES })
  limitBytesInFlight(http, {
    maxBytes: MAX_BYTES,
    ordinaryBytes: 0,
    toError: () => Object.assign(new Error('too many at once'), { statusCode: 503 }),
  })
  http.addContentTypeParser('text/plain', { parseAs: 'buffer' }, (_request, body, done) => done(null, body))
  http.post('/', ({ body }) => ({ bytes: Buffer.isBuffer(body) ? body.length : null }))
  await http.listen({ host: '127.0.0.1', port: 0 })
  port = (http.server.address() as AddressInfo).port
})
afterEach(() => http.close())

/** A request that announces more bytes than it sends for now. */
function begin(announced: number, sent: number): ClientRequest {
  const headers = { 'content-type': 'text/plain', 'content-length': announced }
  const sending = request({ host: '127.0.0.1', port, method: 'POST', headers })
  sending.on('error', () => undefined)
  sending.write('x'.repeat(sent))
  return sending
}

async function answer(sending: ClientRequest): Promise<number | undefined> {
  const [response] = (await once(sending, 'response')) as [IncomingMessage]
  response.resume()
  return response.statusCode
}

/** The status of a whole request of so many bytes. */
function send(bytes: number): Promise<number | undefined> {
  const sending = begin(bytes, bytes)
  sending.end()
  return answer(sending)
}

test('what exceeds the limit together with others under way is refused, and room comes back', async () => {
  const slow = begin(80_000, 70_000)
  await expect.poll(() => send(50_000), { timeout: 5_000 }).toBe(503)
  expect(await send(20_000)).toBe(200)

  slow.end('x'.repeat(10_000))

  expect(await answer(slow)).toBe(200)
  expect(await send(90_000)).toBe(200)
})

test('a sender that breaks off gives its room back', async () => {
  const slow = begin(80_000, 70_000)
  await expect.poll(() => send(50_000), { timeout: 5_000 }).toBe(503)

  slow.destroy()

  await expect.poll(() => send(90_000), { timeout: 5_000 }).toBe(200)
})

test('what was only announced takes no room', async () => {
  const waiting = Array.from({ length: 5 }, () => begin(90_000, 1))

  expect(await send(90_000)).toBe(200)
  for (const one of waiting) one.destroy()
})

test('large bodies that never end leave ordinary ones alone', async () => {
  const other = Fastify({ forceCloseConnections: true, bodyLimit: MAX_BYTES })
  limitBytesInFlight(other, {
    maxBytes: MAX_BYTES,
    ordinaryBytes: 10_000,
    toError: () => Object.assign(new Error('too many at once'), { statusCode: 503 }),
  })
  other.addContentTypeParser('text/plain', { parseAs: 'buffer' }, (_request, body, done) => done(null, body))
  other.post('/', ({ body }) => ({ bytes: Buffer.isBuffer(body) ? body.length : null }))
  await other.listen({ host: '127.0.0.1', port: 0 })
  port = (other.server.address() as AddressInfo).port
  const slow = begin(90_000, 84_000)
  await expect.poll(() => send(20_000), { timeout: 5_000 }).toBe(503)

  const ordinary = await send(9_000)

  expect(ordinary).toBe(200)
  slow.destroy()
  await other.close()
})
