import { createServer } from 'node:http'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { findFreePort } from '../../test/postgres/start.ts'
import { loadConfig } from '../config/load-config.ts'
import { silentLogger } from '../lib/logger.ts'
import { startConnector } from './serve.ts'
import { runCommand, startTestSandboxes, type TestSandboxes } from './test-sandboxes.ts'

let sandboxes: TestSandboxes
beforeAll(async () => {
  sandboxes = await startTestSandboxes()
  await sandboxes.gitlab.addProject({ namespace: sandboxes.acme, path: 'shop' })
})
afterAll(() => sandboxes.close())

let folder = ''
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'jira-dvcs-doctor-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

interface Written {
  readonly server?: Record<string, unknown>
  readonly database?: string
  readonly gitlabToken?: string
}

async function writeConfig({ server = {}, database = 'sqlite', gitlabToken }: Written = {}): Promise<string> {
  const file = join(folder, 'connector.yaml')
  const { jira, account } = sandboxes.config
  const config = {
    server: { listen: `127.0.0.1:${await findFreePort()}`, adminToken: 'test-administration', ...server },
    dataDir: './data',
    database,
    jira,
    accounts: [gitlabToken === undefined ? account : { ...account, token: gitlabToken }],
  }
  await writeFile(file, JSON.stringify(config))
  return file
}

async function doctor(file: string, env?: NodeJS.ProcessEnv) {
  const { code, output } = await runCommand(['doctor', '--config', file], { cwd: folder, ...(env === undefined ? {} : { env }) })
  return { code, output, failed: output.match(/^failed {2}[^:]+/gm)?.map((line) => line.slice(8)) ?? [] }
}

/** Every step of Jira and of the account. */
function expectOthersWork(output: string): void {
  expect(output).toMatch(/^ok {4} {2}Jira, token/m)
  expect(output).toMatch(/^ok {4} {2}Acme, token/m)
  expect(output).toMatch(/^ok {4} {2}Acme, git/m)
}

describe('doctor', () => {
  it('finds nothing wrong before the first start, and while the connector runs', async () => {
    const file = await writeConfig()
    const before = await doctor(file)

    const env = { PATH: process.env['PATH'] }
    const running = await startConnector({ config: loadConfig({ file, env, cwd: folder }), role: 'all', env, log: silentLogger })
    const meanwhile = await doctor(file)
    await running.stop()

    expect(before).toMatchObject({ code: 0, output: expect.stringContaining('not running yet') })
    expect(meanwhile).toMatchObject({ code: 0, output: expect.stringContaining(`${running.address} answers;`) })
    for (const { output } of [before, meanwhile]) {
      expectOthersWork(output)
      expect(output).toContain('\nEverything works.\n')
    }
  })

  it('tests what the configuration names when PostgreSQL is down', async () => {
    const database = `postgres://nobody:very-secret@127.0.0.1:${await findFreePort()}/none`
    const { code, output, failed } = await doctor(
      await writeConfig({ database, server: { secretKey: 'a-key-of-at-least-thirty-two-characters' } }),
    )

    expect(failed).toEqual(['Database, read and write'])
    expect(output).toMatch(/^ok {4} {2}Git, version/m)
    expect(output).toMatch(/read and write: .*ECONNREFUSED.*\n {8}→ Check its address/)
    expectOthersWork(output)
    expect(output).toMatch(/^ok {4} {2}Webhooks, own address/m)
    expect(output).not.toContain('very-secret')
    expect(code).toBe(1)
  })

  it('names what fails besides, when PostgreSQL is down', async () => {
    const database = `postgres://127.0.0.1:${await findFreePort()}/none`
    const { code, failed } = await doctor(
      await writeConfig({
        database,
        server: { secretKey: 'a-key-of-at-least-thirty-two-characters' },
        gitlabToken: 'glpat-wrong-token-000000',
      }),
    )

    expect(failed).toEqual(['Database, read and write', 'Acme, token'])
    expect(code).toBe(1)
  })

  it('goes on when git is missing', async () => {
    const { code, output, failed } = await doctor(await writeConfig(), { PATH: folder })

    expect(failed).toEqual(['Git, version'])
    expect(output).toMatch(/Git, version: .*\n {8}→ Install git/)
    expect(output).toMatch(/^ok {4} {2}Database, read and write/m)
    expectOthersWork(output)
    expect(code).toBe(1)
  })

  it('fails where something else answers at the own address', async () => {
    const proxy = createServer((_request, response) => void response.writeHead(502).end('Bad Gateway'))
    await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve))
    const { port } = proxy.address() as AddressInfo

    const { code, output, failed } = await doctor(await writeConfig({ server: { url: `http://127.0.0.1:${port}` } }))
    proxy.close()

    expect(failed).toEqual(['Webhooks, own address'])
    expect(output).toContain(`http://127.0.0.1:${port}/healthz answered 502`)
    expect(code).toBe(1)
  })

  it.each([
    ['the data folder cannot be made', 'data', '', 'Data folder, write'],
    ['the key is no key', 'data/secret.key', 'nonsense', 'Secret key, open'],
    ['the database is none', 'data/connector.sqlite', 'nonsense', 'Database, read and write'],
  ])('tests the rest when %s', async (_what, path, content, step) => {
    const file = await writeConfig()
    if (path !== 'data') await doctor(file)
    await writeFile(join(folder, path), content, { mode: 0o600 })

    const { code, output, failed } = await doctor(file)

    expect(failed).toEqual([step])
    expectOthersWork(output)
    expect(code).toBe(1)
  })
})
