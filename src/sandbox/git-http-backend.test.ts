import { execFile } from 'node:child_process'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { createServer, request as sendRequest, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { gzipSync } from 'node:zlib'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { fastImport, initBareRepository, type ImportedEntry } from './fast-import.ts'
import { serveGit, type ServedGit } from './git-http-backend.ts'
import { runGit, sandboxGitEnvironment } from './run-git.ts'

const env = process.env
const run = promisify(execFile)
let folder = ''
let server: Server
let url = ''
let settings = { allowPush: false, filter: true }
let served: Promise<ServedGit>[] = []

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'git-http-backend-'))
  settings = { allowPush: false, filter: true }
  served = []
  const repositoryFolder = join(folder, 'shop.git')
  await initBareRepository({ folder: repositoryFolder, env })
  await fastImport({ folder: repositoryFolder, env, entries: history(300) })
  server = createServer((request, response) => {
    const { pathname, search } = new URL(request.url ?? '/', 'http://localhost')
    const pathInfo = pathname.replace('/acme/shop.git', '')
    served.push(
      serveGit(request, response, { repositoryFolder, pathInfo, query: search.slice(1), remoteUser: null, env, ...settings }),
    )
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/acme/shop.git`
})
afterEach(async () => {
  server.closeAllConnections()
  await new Promise((resolve) => server.close(resolve))
  await rm(folder, { recursive: true, force: true })
})

function* history(count: number): Generator<ImportedEntry> {
  for (let mark = 1; mark <= count; mark++) {
    const files = [{ path: `file-${mark}.txt`, content: `${mark} `.repeat(2000) }]
    const parents = mark === 1 ? [] : [mark - 1]
    yield {
      kind: 'commit',
      ref: 'refs/heads/main',
      mark,
      parents,
      author: { name: 'Ann', email: 'a@example.com' },
      authoredAt: new Date(0),
      message: `c${mark}`,
      files,
    }
  }
}

const clone = (...args: string[]) =>
  run('git', ['clone', '--quiet', ...args, url, join(folder, 'copy')], { env: sandboxGitEnvironment(env) })
const inCopy = (...args: string[]) => runGit(args, { folder: join(folder, 'copy'), env })

it('serves a full and a partial clone', async () => {
  await clone('--bare', '--filter=tree:0')

  expect(await inCopy('rev-list', '--count', 'main')).toBe('300')
  expect(await inCopy('rev-list', '--objects', '--missing=print', '--count', 'main', '--not', 'main')).toBe('0')
  expect((await Promise.all(served)).every(({ exitCode, pushed }) => exitCode === 0 && !pushed)).toBe(true)
})

it.each([true, false])('advertises filter only when told to (%s)', async (filter) => {
  settings = { allowPush: false, filter }

  const answer = await fetch(`${url}/info/refs?service=git-upload-pack`, { headers: { 'git-protocol': 'version=2' } })

  expect(answer.status).toBe(200)
  expect(answer.headers.get('content-type')).toBe('application/x-git-upload-pack-advertisement')
  expect((await answer.text()).includes('filter')).toBe(filter)
})

it('tells of a push, and refuses it when pushing is not allowed', async () => {
  await clone()
  await inCopy(
    '-c',
    'user.name=Ann',
    '-c',
    'user.email=a@example.com',
    'commit',
    '--quiet',
    '--allow-empty',
    '-m',
    'SHOP-1 pushed',
  )

  await expect(inCopy('push', '--quiet', 'origin', 'main')).rejects.toThrow(/403/)
  settings = { ...settings, allowPush: true }
  served = []
  await inCopy('push', '--quiet', 'origin', 'main')

  expect((await Promise.all(served)).filter(({ pushed }) => pushed)).toHaveLength(1)
})

it('takes gzip bodies', async () => {
  const body = gzipSync('0014command=ls-refs\n0000')

  const answer = await fetch(`${url}/git-upload-pack`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-git-upload-pack-request', 'content-encoding': 'gzip', 'git-protocol': 'version=2' },
    body,
  })

  expect(await answer.text()).toContain('refs/heads/main')
})

it('answers what git answers for a path it does not know', async () => {
  const answer = await fetch(`${url}/nothing`)

  expect(answer.status).toBe(404)
})

it('ends git when the client leaves', async () => {
  const request = sendRequest(`${url}/git-upload-pack`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-git-upload-pack-request', 'transfer-encoding': 'chunked' },
  })
  request.on('error', () => request.destroy())
  request.write('0014')
  await expect.poll(() => served.length).toBe(1)

  request.destroy()

  expect(await served[0]).toEqual({ pushed: false, exitCode: null })
})

it('answers 500 and rejects when git cannot be started', async () => {
  const failing = createServer((request, response) => {
    const options = {
      repositoryFolder: folder,
      pathInfo: '/info/refs',
      query: '',
      remoteUser: null,
      env: { PATH: join(folder, 'none') },
      ...settings,
    }
    served.push(serveGit(request, response, options))
    served.at(-1)?.catch(() => response.end())
  })
  await new Promise<void>((resolve) => failing.listen(0, '127.0.0.1', resolve))
  try {
    const answer = await fetch(`http://127.0.0.1:${(failing.address() as AddressInfo).port}/`)

    expect(answer.status).toBe(500)
    await expect(served[0]).rejects.toThrow(/ENOENT/)
    expect((await readdir(folder)).toSorted()).toEqual(['shop.git'])
  } finally {
    failing.closeAllConnections()
    await new Promise((resolve) => failing.close(resolve))
  }
})
