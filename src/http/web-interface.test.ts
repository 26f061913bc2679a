import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import Fastify from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import { afterEach, expect, test } from 'vitest'
import { silentLogger } from '../lib/logger.ts'
import { systemClock } from '../lib/clock.ts'
import { createErrorHandler } from './error-handler.ts'
import { registerWebInterface, wantsPage } from './web-interface.ts'

const folders: string[] = []
afterEach(() => Promise.all(folders.splice(0).map((folder) => rm(folder, { recursive: true, force: true }))))

const SCRIPT = 'console.log(1)\n'

async function createPages({ built = true, serverUrl = 'https://dvcs.example.com' } = {}) {
  const folder = await mkdtemp(join(tmpdir(), 'web-interface-'))
  folders.push(folder)
  if (built) {
    await mkdir(join(folder, 'assets'))
    await writeFile(join(folder, 'index.html'), '<html><head><base href="/" /></head></html>')
    await writeFile(join(folder, 'favicon.svg'), '<svg/>')
    await writeFile(join(folder, 'color-mode.js'), SCRIPT)
    await writeFile(join(folder, 'assets', 'index-1.js'), SCRIPT)
    await writeFile(join(folder, 'assets', 'index-1.js.gz'), gzipSync(SCRIPT))
  }
  const http = Fastify().withTypeProvider<ZodTypeProvider>()
  http.setErrorHandler(createErrorHandler({ log: silentLogger, clock: systemClock }))
  await registerWebInterface(http, { folder, serverUrl })
  return http
}

test.each(['/', '/accounts', '/accounts/acme', '/issues/SHOP-7', '/settings/users', '/setup', '/docs/jira'])(
  'the page %s is the one document, with a policy that allows nothing inline',
  async (url) => {
    const http = await createPages()

    const { statusCode, headers, body } = await http.inject({ url })

    expect(statusCode).toBe(200)
    expect(headers['content-type']).toBe('text/html; charset=utf-8')
    expect(body).toContain('<base href="/" />')
    const policy = String(headers['content-security-policy'])
    expect(policy).toContain("default-src 'none'")
    expect(policy).toContain("script-src 'self'")
    expect(policy).not.toContain('unsafe')
  },
)

test('every page of the router can be opened by its address', async () => {
  const http = await createPages()
  const router = await readFile(join(import.meta.dirname, '../../web/app/router.tsx'), 'utf8')
  const paths = [...router.matchAll(/^ {2}path: '([^']+)'/gm)].map(([, path = '']) => path.replaceAll(/\$\w+/g, 'x'))

  const answers = await Promise.all(paths.map(async (url) => [url, (await http.inject({ url })).statusCode]))

  expect(paths).toContain('/triggers')
  expect(answers.filter(([, status]) => status !== 200)).toEqual([])
})

test('the base is the path of the public address, safe inside its attribute', async () => {
  const http = await createPages({ serverUrl: 'https://example.com/tools/a&b' })

  const { body } = await http.inject({ url: '/accounts' })

  expect(body).toContain('<base href="/tools/a&amp;b/" />')
})

test('a file is compressed for who takes it, and kept for a year', async () => {
  const http = await createPages()

  const plain = await http.inject({ url: '/assets/index-1.js' })
  const compressed = await http.inject({ url: '/assets/index-1.js', headers: { 'accept-encoding': 'gzip, br' } })

  expect(plain.body).toBe(SCRIPT)
  expect(plain.headers['cache-control']).toBe('public, max-age=31536000, immutable')
  expect(compressed.headers['content-encoding']).toBe('gzip')
  expect(compressed.rawPayload).toEqual(gzipSync(SCRIPT))
})

test.each([
  '/assets/../index.html',
  '/assets/%2e%2e/index.html',
  '/assets/..%2findex.html',
  '/assets/gone.js',
  '/assets/',
  '/else',
])('what is no file of the interface is not there: %s', async (url) => {
  const http = await createPages()

  const { statusCode } = await http.inject({ url })

  expect(statusCode).toBeGreaterThanOrEqual(403)
  expect(statusCode).toBeLessThan(405)
})

test('while it is being built, the pages say so', async () => {
  const http = await createPages({ built: false })

  const { statusCode, json } = await http.inject({ url: '/accounts' })

  expect(statusCode).toBe(503)
  expect(json()).toMatchObject({ code: 'web-interface-missing' })
})

test.each([
  ['GET', '/nowhere', 'text/html,application/xhtml+xml;q=0.9', true],
  ['GET', '/apis', 'text/html', true],
  ['GET', '/nowhere', 'application/json', false],
  ['GET', '/nowhere', undefined, false],
  ['POST', '/nowhere', 'text/html', false],
  ['GET', '/api/v1/nowhere', 'text/html', false],
  ['GET', '/assets/gone.js', 'text/html', false],
] as const)('%s %s from somebody who takes %s is answered by a page: %s', (method, url, accept, page) => {
  expect(wantsPage({ method, url, headers: accept === undefined ? {} : { accept } })).toBe(page)
})
