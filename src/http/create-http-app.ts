import { randomUUID } from 'node:crypto'
import cookie from '@fastify/cookie'
import helmet from '@fastify/helmet'
import rateLimit from '@fastify/rate-limit'
import { fastifySSE } from '@fastify/sse'
import Fastify, { type FastifyHttpOptions, type FastifyReply, type FastifyRequest, type RawServerDefault } from 'fastify'
import { serializerCompiler, validatorCompiler, type ZodTypeProvider } from 'fastify-type-provider-zod'
import { createViewPermission } from '../app/identity/view-permission.ts'
import { ConnectorError } from '../lib/connector-error.ts'
import { registerAdminLog } from './admin-log.ts'
import { createAdminLogHook } from './admin-log-hook.ts'
import { createAttemptLimit } from './attempt-limit.ts'
import { createPasswords } from '../lib/passwords.ts'
import { registerAccountDryRun } from './account-dry-run.ts'
import { registerAccountWebhooks } from './account-webhooks.ts'
import { registerAccounts } from './accounts.ts'
import { createAuthentication } from './authentication.ts'
import { answerClientError } from './client-error.ts'
import { registerDrift } from './drift.ts'
import { devStatusErrorMembers, registerDevStatus } from './dev-status.ts'
import { registerDeliveries } from './deliveries.ts'
import { createErrorHandler, type MoreMembers } from './error-handler.ts'
import { registerExplain } from './explain.ts'
import { registerHealth } from './health.ts'
import { DEFAULT_LIMITS, type HttpApp, type HttpAppOptions, type HttpLimits, type RouteContext } from './http-app.ts'
import { registerIssues } from './issues.ts'
import { registerJira } from './jira.ts'
import { registerJiraApp } from './jira-app.ts'
import { registerJiraSignIn } from './jira-sign-in.ts'
import { registerJiraSignInSettings } from './jira-sign-in-settings.ts'
import { registerJiraConnection } from './jira-connection.ts'
import { registerJiraWebhooks } from './jira-webhooks.ts'
import { registerMetrics } from './metrics.ts'
import { registerOAuthCallback } from './oauth-callback.ts'
import { registerOpenApi, registerOpenApiDocument } from './openapi.ts'
import { originalErrorMembers, registerOriginalRepositories } from './original-repositories.ts'
import { toRouteNotFound } from './problem-document.ts'
import { createRefusalLimit } from './refusal-limit.ts'
import { registerManualLinks, registerPanelReading } from './panel.ts'
import { registerRepositories } from './repositories.ts'
import { registerSession } from './session.ts'
import { createSessionCookie } from './session-cookie.ts'
import { registerSettings } from './settings.ts'
import { registerSetup } from './setup.ts'
import type { SignInContext } from './sign-in-context.ts'
import { registerRepositoryBulk } from './repository-bulk.ts'
import { registerSmartCommitPeople } from './smart-commit-people.ts'
import { registerSmartCommitProfile } from './smart-commit-profile.ts'
import { registerSmartCommits } from './smart-commits.ts'
import { registerStatistics } from './statistics.ts'
import { registerStream } from './stream.ts'
import { registerTokens } from './tokens.ts'
import { registerTriggers } from './triggers.ts'
import { registerUsers } from './users.ts'
import { registerWebInterface, sendPage, wantsPage } from './web-interface.ts'
import { registerWebhooks } from './webhooks.ts'

/** An issue key may be this long. */
const MAX_PARAMETER_LENGTH = 1024

/**
 * The HTTP interface, ready and not listening. Besides `listen`, another server may pass requests to `routing`, such as
 * one on a local socket whose connections `isTrusted` knows.
 */
