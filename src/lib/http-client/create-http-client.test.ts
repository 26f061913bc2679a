import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { createServer as createTcpServer, type Socket } from 'node:net'
import { createGzip, gzipSync } from 'node:zlib'
import { afterEach, describe, expect, it } from 'vitest'
import { createLogger } from '../logger.ts'
import { createImpatientClock, createTestNetwork, get } from './test-network.ts'

const network = createTestNetwork()
const { client, listen, serve } = network
afterEach(() => network.close())

/** Answers the n-th request with the n-th step; more requests than steps are an error. */
async function serveSteps(steps: readonly ((response: ServerResponse, request: IncomingMessage) => void)[]) {
  const requests: IncomingMessage[] = []
  const origin = await serve((request, response) => {
    requests.push(request)
    const step = steps[requests.length - 1]
    if (step === undefined) response.writeHead(500).end('unexpected request')
    else step(response, request)
  })
  return { origin, requests }
}

async function serveRaw(answer: (socket: Socket) => void): Promise<string> {
  const port = await listen(createTcpServer((socket) => void socket.once('data', () => answer(socket))))
  return `http://127.0.0.1:${port}`
}

describe('an exchange', () => {
  it('sends JSON and headers and hands back any status', async () => {
    const { origin, requests } = await serveSteps([
      (response, request) => {
        response.writeHead(404, { 'X-Name': 'value' })
        request.pipe(response)
      },
    ])
    const answer = await client().send(
      get(`${origin}/a?b=c`, { method: 'POST', json: { a: 1 }, headers: { 'PRIVATE-TOKEN': 'hidden' } }),
    )
    expect(answer).toMatchObject({ status: 404, headers: { 'x-name': 'value' } })
    expect(answer.body.toString()).toBe('{"a":1}')
    expect(requests[0]?.url).toBe('/a?b=c')
    expect(requests[0]?.headers).toMatchObject({
      'private-token': 'hidden',
      'user-agent': 'test/1',
      'content-type': 'application/json',
    })
  })

  it('sends raw bytes with the content type given', async () => {
    const { origin } = await serveSteps([(response, request) => request.pipe(response)])
    const answer = await client().send(
      get(origin, { method: 'PUT', bytes: Buffer.from([0, 255]), headers: { 'content-type': 'application/octet-stream' } }),
    )
    expect([...answer.body]).toEqual([0, 255])
  })

  it.each(['gzip', 'x-gzip'])('decompresses %s', async (encoding) => {
    const { origin } = await serveSteps([
      (response) => response.writeHead(200, { 'content-encoding': encoding }).end(gzipSync('hello')),
    ])
    expect((await client().send(get(origin))).body.toString()).toBe('hello')
  })

  it('tells the observer of every answer, also of those repeated', async () => {
    const { origin } = await serveSteps([
      (response) => response.writeHead(503).end(),
      (response) => response.writeHead(200, { 'RateLimit-Remaining': '7' }).end(),
    ])
    const seen: unknown[] = []
    await client().send(get(origin, { onAnswer: (status, headers) => seen.push([status, headers['ratelimit-remaining']]) }))
    expect(seen).toEqual([
      [503, undefined],
      [200, '7'],
    ])
  })

  it('keeps at most the given number of requests at once to an origin', async () => {
    let active = 0
    let most = 0
    const origin = await serve((_, response) => {
      most = Math.max(most, (active += 1))
      setTimeout(() => {
        active -= 1
        response.end()
      }, 10)
    })
    const http = client({ requestsPerOrigin: 3 })
    await Promise.all(Array.from({ length: 12 }, () => http.send(get(origin))))
    expect(most).toBe(3)
  })

  it('refuses a header value that would not be sent as it is, without showing it', async () => {
    const sent = client().send(get('http://127.0.0.1:1/', { headers: { authorization: 'Bearer hidden\n' } }))
    await expect(sent).rejects.toMatchObject({
      code: 'request-invalid',
      message: expect.not.stringContaining('hidden') as string,
    })
  })
})

