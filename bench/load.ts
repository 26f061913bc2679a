import { once } from 'node:events'
import { connect, type Socket } from 'node:net'

export interface Load {
  readonly url: string
  readonly path: string
  readonly connections: number
  /** Asked before each request, with the milliseconds since the first. */
  goesOn(elapsedMs: number): boolean
  /** Requests a second over all connections; null: as fast as they are answered. */
  readonly rate: number | null
  /** Headers and body of the request with this number. */
  request(number: number): { readonly headers: Readonly<Record<string, string>>; readonly body: Buffer }
}

export interface LoadResult {
  readonly perSecond: number
  /**
   * Milliseconds from the first byte sent to the last byte of the answer; at a rate, from when it was due: who comes while all
   * connections wait for an answer waits as well.
   */
  readonly waits: readonly number[]
}

/**
 * Sends requests over so many connections that stay open, each waiting for its answer. Plain sockets: a client library
 * would compute as much as the server that is measured beside it. Rejects at the first answer that is not 202.
 */
export async function runLoad(load: Load): Promise<LoadResult> {
  const { hostname, port } = new URL(load.url)
  const startedAt = performance.now()
  const waits: number[] = []
  let next = 0
  async function work(): Promise<void> {
    const socket = connect({ host: hostname, port: Number(port), noDelay: true })
    await once(socket, 'connect')
    try {
      while (load.goesOn(performance.now() - startedAt)) {
        const number = next++
        const dueAt = load.rate === null ? performance.now() : startedAt + (number * 1_000) / load.rate
        const early = dueAt - performance.now()
        if (early > 0) await new Promise((resolve) => setTimeout(resolve, early))
        await exchange(socket, toBytes(load, number))
        waits.push(performance.now() - dueAt)
      }
    } finally {
      socket.destroy()
    }
  }
  await Promise.all(Array.from({ length: load.connections }, work))
  return { perSecond: waits.length / ((performance.now() - startedAt) / 1_000), waits }
}

function toBytes({ path, request }: Load, number: number): Buffer {
  const { headers, body } = request(number)
  const lines = Object.entries({ host: '127.0.0.1', 'content-length': String(body.length), ...headers })
  return Buffer.concat([
    Buffer.from(`POST ${path} HTTP/1.1\r\n${lines.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n`),
    body,
  ])
}

/** An answer without a body ends with its head. */
function exchange(socket: Socket, bytes: Buffer): Promise<void> {
  return new Promise((resolve, reject) => {
    let head = ''
    const onData = (chunk: Buffer) => {
      head += chunk.toString('latin1')
      if (!head.includes('\r\n\r\n')) return
      settle()
      if (head.startsWith('HTTP/1.1 202')) resolve()
      else reject(new Error(`answered ${head.slice(0, 300)}`))
    }
    const onEnd = () => {
      settle()
      reject(new Error('the server closed the connection'))
    }
    const settle = () => {
      socket.off('data', onData).off('close', onEnd).off('error', onEnd)
    }
    socket.on('data', onData).on('close', onEnd).on('error', onEnd)
    socket.write(bytes)
  })
}
