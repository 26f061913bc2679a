import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough, Readable } from 'node:stream'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { createTestDatabaseUrl } from '../../test/postgres.ts'
import { loadConfig } from '../config/load-config.ts'
import { listWrittenSecrets } from '../config/written-secrets.ts'
import { KINDS } from '../db/test-database.ts'
import { systemClock } from '../lib/clock.ts'
import { silentLogger } from '../lib/logger.ts'
import { fastImport } from '../sandbox/fast-import.ts'
import { createSandboxGitLab, type SandboxGitLab } from '../sandbox/gitlab/sandbox-gitlab.ts'
import { createSandboxJira, type SandboxJira } from '../sandbox/jira/sandbox-jira.ts'
import { runProgram } from './program.ts'
import { startConnector, type RunningConnector } from './serve.ts'

vi.setConfig({ testTimeout: 180_000, hookTimeout: 60_000 })
const PATIENCE = { timeout: 60_000, interval: 200 }
const PASSPHRASE = 'several words, typed twice'
const ADMIN_TOKEN = 'token-of-the-administrator'
const JIRA_TOKEN = 'token-for-jira'
const USER = { name: 'connector', displayName: 'Connector', emailAddress: 'c@example.com', tokens: [{ token: JIRA_TOKEN }] }
const COMMITS = Array.from({ length: 1_000 }, (_one, index) => ({
  kind: 'commit' as const,
  ref: 'refs/heads/main',
  mark: index + 1,
  parents: index === 0 ? [] : [index],
  author: { name: 'Ann Ember', email: 'ann@example.com' },
  authoredAt: new Date(1_700_000_000_000 + index * 1_000),
  message: `SHOP-${(index % 5) + 1} step ${index}\n`,
  files: [{ path: 'a.txt', content: String(index) }],
}))

let folder: string
let gitlab: SandboxGitLab
let gitlabToken: string
let jira: SandboxJira
const running = new Set<RunningConnector>()
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'jira-dvcs-backup-'))
  gitlab = await createSandboxGitLab({ folder: join(folder, 'gitlab'), env: process.env, clock: systemClock, log: silentLogger })
  jira = await createSandboxJira({ clock: systemClock, log: silentLogger, users: [USER] })
  jira.world.addProject({ key: 'SHOP', name: 'Shop' })
  jira.world.seedIssues('SHOP', 5)
  const maintainer = gitlab.addUser({ username: 'mia', name: 'Mia Lang' })
  const acme = gitlab.addGroup({ path: 'acme', name: 'Acme' })
  gitlab.addMember(acme, maintainer, 'owner')
  gitlabToken = gitlab.createToken({ user: maintainer, scopes: ['api', 'write_repository'] }).value
  const { folder: shop } = await gitlab.addProject({ namespace: acme, path: 'shop' })
  await fastImport({ folder: shop, env: process.env, entries: COMMITS })
})
afterEach(async () => {
  for (const one of running) await one.stop()
  running.clear()
  await gitlab.close()
  await jira.close()
  await rm(folder, { recursive: true, force: true })
})

const env = () => ({ PATH: process.env['PATH'], JIRA_TOKEN: JIRA_TOKEN, ADMIN_TOKEN })

async function configure(name: string, { database = 'sqlite', secretKey = '' } = {}): Promise<string> {
  await mkdir(join(folder, name), { recursive: true })
  const file = join(folder, name, 'connector.yaml')
  const text = `server:
  listen: 127.0.0.1:0
  adminToken: \${ADMIN_TOKEN}
${secretKey === '' ? '' : `  secretKey: ${secretKey}\n`}database: ${database}
dataDir: ./data
jira:
  url: ${jira.url}
  token: \${JIRA_TOKEN}
`
  await writeFile(file, text)
  return file
}

