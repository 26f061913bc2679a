import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough, Readable } from 'node:stream'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { loadConfig } from '../config/load-config.ts'
import { silentLogger } from '../lib/logger.ts'
import { runProgram } from './program.ts'
import { startConnector } from './serve.ts'

let folder = ''
const environment = { PATH: process.env['PATH'] }
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'jira-dvcs-people-'))
  await writeFile(join(folder, 'c.yaml'), 'server:\n  listen: 127.0.0.1:0\ndataDir: ./data\n')
})
afterEach(() => rm(folder, { recursive: true, force: true }))

async function run(input: string, ...args: string[]) {
  const texts = { out: '', err: '' }
  const collect = (name: 'out' | 'err') => {
    const stream = new PassThrough()
    stream.on('data', (chunk: Buffer) => (texts[name] += chunk.toString()))
    return stream as unknown as NodeJS.WriteStream
  }
  const code = await runProgram([...args, '--config', 'c.yaml'], {
    env: environment,
    cwd: folder,
    in: Readable.from([Buffer.from(input)]) as unknown as NodeJS.ReadStream,
    out: collect('out'),
    err: collect('err'),
    signal: new AbortController().signal,
  })
  return { code, ...texts }
}

async function workThrough(): Promise<void> {
  expect(await run('correct horse battery\n', 'user', 'add', 'ada', '--display-name', 'Ada A.')).toMatchObject({ code: 0 })
  expect(await run('correct horse battery\n', 'user', 'add', 'Ada')).toMatchObject({
    code: 1,
    err: expect.stringContaining('already'),
  })
  expect(await run('short\n', 'user', 'add', 'bo')).toMatchObject({ code: 1, err: expect.stringContaining('12 characters') })
  expect(await run('', 'user', 'add', 'bo')).toMatchObject({ code: 1, err: expect.stringContaining('no password') })
  expect(await run('another long password', 'user', 'add', 'bo')).toMatchObject({ code: 0 })
  expect((await run('', 'user', 'list')).out).toBe('ada\tlocal\tenabled\tAda A.\nbo\tlocal\tenabled\tbo\n')
  expect(await run('', 'user', 'remove', 'BO')).toMatchObject({ code: 0 })
  expect(await run('', 'user', 'remove', 'bo')).toMatchObject({ code: 1 })
  expect(await run('', 'user', 'remove', 'ada')).toMatchObject({ code: 1, err: expect.stringContaining('last administrator') })

  const created = await run('', 'token', 'create', 'ci', '--scope', 'read', '--expires', '90d')
  expect(created).toMatchObject({ code: 0, out: expect.stringMatching(/^jdvcs_[\w-]{43}\n$/) })
  expect(await run('', 'token', 'create', 'x', '--scope', 'all')).toMatchObject({ code: 2 })
  expect(await run('', 'token', 'create', 'x', '--scope', 'read', '--expires', 'soon')).toMatchObject({ code: 2 })
  const listed = (await run('', 'token', 'list')).out
  expect(listed).toMatch(/^1\tci\tread\tjdvcs_\S{6}…\texpires 20\S+Z\tlast used never\n$/)
  expect(await run('', 'token', 'revoke', 'ci')).toMatchObject({ code: 0 })
  expect(await run('', 'token', 'revoke', 'ci')).toMatchObject({ code: 1, err: expect.stringContaining('in use') })
}

test('people and tokens are managed on a data folder that nobody works on', async () => {
  await workThrough()

  expect((await run('', 'token', 'list')).out).toContain('revoked')
}, 60_000)

test('and through the connector that runs on it', async () => {
  const config = loadConfig({ file: join(folder, 'c.yaml'), env: environment, cwd: folder })
  const running = await startConnector({ config, role: 'all', env: environment, log: silentLogger })
  try {
    await workThrough()
    const log = await running.connector.app.db.read.selectFrom('admin_log').select(['actor_kind', 'action']).execute()
    expect(log).toContainEqual({ actor_kind: 'local', action: 'addUser' })
  } finally {
    await running.stop()
  }
}, 60_000)

test('serve puts the set-up link into a file, once nobody can sign in and no terminal shows it', async () => {
  const stop = new AbortController()
  let out = ''
  const written = Promise.withResolvers<void>()
  const stream = new PassThrough()
  stream.on('data', (chunk: Buffer) => {
    out += chunk.toString()
    if (out.includes('setup-link.txt')) written.resolve()
  })
  const done = runProgram(['serve', '--config', 'c.yaml'], {
    env: environment,
    cwd: folder,
    out: stream as unknown as NodeJS.WriteStream,
    err: new PassThrough() as unknown as NodeJS.WriteStream,
    signal: stop.signal,
  })
  await written.promise
  const path = join(folder, 'data', 'setup-link.txt')

  const link = await readFile(path, 'utf8')

  expect(link).toMatch(/^http:\/\/127\.0\.0\.1:[1-9]\d*\/setup#[\w-]{43}\n$/)
  expect((await stat(path)).mode & 0o777).toBe(0o600)
  expect(out).not.toContain(link.split('#')[1]?.trim())
  stop.abort(new Error('the test ends'))
  expect(await done).toBe(0)
}, 30_000)
