import { randomUUID } from 'node:crypto'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Clock } from '../../lib/clock.ts'
import type { Logger } from '../../lib/logger.ts'
import { readApp } from './app/read-app.ts'
import { createSignIn, type SignIn } from './access.ts'
import { type Answer, type Exchange, readBody, runRoutes, writeAnswer } from './exchange.ts'
import { createFaults, type Fault, type FaultOptions } from './faults.ts'
import { createApplicationLinks, type ApplicationLinks, type IncomingLink } from './application-link.ts'
import { createOAuthProvider, type OAuthLink, type OAuthProvider } from './oauth-provider.ts'
import { createPages, isPage } from './pages.ts'
import { createRateLimit, type RateLimitSettings } from './rate-limit.ts'
import { createRequestLog, type LoggedRequest, type WriteCounters } from './request-log.ts'
import { issueDataRoutes } from './rest-issue-data.ts'
import { issueChangeRoutes } from './rest-issue-changes.ts'
import { issueWorkRoutes } from './rest-issue-work.ts'
import { issueRoutes } from './rest-issue.ts'
import { type SystemSettings, systemRoutes } from './rest-system.ts'
import { userPropertyRoutes } from './rest-user-properties.ts'
import { builtInConnectorRoutes } from './rest-built-in-connector.ts'
import { transitionRoutes } from './rest-transitions.ts'
import { visibilityRoutes } from './rest-visibility.ts'
import { webhookRoutes } from './rest-webhooks.ts'
import type { SandboxUser } from './types.ts'
import { createWebhooks, type Webhooks } from './webhooks.ts'
import { World } from './world.ts'

export interface SandboxJiraOptions {
  readonly clock: Clock
  readonly log: Logger
  readonly users: readonly SandboxUser[]
  /** Default: a free port of 127.0.0.1. */
  readonly listen?: { readonly host?: string; readonly port?: number }
  readonly contextPath?: '' | '/jira'
  /** Default 10.3.5. */
  readonly version?: string
  readonly deploymentType?: 'Server' | 'Cloud'
  readonly serverTitle?: string
  /** Two with the same id are copies of each other. */
  readonly serverId?: string
  /** False: whoever is not signed in gets 401 everywhere but on serverInfo. Default true. */
  readonly anonymousAccess?: boolean
  /** An incoming application link: people may sign in elsewhere with their account here. */
  readonly oauth?: OAuthLink
  /** Who looks at the pages, without a login; default: the first user. */
  readonly demoUser?: string
}

/** A running stand-in Jira with what tests and the demo need to change and to ask. */
export interface SandboxJira {
  /** With context path, without a slash at the end. */
  readonly url: string
  /** Projects, issues, users. */
  readonly world: World
  /** Set up over REST; what happens in the world is sent to them. */
  readonly webhooks: Webhooks
  /**
   * As an upload of the app does: its panel, script, menu entry and JQL names are there from now on.
   *
   * @throws Error what would be wrong with it in Jira
   */
  installApp(jar: Uint8Array): void
  configure(changes: Partial<SystemSettings & { anonymousAccess: boolean }>): void
  /** The one application link for calls signed by OAuth 1.0a; null: none. */
  setApplicationLink(link: IncomingLink | null): void
  setRateLimit(settings: RateLimitSettings | null): void
  /** Milliseconds an answer takes at least, fixed or by the number of requests under way (this one included). */
  setLatency(latency: number | ((underWay: number) => number)): void
  setFault(fault: Fault, options?: FaultOptions): void
  /** The newest 10,000, oldest first. */
  requests(): readonly LoggedRequest[]
  /** Writes that were accepted, since the start or the last `forgetRequests`. */
  writes(): WriteCounters
  forgetRequests(): void
  close(): Promise<void>
}

interface Core {
  readonly options: SandboxJiraOptions
  readonly world: World
  readonly contextPath: string
  readonly settings: { current: SystemSettings & { anonymousAccess: boolean } }
  readonly signIn: ReturnType<typeof createSignIn>
  readonly faults: ReturnType<typeof createFaults>
  readonly rateLimit: ReturnType<typeof createRateLimit>
  readonly requestLog: ReturnType<typeof createRequestLog>
  readonly pages: ReturnType<typeof createPages>
  readonly latency: { of: (underWay: number) => number }
  readonly closing: AbortController
  readonly oauth: OAuthProvider
  readonly applicationLinks: ApplicationLinks
  readonly demoUser: string
  readonly webhooks: Webhooks
  base: string
}