async function run(input: string, ...args: string[]) {
  const texts = { out: '', err: '' }
  const collect = (name: 'out' | 'err') => {
    const stream = new PassThrough()
    stream.on('data', (chunk: Buffer) => (texts[name] += chunk.toString()))
    return stream as unknown as NodeJS.WriteStream
  }
  const code = await runProgram(args, {
    env: env(),
    cwd: folder,
    in: Readable.from([Buffer.from(input)]) as unknown as NodeJS.ReadStream,
    out: collect('out'),
    err: collect('err'),
    signal: new AbortController().signal,
  })
  return { code, ...texts }
}

async function serve(file: string) {
  const connector = await startConnector({
    config: loadConfig({ file, env: env(), cwd: folder }),
    role: 'all',
    env: env(),
    log: silentLogger,
  })
  running.add(connector)
  const send = async (method: string, path: string, body?: object) => {
    const headers = { authorization: `Bearer ${ADMIN_TOKEN}`, 'content-type': 'application/json' }
    const sent = body === undefined ? {} : { body: JSON.stringify(body) }
    const answer = await fetch(`${connector.address}/api/v1/${path}`, { method, headers, ...sent })
    return { status: answer.status, json: (await answer.json()) as Record<string, unknown> }
  }
  const stop = async () => {
    running.delete(connector)
    await connector.stop()
  }
  return { send, stop }
}

const ACCOUNT = () => ({
  id: 'acme',
  name: 'Acme',
  host: 'gitlab',
  url: gitlab.url,
  owner: 'acme',
  token: gitlabToken,
  webhooks: 'off',
})

interface Listed {
  readonly items: readonly { readonly sync: { readonly state: string; readonly finishedAt: string | null } }[]
}

const isDone = async ({ send }: Awaited<ReturnType<typeof serve>>) => {
  const { items } = (await send('GET', 'repositories')).json as unknown as Listed
  return items.length > 0 && items.every(({ sync }) => sync.state === 'idle' && sync.finishedAt !== null)
}

describe.each(KINDS)('a connector on %s', (kind) => {
  const options = async () =>
    kind === 'sqlite' ? {} : { database: await createTestDatabaseUrl(), secretKey: 'a-secret-key-of-many-characters' }

  test('is copied while it imports, restored elsewhere with its key, and goes on there', async () => {
    const first = await serve(await configure('first', await options()))
    expect((await first.send('POST', 'accounts', ACCOUNT())).status).toBe(201)
    await expect
      .poll(async () => ((await first.send('GET', 'repositories')).json as unknown as Listed).items.length, PATIENCE)
      .toBeGreaterThan(0)

    const made = await run(`${PASSPHRASE}\n`, 'backup', 'copy', '--with-key', '--config', 'first/connector.yaml')

    expect(made).toMatchObject({ code: 0, err: '' })
    expect((await stat(join(folder, 'copy'))).mode & 0o777).toBe(0o600)
    expect((await run('', 'backup', 'copy', '--config', 'first/connector.yaml')).code).toBe(1)
    await first.stop()

    const file = await configure('second', await options())
    expect(await run('another passphrase\n', 'restore', 'copy', '--config', file)).toMatchObject({
      code: 1,
      err: expect.stringContaining('does not open'),
    })
    const restored = await run(`${PASSPHRASE}\n`, 'restore', 'copy', '--config', file)
    expect(restored).toMatchObject({ code: 0, err: '', out: expect.stringContaining('restored-connector.yaml') })
    expect(await run(`${PASSPHRASE}\n`, 'restore', 'copy', '--config', file)).toMatchObject({
      code: 1,
      err: expect.stringContaining('not empty'),
    })

    const second = await serve(file)
    await expect.poll(() => isDone(second), PATIENCE).toBe(true)
    expect((await second.send('GET', 'accounts/acme')).json).toMatchObject({ state: 'ok', managedBy: 'browser' })
    await expect.poll(async () => (await second.send('GET', 'issues/SHOP-1/development')).status, PATIENCE).toBe(200)
  })
})

