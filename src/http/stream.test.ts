import { afterEach, expect, test } from 'vitest'
import { requestSync } from '../db/stores/sync-state.ts'
import { accountId } from '../domain/ids.ts'
import { ADMIN_TOKEN, startTestHttpApp, type TestHttpApp } from './test-http-app.ts'

let t: TestHttpApp
afterEach(() => t.dispose())

async function start() {
  t = await startTestHttpApp({ limits: { heartbeatMs: 50 } })
  await t.addAccount({ id: accountId('acme') })
  const id = await t.addRepository({ path: 'acme/shop' })
  const address = await t.http.listen({ host: '127.0.0.1', port: 0 })
  return { id, url: `${address}/api/v1/stream` }
}

/** Reads a stream until it ends; `text` is what came so far. */
async function follow(url: string, headers: Record<string, string> = {}) {
  const leaving = new AbortController()
  const response = await fetch(url, { headers: { authorization: `Bearer ${ADMIN_TOKEN}`, ...headers }, signal: leaving.signal })
  let text = ''
  const read = async () => {
    for await (const chunk of response.body ?? []) text += Buffer.from(chunk as Uint8Array).toString('utf8')
  }
  return { response, text: () => text, ended: read().catch((error: unknown) => String(error)), leave: () => leaving.abort() }
}

test('a change is told as an event with a position, and signs of life come in between', async () => {
  const { id, url } = await start()
  const stream = await follow(url)
  expect(stream.response.headers.get('content-type')).toBe('text/event-stream')
  await expect.poll(stream.text).toMatch(/: heartbeat/)

  await t.app.db.write('background', (tx) => requestSync(tx, id, 'soft'))

  await expect.poll(stream.text, { timeout: 10_000 }).toMatch(/id: \d+-0-0\nevent: repository\ndata: \{.*"state":"queued"/)
  stream.leave()
  await stream.ended
})

test('the stream ends when the server closes', async () => {
  const { url } = await start()
  const stream = await follow(url)
  await expect.poll(stream.text).toMatch(/event: open/)

  await t.http.close()

  await stream.ended
})

test('nobody follows without a token, and whoever wants something else than events is told so', async () => {
  const { url } = await start()

  expect((await fetch(url)).status).toBe(401)
  expect((await follow(url, { accept: 'application/json' })).response.status).toBe(406)
})