export async function createHttpApp(options: HttpAppOptions): Promise<HttpApp> {
  const limits: HttpLimits = { ...DEFAULT_LIMITS, ...options.limits }
  const http = createFastify(options, limits)
  const closing = new AbortController()
  http.addHook('preClose', () => {
    closing.abort(
      new ConnectorError('shutting-down', {
        userMessage: 'The connector is stopping.',
        remedy: 'Try again in a minute.',
        retryable: true,
      }),
    )
    return Promise.resolve()
  })
  const { app, secretBox, abortSync, log } = options
  const viewPermission = createViewPermission(app)
  const context: RouteContext = { app, secretBox, abortSync, log, viewPermission, closing: closing.signal }
  await registerSecurity(http)
  registerRequestLog(http, options)
  await registerOpenApi(http, options.version)
  await registerRoutes(http, { options, limits, context })
  await http.ready()
  return http
}

function createFastify({ app, log, trustProxy, webFolder }: HttpAppOptions, { requestTimeoutMs }: HttpLimits): HttpApp {
  const handleError = createErrorHandler({ log, clock: app.clock })
  const server: FastifyHttpOptions<RawServerDefault> = {
    logger: false,
    // One proxy: of a longer X-Forwarded-For only the last entry is not the caller's own invention.
    trustProxy: trustProxy ? (_address, hop) => hop < 1 : false,
    genReqId: () => randomUUID(),
    requestTimeout: requestTimeoutMs,
    // Node looks at no body's time while the time for headers is the longer one.
    http: {
      connectionsCheckingInterval: Math.min(10_000, requestTimeoutMs),
      headersTimeout: Math.min(20_000, requestTimeoutMs),
      requestTimeout: requestTimeoutMs,
    },
    routerOptions: { ignoreTrailingSlash: true, maxParamLength: MAX_PARAMETER_LENGTH },
    clientErrorHandler: answerClientError,
    frameworkErrors: (error, request, reply) => void handleError(error, request as FastifyRequest, reply as FastifyReply),
  }
  const http = Fastify(server).withTypeProvider<ZodTypeProvider>()
  http.setValidatorCompiler(validatorCompiler)
  http.setSerializerCompiler(serializerCompiler)
  http.setErrorHandler(handleError)
  http.setNotFoundHandler((request, reply) => {
    if (webFolder === undefined || !wantsPage(request)) return handleError(toRouteNotFound(request), request, reply)
    return sendPage(reply.status(404), { folder: webFolder, serverUrl: app.settings.serverUrl })
  })
  return http
}

async function registerSecurity(http: HttpApp): Promise<void> {
  await http.register(helmet, {
    contentSecurityPolicy: {
      useDefaults: false,
      directives: { defaultSrc: ["'none'"], frameAncestors: ["'none'"], baseUri: ["'none'"], formAction: ["'none'"] },
    },
    frameguard: { action: 'deny' },
    // For the proxy that speaks TLS to decide: it would bind every other service on this host name, a Jira without TLS too.
    strictTransportSecurity: false,
  })
  await http.register(rateLimit, { global: false })
  // Read where a session counts, not on every webhook.
  await http.register(cookie, { hook: false })
  http.addHook('onRequest', (request, reply, done) => {
    void reply.header('x-request-id', request.id).header('cache-control', 'no-store')
    done()
  })
}

/** The route, never the address: that one may hold what people searched for. */
function registerRequestLog(http: HttpApp, { log }: HttpAppOptions): void {
  http.addHook('onResponse', (request, reply, done) => {
    const { method, id: requestId } = request
    log.debug(
      { requestId, method, route: request.routeOptions.url, status: reply.statusCode, ms: Math.round(reply.elapsedTime) },
      'request answered',
    )
    done()
  })
}

interface Routes {
  readonly options: HttpAppOptions
  readonly limits: HttpLimits
  readonly context: RouteContext
}

