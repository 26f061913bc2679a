import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { createHttpClient } from '../../lib/http-client/create-http-client.ts'
import { systemClock, type Clock } from '../../lib/clock.ts'
import { silentLogger } from '../../lib/logger.ts'
import type { HostConnection, HostRepositoryRef } from '../types.ts'
import { fixedToken } from '../../domain/host-token.ts'
import { hostId } from '../../domain/ids.ts'
import type { GitLabSettings } from './config.ts'
import { createGitLabConnection } from './index.ts'

/** One expected call and its answer. `path` is what follows the server's origin, query included. */
export interface ScriptedCall {
  readonly method?: string
  readonly path: string
  readonly status?: number
  readonly headers?: Readonly<Record<string, string>>
  /** Sent as JSON; a string is sent as it is. */
  readonly body?: unknown
  /** Writes the answer itself. */
  readonly answer?: (response: ServerResponse, request: IncomingMessage) => void
}

export interface SeenCall {
  readonly call: string
  readonly headers: IncomingMessage['headers']
  readonly body: string
}

/** A server for tests: every call must be in the script, and every call of the script must be made. */
export interface ScriptedGitLab {
  readonly origin: string
  readonly seen: readonly SeenCall[]
  connect(settings?: Partial<GitLabSettings>): HostConnection
  /** Closes everything; throws when calls were unexpected or left unused. */
  finish(): Promise<void>
}

export const TEST_TOKEN = 'test-token-of-the-reader'

export const SHOP: HostRepositoryRef = {
  hostId: hostId('501'),
  path: 'acme/shop',
  webUrl: 'https://gitlab.example.com/acme/shop',
}

/** Real time, no waiting. */
export const impatientClock: Clock = { ...systemClock, sleep: () => Promise.resolve() }

/** Starts a server on 127.0.0.1; `script` may use the origin for links. */
export async function scriptGitLab(script: (origin: string) => readonly ScriptedCall[]): Promise<ScriptedGitLab> {
  const seen: SeenCall[] = []
  const unexpected: string[] = []
  const open: ScriptedCall[] = []
  const sockets = new Set<Socket>()
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const call = `${request.method ?? ''} ${request.url ?? ''}`
      seen.push({ call, headers: request.headers, body: Buffer.concat(chunks).toString('utf8') })
      const index = open.findIndex(({ method = 'GET', path }) => `${method} ${path}` === call)
      const [found] = index === -1 ? [] : open.splice(index, 1)
      if (found === undefined) unexpected.push(call)
      answerWith(response, request, found ?? { path: '', status: 599, body: { error: 'unexpected call' } })
    })
  })
  server.on('connection', (socket) => {
    sockets.add(socket)
    socket.on('error', () => socket.destroy())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  open.push(...script(origin))
  const http = createHttpClient({
    allowPrivateAddresses: true,
    userAgent: 'test/1',
    clock: impatientClock,
    log: silentLogger,
    random: () => 0,
  })
  return {
    origin,
    seen,
    connect: (settings = {}) =>
      createGitLabConnection({
        url: origin,
        gitUrl: null,
        owner: null,
        token: fixedToken(TEST_TOKEN),
        webhookAdminToken: null,
        http,
        clock: impatientClock,
        log: silentLogger,
        ...settings,
      }),
    async finish() {
      await http.close()
      for (const socket of sockets) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
      const unused = open.map(({ method = 'GET', path }) => `${method} ${path}`)
      if (unexpected.length + unused.length > 0) {
        throw new Error(`unexpected: ${unexpected.join(', ') || 'none'}; unused: ${unused.join(', ') || 'none'}`)
      }
    },
  }
}

function answerWith(response: ServerResponse, request: IncomingMessage, call: ScriptedCall): void {
  if (call.answer !== undefined) {
    call.answer(response, request)
    return
  }
  const isText = typeof call.body === 'string'
  const type = isText ? 'text/plain' : 'application/json'
  response.writeHead(call.status ?? 200, { 'content-type': type, ...call.headers })
  response.end(isText ? call.body : JSON.stringify(call.body ?? []))
}

/** Everything of a list. */
export async function collect<T>(pages: AsyncIterable<readonly T[]>): Promise<T[]> {
  const items: T[] = []
  for await (const page of pages) items.push(...page)
  return items
}