export async function createSandboxJira(options: SandboxJiraOptions): Promise<SandboxJira> {
  const core = createCore(options)
  const server = createServer((request, response) => {
    respond(core, request, response).catch((error: unknown) => {
      options.log.error({ err: error }, 'stand-in jira failed')
      if (!response.headersSent)
        writeAnswer(response, { status: 500, body: { errorMessages: ['Internal server error'], errors: {} } })
    })
  })
  await listen(server, options.listen ?? {})
  const { address, port } = server.address() as AddressInfo
  core.base = `http://${address.includes(':') ? `[${address}]` : address}:${port}${core.contextPath}`
  const { settings, requestLog, rateLimit, faults, latency } = core
  return {
    url: core.base,
    world: core.world,
    webhooks: core.webhooks,
    installApp: (jar) => void (core.world.app = readApp(jar)),
    configure: (changes) => void (settings.current = { ...settings.current, ...changes }),
    setApplicationLink: (link) => core.applicationLinks.set(link),
    setRateLimit: (next) => rateLimit.set(next),
    setLatency: (next) => void (latency.of = typeof next === 'number' ? () => next : next),
    setFault: (fault, faultOptions) => faults.set(fault, faultOptions),
    requests: () => requestLog.requests(),
    writes: () => requestLog.writes(),
    forgetRequests: () => requestLog.forget(),
    async close() {
      await close(server, core.closing)
      await core.webhooks.settle()
    },
  }
}

function createCore(options: SandboxJiraOptions): Core {
  const { clock, users } = options
  const world = new World({ users, clock })
  const demoUser = options.demoUser ?? users[0]?.name ?? ''
  const session = randomUUID()
  const settings = {
    version: options.version ?? '10.3.5',
    deploymentType: options.deploymentType ?? 'Server',
    serverTitle: options.serverTitle ?? 'Sandbox Jira',
    serverId: options.serverId ?? randomUUID(),
    projectKeyPattern: '([A-Z][A-Z]+)',
    anonymousAccess: options.anonymousAccess ?? true,
  }
  const closing = new AbortController()
  const oauth = createOAuthProvider(options.oauth ?? null, clock)
  const core: Core = {
    options,
    world,
    contextPath: options.contextPath ?? '',
    settings: { current: settings },
    signIn: createSignIn({ world, clock, sessions: new Map([[session, demoUser]]), userOfOAuth: (token) => oauth.userOf(token) }),
    oauth,
    applicationLinks: createApplicationLinks(clock),
    demoUser,
    faults: createFaults(),
    rateLimit: createRateLimit(clock),
    requestLog: createRequestLog(),
    pages: createPages({ world, demoUser, session, contextPath: options.contextPath ?? '', clock }),
    latency: { of: () => 0 },
    closing,
    webhooks: createWebhooks({
      world,
      clock,
      log: options.log,
      base: () => core.base,
      version: () => core.settings.current.version,
      actor: () => users[0],
      closing: closing.signal,
    }),
    base: '',
  }
  world.onEvent = (event) => core.webhooks.fire(event)
  return core
}

async function respond(core: Core, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { clock } = core.options
  const startedAtMs = clock.monotonicMs()
  const url = new URL(request.url ?? '/', 'http://jira.invalid')
  const entry = core.requestLog.started(request.method ?? 'GET', url)
  try {
    const body = await readBody(request)
    await delay(core)
    const fault = core.faults.take(request.method ?? 'GET', url.pathname)
    if (fault === 'disconnected') {
      response.destroy()
      return
    }
    const answer = fault ?? handle({ core, request, url, body })
    core.requestLog.answered(entry, {
      status: answer.status,
      user: answer.headers?.['X-AUSERNAME'] ?? null,
      real: fault === null,
    })
    writeAnswer(response, answer)
  } finally {
    core.requestLog.ended(entry, clock.monotonicMs() - startedAtMs)
  }
}

async function delay({ latency, requestLog, options, closing }: Core): Promise<void> {
  const ms = latency.of(requestLog.underWay())
  if (ms <= 0) return
  await options.clock.sleep(ms, closing.signal).catch((reason: unknown) => {
    if (!closing.signal.aborted) throw reason
  })
}