async function registerRoutes(http: HttpApp, routes: Routes): Promise<void> {
  const { options, limits, context } = routes
  const { clock } = options.app
  const guard = createGuard(http, routes)
  http.decorateRequest('caller', null)
  http.decorateRequest('logged', null)
  const { metrics, webFolder } = options
  registerHealth(http, context)
  if (metrics !== undefined) await guard('/metrics', (scope) => registerMetrics(scope, metrics))
  if (options.operationsOnly === true) return
  const signIn = createSignInContext(routes)

  await http.register(fastifySSE, { heartbeatInterval: limits.heartbeatMs })
  const webhookRefusals = createRefusalLimit(http, { perMinute: limits.unverifiedWebhooksPerMinute, clock })
  await http.register((scope, _options, done) => {
    registerWebhooks(scope.withTypeProvider<ZodTypeProvider>(), context, webhookRefusals)
    done()
  })
  registerOAuthCallback(http, context, createRefusalLimit(http, { perMinute: limits.wrongTokensPerMinute, clock }))
  await http.register((scope, _options, done) => {
    registerJiraWebhooks(scope.withTypeProvider<ZodTypeProvider>(), context, webhookRefusals)
    done()
  })
  registerJiraSignIn(http, signIn)
  await guard('/api', registerOpenApiDocument)
  await guard('/api/v1', (scope) => {
    registerSetup(scope, signIn)
    registerSession(scope, signIn)
    registerUsers(scope, signIn)
    registerTokens(scope, context)
    registerAdminLog(scope, context)
    registerAccounts(scope, context)
    registerAccountDryRun(scope, context)
    registerAccountWebhooks(scope, context)
    registerDrift(scope, context)
    registerRepositories(scope, context)
    registerRepositoryBulk(scope, context)
    registerStatistics(scope, context)
    registerIssues(scope, context)
    registerTriggers(scope, context)
    registerPanelReading(scope, context)
    registerManualLinks(scope, context)
    registerDeliveries(scope, context)
    registerSmartCommits(scope, context)
    registerSmartCommitPeople(scope, context)
    registerSmartCommitProfile(scope, context)
    registerExplain(scope, context)
    registerStream(scope, context)
    registerJira(scope, context)
    registerJiraConnection(scope, context)
    registerJiraSignInSettings(scope, context)
    registerJiraApp(scope, context, options.version)
    registerSettings(scope, context, options.options ?? [])
  })
  await guard('/rest/dev-status/1.0', (scope) => registerDevStatus(scope, context), devStatusErrorMembers)
  await guard('/rest/bitbucket/1.0', (scope) => registerOriginalRepositories(scope, context), originalErrorMembers)
  if (webFolder !== undefined) {
    await registerWebInterface(http, { folder: webFolder, serverUrl: options.app.settings.serverUrl })
  }
}

/** Registers routes that look at who calls, and that note what administrators change. */
function createGuard(http: HttpApp, { options, limits }: Routes) {
  const { app, log } = options
  const { clock } = app
  const authenticate = createAuthentication({
    app,
    adminToken: options.adminToken,
    isTrusted: options.isTrusted ?? (() => false),
    refusals: createRefusalLimit(http, { perMinute: limits.wrongTokensPerMinute, clock }),
    cookie: createSessionCookie(app.settings.serverUrl),
  })
  const noteChange = createAdminLogHook(app)
  return async (prefix: string, register: (scope: HttpApp) => void, more?: MoreMembers): Promise<void> => {
    await http.register(
      (scope, _options, done) => {
        scope.addHook('onRequest', authenticate)
        scope.addHook('onSend', noteChange)
        if (more !== undefined) scope.setErrorHandler(createErrorHandler({ log, clock }, more))
        register(scope.withTypeProvider<ZodTypeProvider>())
        done()
      },
      { prefix },
    )
  }
}

/** Even the longest wait is short: whoever guesses for ever must not shut the right person out. */
const LONGEST_WAIT_MS = 60_000

function createSignInContext({ options, limits, context }: Routes): SignInContext {
  const { clock, settings } = options.app
  const { bySource, byName } = limits.freeSignIns
  return {
    ...context,
    cookie: createSessionCookie(settings.serverUrl),
    passwords: options.passwords ?? createPasswords(),
    version: options.version,
    attempts: {
      bySource: createAttemptLimit({ clock, free: bySource, maxMs: LONGEST_WAIT_MS }),
      byName: createAttemptLimit({ clock, free: byName, maxMs: LONGEST_WAIT_MS }),
    },
  }
}
