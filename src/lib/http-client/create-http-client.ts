import { backOffMs, parseRetryAfter } from '../back-off.ts'
import type { Clock } from '../clock.ts'
import { createConcurrencyGate } from '../concurrency-gate.ts'
import { ConnectorError } from '../connector-error.ts'
import type { HttpClient, HttpRequest, HttpResponse } from '../http-client.ts'
import type { HttpObserver } from '../http-observer.ts'
import type { Logger } from '../logger.ts'
import { judgeAddress, toIpLiteral } from './address-rules.ts'
import { createDispatchers, type Dispatchers } from './dispatchers.ts'
import { runExchange } from './exchange.ts'
import { describeRequest, isConnectionFailure, toAddressRefused, toRedirectRefused } from './transport-error.ts'

export interface HttpClientOptions {
  /** PEM texts of certificate authorities trusted beside the machine's own. */
  readonly ca?: readonly string[]
  /** Address of an HTTP proxy, possibly with credentials; null or absent: none. */
  readonly proxy?: string | null
  /** Hosts reached without the proxy, in the notation of NO_PROXY. */
  readonly noProxy?: string
  /** False: loopback, private and other special addresses are refused. Link-local ones always are. */
  readonly allowPrivateAddresses: boolean
  readonly userAgent: string
  readonly clock: Clock
  readonly log: Logger
  readonly observer?: HttpObserver
  /** Uniform in [0, 1), for the spread of retries. */
  readonly random?: () => number
  /** Requests at once to one origin; default 8. */
  readonly requestsPerOrigin?: number
  /** ms to connect; default 10,000. */
  readonly connectTimeoutMs?: number
  /** ms until the answer's headers; default 45,000. */
  readonly headersTimeoutMs?: number
  /** ms between two pieces of a body; default 20,000. */
  readonly idleTimeoutMs?: number
  /** ms for a whole exchange whose request names no other limit; default 60,000. */
  readonly exchangeTimeoutMs?: number
}

interface Core extends HttpClientOptions {
  readonly dispatchers: Dispatchers
}

const MAX_REDIRECTS = 5
const REDIRECTS_FOLLOWED = new Set([301, 302, 307, 308])
const STATUSES_RETRIED = new Set([429, 502, 503, 504])
/** Longer waits belong to the caller, who can free its place meanwhile. */
const LONGEST_RETRY_AFTER_MS = 30_000

/**
 * Creates the one way out to other servers. `timeoutMs` of a request bounds each of its tries. Repeated are requests
 * that may be (GET, PUT, DELETE, `repeatable`) after 429, 502, 503, 504 and connection failures; a `Retry-After` of
 * more than 30 s is not waited for: the answer is handed to the caller.
 */
export function createHttpClient(options: HttpClientOptions): HttpClient {
  const requestsPerOrigin = options.requestsPerOrigin ?? 8
  const gate = createConcurrencyGate(requestsPerOrigin)
  const dispatchers = createDispatchers({
    ca: options.ca ?? [],
    proxy: options.proxy ?? null,
    noProxy: options.noProxy ?? '',
    allowPrivateAddresses: options.allowPrivateAddresses,
    connectTimeoutMs: options.connectTimeoutMs ?? 10_000,
    connectionsPerOrigin: requestsPerOrigin,
  })
  const core: Core = { ...options, dispatchers }
  return {
    send: (request) => sendWithRetries(core, request, (work) => gate.run(request.url.origin, request.signal, work)),
    close: () => dispatchers.destroy(),
  }
}

type Enter = (work: () => Promise<HttpResponse>) => Promise<HttpResponse>

async function sendWithRetries(core: Core, request: HttpRequest, enter: Enter): Promise<HttpResponse> {
  const repeatable = request.repeatable ?? (request.method !== 'POST' && request.method !== 'PATCH')
  const retries = repeatable ? (request.retries ?? 2) : 0
  for (let attempt = 0; ; attempt += 1) {
    const outcome = await enter(() => follow(core, request)).then(
      (response) => ({ response, error: null }),
      (error: unknown) => ({ response: null, error }),
    )
    const waitMs = attempt < retries ? findWaitMs(core, outcome, attempt) : null
    if (waitMs === null) {
      if (outcome.response === null) throw outcome.error
      return outcome.response
    }
    const reason = outcome.response?.status ?? (outcome.error as ConnectorError).code
    core.log.debug(
      { request: describeRequest(request.method, request.url), attempt: attempt + 1, reason, waitMs },
      'request is repeated',
    )
    await core.clock.sleep(waitMs, request.signal)
  }
}

