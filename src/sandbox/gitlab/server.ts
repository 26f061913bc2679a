import { randomUUID } from 'node:crypto'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { signIn } from './access.ts'
import { BRANCH_ROUTES } from './api/branches.ts'
import { COMMIT_ROUTES } from './api/commits.ts'
import { EVENT_ROUTES } from './api/events.ts'
import { GROUP_ROUTES } from './api/groups.ts'
import { HOOK_ROUTES } from './api/hooks.ts'
import { MERGE_REQUEST_ROUTES } from './api/merge-requests.ts'
import { PIPELINE_ROUTES } from './api/pipelines.ts'
import { PROJECT_ROUTES } from './api/projects.ts'
import { dispatch } from './api/router.ts'
import { USER_ROUTES } from './api/users.ts'
import { Refusal, refusedToken, unauthorized, type Answer } from './answer.ts'
import type { FaultInjector } from './faults.ts'
import { parseGitTarget, serveGitLabGit } from './git-http.ts'
import { authorize } from './oauth/authorize.ts'
import { giveToken } from './oauth/token.ts'
import type { RateLimiter } from './rate-limit.ts'
import { readBody } from './request-body.ts'
import type { World } from './state.ts'

/** One request as it came in, for tests that count. */
export interface RequestRecord {
  readonly method: string
  /** Path and query, without the relative root. */
  readonly path: string
  readonly kind: 'api' | 'git' | 'other'
  /** 0: not answered yet, or cut off. */
  status: number
}

export interface ServerParts {
  readonly world: World
  readonly relativeRoot: string
  readonly faults: FaultInjector
  readonly rateLimiter: RateLimiter
  readonly requests: RequestRecord[]
}

const ROUTES = [
  ...PROJECT_ROUTES,
  ...GROUP_ROUTES,
  ...USER_ROUTES,
  ...BRANCH_ROUTES,
  ...COMMIT_ROUTES,
  ...MERGE_REQUEST_ROUTES,
  ...PIPELINE_ROUTES,
  ...EVENT_ROUTES,
  ...HOOK_ROUTES,
]
const API = '/api/v4'

export function createGitLabServer(parts: ServerParts): Server {
  return createServer((request, response) => {
    handle(parts, request, response).catch((error: unknown) => {
      parts.world.log.warn({ method: request.method, error }, 'sandbox GitLab request failed')
      if (!response.headersSent) send(response, request, { status: 500, json: { message: '500 Internal Server Error' } })
      else response.destroy()
    })
  })
}

async function handle(parts: ServerParts, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { relativeRoot, faults } = parts
  const raw = request.url ?? '/'
  const inside = relativeRoot === '' || raw === relativeRoot || raw.startsWith(`${relativeRoot}/`)
  const target = inside ? raw.slice(relativeRoot.length) : raw
  const [pathname, query] = split(target)
  const git = inside ? parseGitTarget(pathname, query) : null
  const kind = git !== null ? 'git' : pathname.startsWith(`${API}/`) ? 'api' : 'other'
  const record: RequestRecord = { method: request.method ?? 'GET', path: target, kind, status: 0 }
  parts.requests.push(record)
  response.once('finish', () => {
    record.status = response.statusCode
  })
  response.setHeader('date', parts.world.clock.now().toUTCString())
  if (await faults.inject(request, response, target)) return
  if (git !== null) await tracked(parts.world, git.push, serveGitLabGit(parts.world, request, response, git))
  else if (inside && kind === 'api') send(response, request, await answerApi(parts, request, pathname, query))
  else if (inside && pathname.startsWith('/oauth/')) send(response, request, await answerOAuth(parts, request, pathname, query))
  else send(response, request, { status: 404, text: 'Page not found', headers: { 'content-type': 'text/html' } })
}

/** What GitLab does after a push goes on when the client has its answer already. */
async function tracked(world: World, push: boolean, work: Promise<void>): Promise<void> {
  if (push) world.pending.add(work)
  try {
    await work
  } finally {
    world.pending.delete(work)
  }
}

async function answerApi(
  { world, rateLimiter }: ServerParts,
  request: IncomingMessage,
  pathname: string,
  query: string,
): Promise<Answer> {
  const limit = rateLimiter.count(pathname)
  if (limit.refused !== null) return limit.refused
  const answer = await callApi(world, request, pathname, query).catch((error: unknown) => {
    if (error instanceof Refusal) return error.answer
    throw error
  })
  const common = {
    'X-Request-Id': randomUUID(),
    'X-Runtime': '0.01',
    'Cache-Control': 'max-age=0, private, must-revalidate',
    Vary: 'Origin',
  }
  return { ...answer, headers: { ...common, ...limit.headers, ...answer.headers } }
}

async function answerOAuth({ world }: ServerParts, request: IncomingMessage, pathname: string, query: string): Promise<Answer> {
  const called = `${request.method ?? 'GET'} ${pathname}`
  if (called === 'GET /oauth/authorize') return authorize(world, new URLSearchParams(query))
  if (called === 'POST /oauth/token') return giveToken(world, request.headers, await readBody(request))
  return { status: 404, text: 'Page not found', headers: { 'content-type': 'text/html' } }
}

async function callApi(world: World, request: IncomingMessage, pathname: string, query: string): Promise<Answer> {
  const signed = signIn(world.state, request.headers, world.clock.now())
  if (signed.kind === 'refused') throw signed.reason === 'unknown' ? unauthorized() : refusedToken(signed.reason)
  const body = await readBody(request)
  const url = new URL(`${world.baseUrl()}${pathname}${query === '' ? '' : `?${query}`}`)
  const caller = signed.kind === 'caller' ? signed.caller : null
  return dispatch(ROUTES, pathname.slice(API.length), {
    world,
    method: request.method ?? 'GET',
    url,
    query: url.searchParams,
    body,
    caller,
  })
}

function send(response: ServerResponse, request: IncomingMessage, answer: Answer): void {
  const type: Record<string, string> = answer.json === undefined ? {} : { 'Content-Type': 'application/json' }
  const text = answer.json === undefined ? (answer.text ?? '') : JSON.stringify(answer.json)
  const length: Record<string, string> = answer.status === 204 ? {} : { 'Content-Length': String(Buffer.byteLength(text)) }
  response.writeHead(answer.status, { ...type, ...length, ...answer.headers })
  response.end(request.method === 'HEAD' || answer.status === 204 ? undefined : text)
}

function split(target: string): [string, string] {
  const mark = target.indexOf('?')
  return mark < 0 ? [target, ''] : [target.slice(0, mark), target.slice(mark + 1)]
}
