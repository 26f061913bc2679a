import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { systemClock } from '../../lib/clock.ts'
import { createHttpClient } from '../../lib/http-client/create-http-client.ts'
import { silentLogger } from '../../lib/logger.ts'
import { checkOwnAddress } from './check-own-address.ts'

const closers: (() => Promise<void> | void)[] = []
afterEach(async () => {
  for (const close of closers.splice(0)) await close()
})

async function listen(answer: RequestListener): Promise<string> {
  const server = createServer(answer)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  closers.push(
    () => server.closeAllConnections(),
    () => void server.close(),
  )
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

/** An address at which nothing listens any more. */
async function findSilentAddress(): Promise<string> {
  const address = await listen(() => undefined)
  for (const close of closers.splice(0)) await close()
  return address
}

function check(serverUrl: string, running = true) {
  const http = createHttpClient({ allowPrivateAddresses: true, userAgent: 'test', clock: systemClock, log: silentLogger })
  closers.push(() => http.close())
  return checkOwnAddress({ http, serverUrl, running }, new AbortController().signal)
}

describe('the own address', () => {
  it('is right where a connector answers', async () => {
    const asked: string[] = []
    const address = await listen((request, response) => {
      asked.push(request.url ?? '')
      response.setHeader('content-type', 'application/json').end('{"status":"alive"}')
    })

    expect(await check(`${address}/dvcs`)).toMatchObject({ ok: true, message: expect.stringContaining('answers') })
    expect(asked).toEqual(['/dvcs/healthz'])
  })

  it.each([
    ['a page', 200, '<html>Welcome</html>'],
    ['other JSON', 200, '{"status":"UP"}'],
    ['nothing', 200, ''],
    ['that there is no such page', 404, '{"status":"alive"}'],
  ])('is wrong where something else answers with %s', async (_what, status, body) => {
    const address = await listen((_request, response) => response.writeHead(status).end(body))

    expect(await check(address)).toEqual({
      subject: 'Webhooks',
      name: 'own address',
      ok: false,
      message: `${address}/healthz answered ${status}, and not as the connector does.`,
      remedy: expect.stringContaining('server.url'),
    })
  })

  it.each([502, 503, 504])('is wrong where a proxy answers %i, running or not', async (status) => {
    const address = await listen((_request, response) => response.writeHead(status).end())

    for (const running of [true, false])
      expect(await check(address, running)).toMatchObject({ ok: false, remedy: expect.stringContaining('jira-dvcs serve') })
  })

  it('only gets a hint where nothing listens and nobody works on the data folder', async () => {
    const address = await findSilentAddress()

    expect(await check(address, false)).toMatchObject({ ok: true, message: expect.stringContaining('not running yet') })
    expect(await check(address, true)).toMatchObject({ ok: false, message: expect.stringContaining('ECONNREFUSED') })
  })

  it('is wrong where it leads nowhere, also before the first start', async () => {
    expect(await check('http://connector.invalid', false)).toMatchObject({
      ok: false,
      message: expect.stringContaining('cannot be resolved'),
    })
  })
})