type Outcome = { response: HttpResponse; error: null } | { response: null; error: unknown }

/** ms to wait before the next try; null when this outcome is final. */
function findWaitMs(core: Core, { response, error }: Outcome, attempt: number): number | null {
  const backOff = backOffMs(attempt, { baseMs: 500, maxMs: 8_000, random: core.random ?? Math.random })
  if (response === null) return error instanceof ConnectorError && isConnectionFailure(error) ? backOff : null
  if (!STATUSES_RETRIED.has(response.status)) return null
  const retryAfterMs = parseRetryAfter(response.headers['retry-after'], core.clock.now())
  if (retryAfterMs === null) return backOff
  return retryAfterMs > LONGEST_RETRY_AFTER_MS ? null : Math.max(retryAfterMs, backOff)
}

/** Sends once and follows redirects of the same origin, so that credentials never leave it. */
async function follow(core: Core, request: HttpRequest): Promise<HttpResponse> {
  let url = request.url
  for (let redirects = 0; ; redirects += 1) {
    const response = await sendOnce(core, request, url)
    const location = response.status >= 300 && response.status < 400 ? response.headers['location'] : undefined
    if (location === undefined) return response
    const target = URL.parse(location, url)
    const permitted = request.method === 'GET' && REDIRECTS_FOLLOWED.has(response.status) && redirects < MAX_REDIRECTS
    if (!permitted || target === null || target.origin !== request.url.origin) {
      throw toRedirectRefused({ what: describeRequest(request.method, url), url }, response.status, target)
    }
    url = target
  }
}

async function sendOnce(core: Core, request: HttpRequest, url: URL): Promise<HttpResponse> {
  const { dispatcher, viaProxy } = core.dispatchers.choose(url)
  const literal = toIpLiteral(url.hostname)
  if (literal !== null) {
    const verdict = judgeAddress(literal, core.allowPrivateAddresses || viaProxy)
    if (verdict !== 'allowed') throw toAddressRefused(url.hostname, verdict)
  }
  core.observer?.sent()
  const startedMs = core.clock.monotonicMs()
  const observe = (status: number | null, headers: HttpResponse['headers']) =>
    core.observer?.answered({ url, status, headers, ms: core.clock.monotonicMs() - startedMs })
  const exchange = runExchange({
    dispatcher,
    method: request.method,
    url,
    headers: toHeaders(core, request),
    body: request.bytes ?? (request.json === undefined ? null : Buffer.from(JSON.stringify(request.json))),
    signal: request.signal,
    timeoutMs: request.timeoutMs ?? core.exchangeTimeoutMs ?? 60_000,
    headersTimeoutMs: core.headersTimeoutMs ?? 45_000,
    idleTimeoutMs: core.idleTimeoutMs ?? 20_000,
    maxBytes: request.maxBytes ?? 16 * 1024 * 1024,
  })
  const response = await exchange.catch((error: unknown) => {
    observe(null, {})
    throw error
  })
  observe(response.status, response.headers)
  request.onAnswer?.(response.status, response.headers)
  return response
}

function toHeaders(core: Core, request: HttpRequest): Record<string, string> {
  const headers: Record<string, string> = {
    'user-agent': core.userAgent,
    accept: 'application/json',
    'accept-encoding': 'gzip, deflate, br',
  }
  if (request.json !== undefined) headers['content-type'] = 'application/json'
  for (const [name, value] of Object.entries(request.headers ?? {})) {
    if (!/^[\t\x20-\x7e\x80-\xff]*$/.test(value)) {
      const remedy = 'Enter the token or password again, without line breaks or blanks around it.'
      throw new ConnectorError('request-invalid', {
        userMessage: `${describeRequest(request.method, request.url)}: the header ${name} contains characters that cannot be sent.`,
        remedy,
      })
    }
    headers[name.toLowerCase()] = value
  }
  return headers
}