describe('without the key', () => {
  test('nothing is restored, unless its credentials may be forgotten', async () => {
    const first = await serve(await configure('first'))
    expect((await first.send('POST', 'accounts', ACCOUNT())).status).toBe(201)
    expect((await first.send('POST', 'jira/sign-in/key', {})).status).toBe(200)
    await expect.poll(() => isDone(first), PATIENCE).toBe(true)
    const made = await run('', 'backup', 'copy', '--config', 'first/connector.yaml')
    expect(made).toMatchObject({ code: 0, out: expect.stringContaining('Keep the file secret.key of the data folder apart') })
    expect((await readFile(join(folder, 'copy'))).includes(gitlabToken)).toBe(false)
    const file = await configure('second')

    expect(await run('', 'restore', 'copy', '--config', file)).toMatchObject({
      code: 1,
      err: expect.stringMatching(/these need a sign-in again: "acme"/),
    })
    const restored = await run('', 'restore', 'copy', '--without-key', '--config', file)

    expect(restored).toMatchObject({ code: 0, out: expect.stringContaining('These need a sign-in: "acme"') })
    await first.stop()
    const second = await serve(file)
    expect((await second.send('GET', 'accounts/acme')).json).toMatchObject({ state: 'needs-sign-in' })
    expect((await second.send('GET', 'jira/sign-in')).json).toMatchObject({ applicationLink: null })
    expect((await second.send('PATCH', 'accounts/acme', { token: gitlabToken })).json).toMatchObject({ state: 'ok' })
  })

  test('a key file that was put there does as well', async () => {
    const first = await serve(await configure('first'))
    expect((await first.send('POST', 'accounts', ACCOUNT())).status).toBe(201)
    await first.stop()
    expect((await run('', 'backup', 'copy', '--config', 'first/connector.yaml')).code).toBe(0)
    const file = await configure('second')
    await mkdir(join(folder, 'second', 'data'), { mode: 0o700 })
    const key = await readFile(join(folder, 'first', 'data', 'secret.key'))
    await writeFile(join(folder, 'second', 'data', 'secret.key'), key, { mode: 0o600 })

    expect(await run('', 'restore', 'copy', '--config', file)).toMatchObject({ code: 0, err: '' })

    expect((await (await serve(file)).send('GET', 'accounts/acme')).json).toMatchObject({ state: 'ok' })
  })
})

test('a configuration with secrets in it is left out, or sealed with the key', async () => {
  const file = await configure('first', { secretKey: 'a-secret-key-of-many-characters' })
  await (await serve(file)).stop()

  const open = await run('', 'backup', 'open', '--config', file)
  const sealed = await run(`${PASSPHRASE}\n`, 'backup', 'sealed', '--with-key', '--config', file)
  const short = await run('short\n', 'backup', 'short', '--with-key', '--config', file)

  expect(open).toMatchObject({ code: 0, out: expect.stringContaining('has secrets in it (server.secretKey)') })
  expect(sealed).toMatchObject({ code: 0 })
  expect(short).toMatchObject({ code: 1, err: expect.stringContaining('fewer than 12') })
  const target = await configure('second')
  expect(await run(`${PASSPHRASE}\n`, 'restore', 'sealed', '--config', target)).toMatchObject({ code: 0, err: '' })
  const restored = join(folder, 'second', 'data', 'restored-connector.yaml')
  expect(await readFile(restored, 'utf8')).toBe(await readFile(file, 'utf8'))
  expect((await stat(restored)).mode & 0o777).toBe(0o600)
})

test('which secrets a configuration has in its text', () => {
  const text = `server:
  adminToken: \${A}
  secretKey: \${A}-and-more
database: sqlite
jira:
  url: https://jira.example.com
  tokenFile: ./token
accounts:
  - id: acme
    token: plain
    webhookAdminToken: \${B}
`

  expect(listWrittenSecrets(text)).toEqual(['server.secretKey', 'accounts[0].token'])
})