describe('an incomplete answer', () => {
  const endless = (response: ServerResponse) => {
    response.writeHead(200)
    const more = () => {
      while (response.write(Buffer.alloc(65_536)));
      response.once('drain', more)
    }
    more()
  }
  const bomb = (response: ServerResponse) => {
    response.writeHead(200, { 'content-encoding': 'gzip' })
    const zip = createGzip()
    zip.pipe(response)
    const more = () => {
      while (!response.destroyed && zip.write(Buffer.alloc(1_048_576)));
      if (!response.destroyed) zip.once('drain', more)
    }
    more()
  }
  const drip = (response: ServerResponse) => {
    response.writeHead(200)
    const timer = setInterval(() => response.write('.'), 20)
    response.on('close', () => clearInterval(timer))
  }
  it.each([
    ['endless body', endless, 'response-too-large'],
    ['gzip bomb', bomb, 'response-too-large'],
    [
      'content-length above the limit',
      (r: ServerResponse) => r.writeHead(200, { 'content-length': 2_000_000 }).flushHeaders(),
      'response-too-large',
    ],
    ['slow drip', drip, 'request-timeout'],
    ['no headers', () => {}, 'request-timeout'],
    ['damaged gzip', (r: ServerResponse) => r.writeHead(200, { 'content-encoding': 'gzip' }).end('not gzip'), 'response-cut'],
    [
      'cut gzip',
      (r: ServerResponse) => r.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync('x'.repeat(999)).subarray(0, 15)),
      'response-cut',
    ],
    ['unknown encoding', (r: ServerResponse) => r.writeHead(200, { 'content-encoding': 'zz' }).end('x'), 'unexpected-answer'],
  ])('%s', async (_, handler, code) => {
    const origin = await serve((_request, response) => handler(response))
    // Only those that are to run out of time may: making a bomb takes a busy machine a while.
    const timeoutMs = code === 'request-timeout' ? 300 : 20_000
    const sent = client().send(get(origin, { timeoutMs, maxBytes: 1_000_000, retries: 0 }))
    await expect(sent).rejects.toMatchObject({ name: 'ConnectorError', code })
  })

  it.each([
    ['content-length larger than the body', 'HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nabc', 'response-cut'],
    ['chunked body without its end', 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n', 'response-cut'],
    ['nothing', '', 'connection-failed'],
    ['not HTTP', 'SSH-2.0-OpenSSH\r\n', 'connection-failed'],
  ])('%s', async (_, text, code) => {
    const origin = await serveRaw((socket) => socket.end(text))
    await expect(client().send(get(origin, { retries: 0 }))).rejects.toMatchObject({ code, retryable: true })
  })

  it('body longer than its content-length: the declared part counts', async () => {
    const origin = await serveRaw((socket) => socket.end('HTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\nabcdef'))
    expect((await client().send(get(origin))).body.toString()).toBe('abc')
  })

  it("rejects with the signal's reason when aborted", async () => {
    const origin = await serve(() => {})
    const abort = new AbortController()
    const sent = client().send(get(origin, { signal: abort.signal }))
    setTimeout(() => abort.abort(new Error('cancelled by the user')), 20)
    await expect(sent).rejects.toThrow('cancelled by the user')
  })
})

describe('no connection', () => {
  it('tells a name that does not exist', async () => {
    const error = client().send(get('http://no-such-host.invalid/x?token=hidden', { retries: 0 }))
    await expect(error).rejects.toMatchObject({
      code: 'dns-failed',
      userMessage: expect.not.stringContaining('hidden') as string,
      remedy: expect.stringContaining('no-such-host.invalid') as string,
    })
  })

  it('tries a refused connection again before it gives up', async () => {
    const clock = createImpatientClock()
    const port = await listen(createTcpServer())
    await network.close()
    await expect(client({ clock }).send(get(`http://127.0.0.1:${port}`))).rejects.toMatchObject({ code: 'connection-failed' })
    expect(clock.sleeps).toEqual([250, 500])
  })

  it('does not repeat a POST whose connection broke', async () => {
    let connections = 0
    const origin = await serveRaw((socket) => {
      connections += 1
      socket.destroy()
    })
    await expect(client().send(get(origin, { method: 'POST', json: {} }))).rejects.toMatchObject({ code: 'connection-failed' })
    expect(connections).toBe(1)
  })
})

