import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createTestDatabaseUrl } from '../../test/postgres.ts'
import { loadConfig } from '../config/load-config.ts'
import { silentLogger } from '../lib/logger.ts'
import { startConnector } from './serve.ts'

let folder = ''
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'jira-dvcs-serve-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

test('it stops within ten seconds although a client never ends its request', async () => {
  const file = join(folder, 'connector.yaml')
  await writeFile(file, 'server:\n  listen: 127.0.0.1:0\n  adminToken: test-administration\ndataDir: ./data\n')
  const env = { PATH: process.env['PATH'] }
  const running = await startConnector({ config: loadConfig({ file, env, cwd: folder }), role: 'all', env, log: silentLogger })
  const { hostname, port } = new URL(running.address ?? '')
  const client = connect(Number(port), hostname)
  // Ended by the server, in whatever way.
  client.on('error', () => undefined)
  await once(client, 'connect')
  client.write('POST /webhooks/acme HTTP/1.1\r\nhost: test\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n{')
  await new Promise((resolve) => setTimeout(resolve, 200))

  const startedAt = performance.now()
  await running.stop()

  expect(performance.now() - startedAt).toBeLessThan(8_000)
  client.destroy()
}, 30_000)

test('a node that only works answers for its health and its metrics, and for nothing else', async () => {
  const file = join(folder, 'connector.yaml')
  await writeFile(
    file,
    `server:
  workerListen: 127.0.0.1:0
  adminToken: test-administration
  secretKey: a-key-of-at-least-thirty-two-characters
dataDir: ./data
database: ${await createTestDatabaseUrl()}
`,
  )
  const env = { PATH: process.env['PATH'] }
  const config = loadConfig({ file, env, cwd: folder })
  const running = await startConnector({ config, role: 'worker', env, log: silentLogger })
  const ask = (path: string, headers = {}) => fetch(`${running.address ?? ''}${path}`, { headers })
  try {
    const authorization = { authorization: 'Bearer test-administration' }
    expect((await ask('/healthz')).status).toBe(200)
    expect((await ask('/readyz')).status).toBe(200)
    expect((await ask('/metrics')).status).toBe(401)
    expect(await (await ask('/metrics', authorization)).text()).toContain('dvcs_sync_duration_seconds')
    for (const path of ['/', '/api/v1/accounts', '/rest/bitbucket/1.0/repositories'])
      expect((await ask(path, authorization)).status).toBe(404)
    expect((await fetch(`${running.address ?? ''}/webhooks/acme`, { method: 'POST', body: '{}' })).status).toBe(404)
  } finally {
    await running.stop()
  }
}, 60_000)