interface Handling {
  readonly core: Core
  readonly request: IncomingMessage
  readonly url: URL
  readonly body: Buffer
}

function handle({ core, request, url, body }: Handling): Answer {
  const { contextPath, settings, world, pages } = core
  const { pathname } = url
  if (pathname !== contextPath && !pathname.startsWith(`${contextPath}/`)) return notOurs(contextPath)
  const path = pathname.slice(contextPath.length) || '/'
  const call = {
    method: request.method ?? 'GET',
    path,
    query: url.searchParams,
    body,
    base: core.base,
    world,
    now: core.options.clock.now(),
  }
  const { authorization, cookie } = request.headers
  const signed = { ...call, user: null, authorization }
  const oauthAnswer =
    core.applicationLinks.answer(signed, core.demoUser) ??
    (hasOAuth2(settings.current.version) ? core.oauth.answer(signed, core.demoUser) : null)
  if (oauthAnswer !== null) return oauthAnswer
  if (isPage(path)) return pages.answer(signed)
  const signer = core.applicationLinks.userOf(signed)
  if (typeof signer === 'object' && signer !== null) return signer
  const sign = core.signIn({ authorization, cookie, signer })
  if (sign.kind === 'refused') return refuseSignIn(sign)
  const user = sign.kind === 'user' ? sign.user : null
  const always = ['/rest/api/2/serverInfo', '/rest/applinks/1.0/manifest'].includes(path)
  if (user === null && !settings.current.anonymousAccess && !always) return refuseSignIn({ kind: 'refused', captcha: false })
  const taken = user === null ? null : core.rateLimit.take(user.name)
  const headers = { 'X-AUSERNAME': user === null ? 'anonymous' : encodeURIComponent(user.name), ...taken?.headers }
  if (taken?.allowed === false) return { status: 429, headers, body: { errorMessages: ['Rate limit exceeded.'], errors: {} } }
  const answer = runRest(core, { ...call, user })
  return { ...answer, headers: { ...headers, ...answer.headers } }
}

/** Jira is a provider of OAuth 2.0 since 8.22. */
function hasOAuth2(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  return major > 8 || (major === 8 && minor >= 22)
}

function runRest({ settings, webhooks }: Core, exchange: Exchange): Answer {
  const system = [
    ...systemRoutes(() => settings.current),
    ...userPropertyRoutes(),
    ...visibilityRoutes(() => settings.current),
    ...builtInConnectorRoutes(() => settings.current),
    ...webhookRoutes(webhooks, settings.current.version),
  ]
  const issue = [...issueChangeRoutes(), ...issueRoutes(), ...issueDataRoutes(), ...issueWorkRoutes(), ...transitionRoutes()]
  return runRoutes([...system, ...issue], exchange)
}

function refuseSignIn({ captcha }: Extract<SignIn, { kind: 'refused' }>): Answer {
  const denied = { 'X-Authentication-Denied-Reason': 'CAPTCHA_CHALLENGE; login-url=/login.jsp' }
  return {
    status: captcha ? 403 : 401,
    headers: {
      'X-AUSERNAME': 'anonymous',
      'X-Seraph-LoginReason': captcha ? 'AUTHENTICATION_DENIED' : 'AUTHENTICATED_FAILED',
      'WWW-Authenticate': 'OAuth realm="jira"',
      ...(captcha ? denied : {}),
      'content-type': 'text/html;charset=UTF-8',
    },
    body: '<html><head><title>Unauthorized</title></head><body><h1>HTTP Status 401 – Unauthorized</h1></body></html>',
  }
}

function notOurs(contextPath: string): Answer {
  const headers = { 'content-type': 'text/html;charset=UTF-8' }
  return { status: 404, headers, body: `<html><body>HTTP Status 404: Jira lives below ${contextPath}</body></html>` }
}

function listen(server: Server, { host = '127.0.0.1', port = 0 }: NonNullable<SandboxJiraOptions['listen']>): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, () => {
      server.off('error', reject)
      resolve()
    })
  })
}

function close(server: Server, closing: AbortController): Promise<void> {
  closing.abort()
  return new Promise((resolve) => {
    server.close(() => resolve())
    server.closeAllConnections()
  })
}
