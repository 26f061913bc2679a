import { readFileSync } from 'node:fs'
import { createServer, type IncomingMessage } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import { connect, type Socket } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { createTestNetwork, get } from './test-network.ts'

const network = createTestNetwork()
const { client, listen, serve } = network
afterEach(() => network.close())

// An authority and a key pair for `localhost` that exist for these tests only; the authority's key was thrown away.
const fixture = (name: string) => readFileSync(new URL(`./fixtures/${name}`, import.meta.url), 'utf8')

describe('TLS', () => {
  async function serveTls(): Promise<number> {
    const identity = { key: fixture('localhost.key.pem'), cert: fixture('localhost.cert.pem') }
    return listen(createTlsServer(identity, (_, response) => response.end('safe')))
  }

  it('names network.ca when the authority is not known, and trusts it once given', async () => {
    const url = `https://localhost:${await serveTls()}`
    await expect(client().send(get(url))).rejects.toMatchObject({
      code: 'tls-failed',
      retryable: false,
      remedy: expect.stringContaining('network.ca') as string,
    })
    expect((await client({ ca: [fixture('test-ca.pem')] }).send(get(url))).body.toString()).toBe('safe')
  })

  it('tells a certificate for another name', async () => {
    const sent = client({ ca: [fixture('test-ca.pem')] }).send(get(`https://127.0.0.1:${await serveTls()}`))
    await expect(sent).rejects.toMatchObject({
      code: 'tls-failed',
      userMessage: expect.stringContaining('another name') as string,
    })
  })

  it('tells a port that speaks no TLS', async () => {
    const port = await listen(createServer((_, response) => response.end()))
    await expect(client().send(get(`https://127.0.0.1:${port}`))).rejects.toMatchObject({ code: 'tls-failed' })
  })
})

describe('proxy', () => {
  async function serveProxy() {
    const seen: string[] = []
    const server = createServer((request, response) => {
      seen.push(`${request.method} ${request.url} ${request.headers['proxy-authorization'] ?? ''}`)
      response.end('through the proxy')
    })
    server.on('connect', (request: IncomingMessage, socket: Socket) => {
      seen.push(`CONNECT ${request.url}`)
      const upstream = connect(Number(request.url?.split(':')[1]), '127.0.0.1', () => {
        socket.write('HTTP/1.1 200 OK\r\n\r\n')
        upstream.pipe(socket).pipe(upstream)
      })
      upstream.on('error', () => socket.destroy())
    })
    return { seen, proxy: `http://user:word@127.0.0.1:${await listen(server)}` }
  }

  it('carries plain requests, except those of noProxy', async () => {
    const { seen, proxy } = await serveProxy()
    const origin = await serve((_, response) => response.end('direct'))
    const http = client({ proxy, noProxy: '127.0.0.1' })
    expect((await http.send(get('http://gitlab.example.com/x'))).body.toString()).toBe('through the proxy')
    expect((await http.send(get(origin))).body.toString()).toBe('direct')
    expect(seen).toEqual([`GET http://gitlab.example.com/x Basic ${btoa('user:word')}`])
  })

  it('tunnels HTTPS and checks the certificate of the server behind', async () => {
    const { seen, proxy } = await serveProxy()
    const identity = { key: fixture('localhost.key.pem'), cert: fixture('localhost.cert.pem') }
    const port = await listen(createTlsServer(identity, (_, response) => response.end('safe')))
    const url = `https://localhost:${port}/`
    expect((await client({ proxy, ca: [fixture('test-ca.pem')] }).send(get(url))).body.toString()).toBe('safe')
    await expect(client({ proxy }).send(get(url))).rejects.toMatchObject({ code: 'tls-failed' })
    expect(seen[0]).toBe(`CONNECT localhost:${port}`)
  })
})