describe('retries', () => {
  it.each([429, 502, 503, 504])('%s is repeated and the good answer handed back', async (status) => {
    const { origin } = await serveSteps([
      (r) => r.writeHead(status).end(),
      (r) => r.writeHead(status).end(),
      (r) => r.end('good'),
    ])
    expect((await client().send(get(origin))).body.toString()).toBe('good')
  })

  it.each([400, 401, 403, 404, 409, 500, 501])('%s is final', async (status) => {
    const { origin } = await serveSteps([(r) => r.writeHead(status).end()])
    expect((await client().send(get(origin))).status).toBe(status)
  })

  it('hands back the last answer when tries are used up', async () => {
    const { origin, requests } = await serveSteps([1, 2, 3].map(() => (r: ServerResponse) => r.writeHead(503).end()))
    expect((await client().send(get(origin))).status).toBe(503)
    expect(requests).toHaveLength(3)
  })

  it('waits as long as Retry-After says', async () => {
    const clock = createImpatientClock()
    const { origin } = await serveSteps([(r) => r.writeHead(429, { 'retry-after': '7' }).end(), (r) => r.end('good')])
    await client({ clock }).send(get(origin))
    expect(clock.sleeps).toEqual([7_000])
  })

  it('leaves a long Retry-After to the caller', async () => {
    const clock = createImpatientClock()
    const { origin } = await serveSteps([(r) => r.writeHead(429, { 'retry-after': '31' }).end()])
    expect(await client({ clock }).send(get(origin))).toMatchObject({ status: 429, headers: { 'retry-after': '31' } })
    expect(clock.sleeps).toEqual([])
  })

  it('a POST is repeated only when it may be', async () => {
    const first = await serveSteps([(r) => r.writeHead(503).end()])
    expect((await client().send(get(first.origin, { method: 'POST' }))).status).toBe(503)
    const second = await serveSteps([(r) => r.writeHead(503).end(), (r) => r.end()])
    expect((await client().send(get(second.origin, { method: 'POST', repeatable: true }))).status).toBe(200)
  })

  it('logs repetitions without query or headers', async () => {
    const lines: string[] = []
    const log = createLogger({ level: 'debug', destination: { write: (line) => void lines.push(line) } })
    const { origin } = await serveSteps([(r) => r.writeHead(503).end(), (r) => r.end()])
    await client({ log }).send(get(`${origin}/path?a=hidden`, { headers: { 'private-token': 'hidden' } }))
    expect(lines.join('')).toContain('/path')
    expect(lines.join('')).not.toContain('hidden')
  })
})

describe('redirects', () => {
  const to = (status: number, location: string) => (r: ServerResponse) => void r.writeHead(status, { location }).end()

  it.each([301, 302, 307, 308])('%s of the same origin is followed for GET', async (status) => {
    const { origin, requests } = await serveSteps([to(status, '/other?x=1'), (r) => r.end('there')])
    const answer = await client().send(get(`${origin}/first`, { headers: { 'private-token': 't' } }))
    expect([answer.body.toString(), answer.url.pathname, requests[1]?.headers['private-token']]).toEqual(['there', '/other', 't'])
  })

  it('never sends credentials to another origin', async () => {
    const other = await serveSteps([])
    const { origin } = await serveSteps([to(302, `${other.origin}/x?secret=hidden`)])
    const sent = client().send(get(origin, { headers: { authorization: 'hidden' } }))
    await expect(sent).rejects.toMatchObject({
      code: 'redirect-refused',
      remedy: expect.stringContaining(other.origin) as string,
      message: expect.not.stringContaining('hidden') as string,
    })
    expect(other.requests).toHaveLength(0)
  })

  it.each([
    ['POST', 307, '/x'],
    ['PUT', 301, '/x'],
    ['GET', 303, '/x'],
    ['GET', 302, 'http://'],
    ['GET', 302, 'file:///etc/passwd'],
  ] as const)('%s %s to %s is refused', async (method, status, location) => {
    const { origin } = await serveSteps([to(status, location)])
    await expect(client().send(get(origin, { method }))).rejects.toMatchObject({ code: 'redirect-refused' })
  })

  it('gives up after five', async () => {
    const { origin, requests } = await serveSteps(Array.from({ length: 6 }, () => to(302, '/again')))
    await expect(client().send(get(origin))).rejects.toMatchObject({ code: 'redirect-refused' })
    expect(requests).toHaveLength(6)
  })
})

describe('addresses', () => {
  it.each(['http://127.0.0.1:1/', 'http://[::1]:1/', 'http://10.0.0.1/', 'http://localhost:1/', 'http://0x7f000001/'])(
    '%s is refused where private addresses are not allowed',
    async (url) => {
      const sent = client({ allowPrivateAddresses: false }).send(get(url))
      await expect(sent).rejects.toMatchObject({
        code: 'address-refused',
        remedy: expect.stringContaining('allowPrivate') as string,
      })
    },
  )

  it.each(['http://169.254.169.254/latest', 'http://[fe80::1]/', 'http://[::ffff:169.254.1.1]/'])(
    '%s is always refused',
    async (url) => {
      await expect(client().send(get(url))).rejects.toMatchObject({ code: 'address-refused' })
    },
  )

  it('a name that resolves to an allowed address passes', async () => {
    const port = await listen(createServer((_, response) => response.end('local')))
    expect((await client().send(get(`http://localhost:${port}`))).body.toString()).toBe('local')
  })
})

it('after close nothing is sent', async () => {
  const http = client()
  await http.close()
  await expect(http.send(get('http://127.0.0.1:1/', { retries: 0 }))).rejects.toMatchObject({ code: 'connection-failed' })
})
