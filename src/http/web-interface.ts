import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { FastifyReply, FastifyRequest } from 'fastify'
import fastifyStatic from '@fastify/static'
import { ConnectorError } from '../lib/connector-error.ts'
import type { HttpApp } from './http-app.ts'
import { toRouteNotFound } from './problem-document.ts'

/** The pages of web/app/router.tsx; which of them exist, and for whom, is decided there and by the API. */
const PAGES = [
  '/',
  '/accounts',
  '/accounts/*',
  '/repositories/*',
  '/issues/*',
  '/triggers',
  '/triggers/*',
  '/smart-commits',
  '/deliveries',
  '/deliveries/*',
  '/explain',
  '/settings',
  '/settings/*',
  '/profile',
  '/setup',
  '/sign-in',
  '/no-permission',
  '/docs',
  '/docs/*',
]

/** Only what the connector itself serves; no inline script and no inline style. */
const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "base-uri 'self'",
  "form-action 'self'",
  "frame-ancestors 'none'",
].join('; ')

export interface WebInterfaceOptions {
  /** Where the built web interface lies; made there while the connector already runs, when it runs from its sources. */
  readonly folder: string
  /** The public address; its path is where the pages find everything else. */
  readonly serverUrl: string
}

/** The pages that people see: one document for all of them, and the files it loads. */
export async function registerWebInterface(http: HttpApp, { folder, serverUrl }: WebInterfaceOptions): Promise<void> {
  await http.register(fastifyStatic, {
    root: join(folder, 'assets'),
    prefix: '/assets/',
    preCompressed: true,
    // Their names change with their content.
    immutable: true,
    maxAge: '365d',
    index: false,
    decorateReply: false,
    suppressWarning: true,
  })
  http.get('/assets/', { schema: { hide: true } }, (request) => Promise.reject(toRouteNotFound(request)))
  for (const [name, type] of [
    ['favicon.svg', 'image/svg+xml'],
    ['color-mode.js', 'text/javascript; charset=utf-8'],
  ] as const) {
    http.get(`/${name}`, { schema: { hide: true } }, async (_request, reply) => {
      const content = await readBuilt(folder, name)
      return reply.type(type).header('cache-control', 'public, max-age=3600').send(content)
    })
  }
  for (const path of PAGES) {
    http.get(path, { schema: { hide: true } }, (_request, reply) => sendPage(reply, { folder, serverUrl }))
  }
}

const NO_PAGES = /^\/(api|rest|webhooks|assets)(\/|$)/

/** Whether somebody looks at an address that there is not in a browser: a page says so better than JSON does. */
export function wantsPage({ method, url, headers }: Pick<FastifyRequest, 'method' | 'url' | 'headers'>): boolean {
  return method === 'GET' && !NO_PAGES.test(url) && (headers.accept ?? '').includes('text/html')
}

/** The one document, whose script draws what belongs to the address. */
export async function sendPage(reply: FastifyReply, { folder, serverUrl }: WebInterfaceOptions): Promise<FastifyReply> {
  const page = await readBuilt(folder, 'index.html')
  return reply
    .type('text/html; charset=utf-8')
    .header('content-security-policy', CONTENT_SECURITY_POLICY)
    .header('referrer-policy', 'same-origin')
    .send(page.replace('<base href="/" />', `<base href="${toBase(serverUrl)}" />`))
}

/** The path of the public address with a slash at its end, safe inside an attribute. */
function toBase(serverUrl: string): string {
  const path = new URL(serverUrl).pathname.replace(/\/*$/, '/')
  return path.replaceAll('&', '&amp;').replaceAll('"', '&quot;').replaceAll('<', '&lt;')
}

async function readBuilt(folder: string, name: string): Promise<string> {
  try {
    return await readFile(join(folder, name), 'utf8')
  } catch (cause) {
    throw new ConnectorError('web-interface-missing', {
      userMessage: 'The web interface is not there yet.',
      remedy: 'Wait a few seconds while it is built, then load the page again. If it stays away, run "npm run build".',
      retryable: true,
      cause,
    })
  }
}
