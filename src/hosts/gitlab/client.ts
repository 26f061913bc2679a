import type { z } from 'zod'
import type { HostToken } from '../../domain/host-token.ts'
import type { Clock } from '../../lib/clock.ts'
import { createClockSkew } from '../../lib/clock-skew.ts'
import type { HttpClient, HttpRequest, HttpResponse } from '../../lib/http-client.ts'
import { createRateBudget, toRateLimited, type RateWindow } from '../../lib/rate-budget.ts'
import { createTokenBucket, type TokenBucket } from '../../lib/token-bucket.ts'
import { toAnswerError, toUnexpectedAnswer } from './answer-error.ts'

export type QueryValues = Readonly<Record<string, string | number | boolean | null>>

/** Speaks API v4 as one user. Every failure is a `ConnectorError` (see `HostConnection`). */
export interface GitLabClient {
  /** The address of a resource; values of null are left out. */
  address(path: string, query?: QueryValues): URL
  /** Any answer with 2xx or a status of `accept`; others throw. */
  request(request: ApiRequest): Promise<HttpResponse>
  /** The JSON of an answer, read by `schema`; anything else throws `unexpected-answer`. */
  get<T>(url: URL, schema: z.ZodType<T>, signal: AbortSignal): Promise<T>
  /** See `HostConnection.requestsLeft`. */
  requestsLeft(): number | null
  /** See `HostConnection.clockSkewMs`. */
  clockSkewMs(): number | null
  /** See `HostConnection.rateLimit`. */
  rateLimit(): RateWindow | null
}

export interface ApiRequest {
  readonly method: HttpRequest['method']
  readonly url: URL
  readonly json?: unknown
  readonly signal: AbortSignal
  /** Statuses beside 2xx that are handed back instead of thrown. */
  readonly accept?: readonly number[]
  /** Largest answer; default 64 MiB. */
  readonly maxBytes?: number
}

export interface ClientOptions {
  readonly api: URL
  readonly token: HostToken
  readonly http: HttpClient
  readonly clock: Clock
}

/** A page of a hundred merge requests may carry descriptions of up to 1 MiB each. */
const MAX_BYTES = 64 * 1024 * 1024
const LONGEST_WAIT_MS = 5_000

/**
 * Limits that GitLab does not tell in its headers, requests a minute and user
 * (GitLab documentation "Rate limits on Projects API, Groups API, Users API", 17.x).
 */
const UNTOLD_LIMITS: readonly (readonly [RegExp, number])[] = [
  [/^groups\/[^/]+\/projects$/, 600],
  [/^projects\/[^/]+$/, 400],
  [/^groups\/[^/]+$/, 400],
  [/^users\/[^/]+\/projects$/, 300],
  [/^users\/[^/]+$/, 30],
  [/^projects$/, 200],
]

/** Creates the client; requests are paced by the server's headers and by the limits it does not tell. */
export function createGitLabClient({ api, token, http, clock }: ClientOptions): GitLabClient {
  const skew = createClockSkew(clock)
  const budget = createRateBudget({ clock, host: api.host, maxWaitMs: LONGEST_WAIT_MS })
  const buckets = UNTOLD_LIMITS.map(([pattern, perMinute]) => ({ pattern, bucket: createTokenBucket({ perMinute, clock }) }))

  const pace = async (bucket: TokenBucket | undefined, signal: AbortSignal): Promise<void> => {
    await budget.admit(signal)
    const waitMs = bucket?.take() ?? 0
    if (waitMs > LONGEST_WAIT_MS) throw toRateLimited(api.host, new Date(clock.now().getTime() + waitMs))
    if (waitMs > 0) await clock.sleep(waitMs, signal)
  }

  const request = async ({ method, url, json, signal, accept = [], maxBytes = MAX_BYTES }: ApiRequest): Promise<HttpResponse> => {
    const path = url.pathname.slice(api.pathname.length)
    await pace(method === 'GET' ? buckets.find(({ pattern }) => pattern.test(path))?.bucket : undefined, signal)
    const send = (value: string) =>
      http.send({
        method,
        url,
        headers: token.kind === 'oauth' ? { authorization: `Bearer ${value}` } : { 'private-token': value },
        signal,
        maxBytes,
        onAnswer: (answered, headers) => {
          budget.learn(answered, headers)
          skew.learn(headers)
        },
        ...(json === undefined ? {} : { json }),
      })
    let secret = await token.get(signal)
    let response = await send(secret)
    // Refused means not done: any request may be sent again with a token that took this one's place.
    const renewed = response.status === 401 ? await token.renew(secret, signal) : null
    if (renewed !== null) {
      secret = renewed
      response = await send(secret)
    }
    const { status } = response
    if ((status >= 200 && status < 300) || accept.includes(status)) return response
    throw toAnswerError(response, { what: describeResource(method, url), host: api.host, now: clock.now(), secret })
  }

  return {
    address(path, query = {}) {
      const url = new URL(path, api)
      for (const [name, value] of Object.entries(query)) if (value !== null) url.searchParams.set(name, String(value))
      return url
    },
    request,
    async get(url, schema, signal) {
      return parseAnswer(await request({ method: 'GET', url, signal }), schema)
    },
    requestsLeft: () => budget.left(),
    clockSkewMs: () => skew.estimateMs(),
    rateLimit: () => budget.window(),
  }
}

/** Reads an answer's JSON by `schema`; the failure names the first field that is wrong, never its value. */
export function parseAnswer<T>(response: HttpResponse, schema: z.ZodType<T>): T {
  const what = describeResource('The answer of', response.url)
  const result = schema.safeParse(parseJson(response, what))
  if (result.success) return result.data
  const issue = result.error.issues[0]
  const field = issue?.path.map(String).join('.') || 'the whole'
  throw toUnexpectedAnswer(`${what} is not what GitLab promises: ${field} is wrong (${issue?.code ?? 'unknown'}).`)
}

function parseJson(response: HttpResponse, what: string): unknown {
  try {
    return JSON.parse(response.body.toString('utf8')) as unknown
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error
    const isPage = (response.headers['content-type'] ?? '').includes('html')
    const kind = isPage ? 'a web page' : 'no JSON'
    const remedy = 'Check the address of the account (relative root?), and that no sign-in page of a proxy lies before GitLab.'
    throw toUnexpectedAnswer(`${what} is ${kind}.`, { remedy })
  }
}

/** Method and address without the query, for texts. */
export function describeResource(method: string, url: URL): string {
  return `${method} ${url.origin}${url.pathname}`
}
