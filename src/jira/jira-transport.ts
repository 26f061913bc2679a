import type { z } from 'zod'
import type { Clock } from '../lib/clock.ts'
import { isConnectorError } from '../lib/connector-error.ts'
import type { HttpClient, HttpRequest, HttpResponse } from '../lib/http-client.ts'
import type { Logger } from '../lib/logger.ts'
import { findAnswerProblem, unexpectedAnswer, type JiraAttempt } from './jira-errors.ts'
import { parseJson } from './jira-schema.ts'
import type { Pace } from './pace.ts'

export type JiraAuth = { readonly token: string } | { readonly username: string; readonly password: string }

/** `authorize` signs every request anew, and gives its whole `Authorization` header. */
export type JiraCredentials = JiraAuth | { readonly authorize: (method: string, url: URL) => string }

export interface JiraCall {
  readonly method: HttpRequest['method']
  /** Below the base address, without a leading slash: `rest/api/2/myself`. Parts are already percent-encoded. */
  readonly path: string
  readonly query?: Readonly<Record<string, string>>
  readonly json?: unknown
  /** JSON text that is sent as it is. */
  readonly jsonText?: string
  /** A gerund phrase for messages. */
  readonly what: string
  readonly issue?: string
  /** Calls that Jira answers without a sign-in too. */
  readonly anonymousAllowed?: boolean
  /** Sends no credentials at all. */
  readonly withoutAuth?: boolean
  readonly signal: AbortSignal
}

/** Sends calls to one Jira: credentials, pace, and one place where a bad answer becomes an error. */
export interface JiraTransport {
  readonly base: URL
  /** Resolves with a usable answer; rejects with the codes of `findAnswerProblem` or those of the HTTP client. */
  send(call: JiraCall): Promise<HttpResponse>
  /** As `send`, with the body parsed; rejects with `jira-unexpected-answer` when it has another shape. */
  get<T>(call: Omit<JiraCall, 'method'>, schema: z.ZodType<T>): Promise<T>
  sendFor<T>(call: JiraCall, schema: z.ZodType<T>): Promise<T>
  /** As `sendFor`, with the HTTP status beside the body. */
  sendForAnswer<T>(call: JiraCall, schema: z.ZodType<T>): Promise<ParsedAnswer<T>>
}

export interface ParsedAnswer<T> {
  readonly status: number
  readonly body: T
}

export interface JiraTransportOptions {
  readonly base: URL
  readonly auth: JiraCredentials
  readonly http: HttpClient
  readonly clock: Clock
  readonly log: Logger
  readonly pace: Pace
}

/** A 429 was not executed, so any call may be repeated; the pace makes it wait as long as Jira asked. */
const RATE_LIMIT_REPEATS = 2
const TIMEOUT_MS = 60_000

export function createJiraTransport({ base, auth, http, clock, log, pace }: JiraTransportOptions): JiraTransport {
  const authorize = authorizationOf(auth)

  async function send(call: JiraCall): Promise<HttpResponse> {
    for (let repeats = 0; ; repeats += 1) {
      const request = toRequest(base, call, call.withoutAuth === true ? null : authorize)
      const answer = await pace.run(() => http.send(request), call.signal)
      const attempt = toAttempt(base, call, clock.now())
      const problem = findAnswerProblem(answer, attempt, call.anonymousAllowed === true || call.withoutAuth === true)
      if (problem === null) return answer
      if (!isConnectorError(problem, 'jira-rate-limited') || repeats === RATE_LIMIT_REPEATS) throw problem
      log.debug({ what: call.what, retryAt: problem.retryAt }, 'jira rate limit reached, waiting')
    }
  }

  async function sendForAnswer<T>(call: JiraCall, schema: z.ZodType<T>): Promise<ParsedAnswer<T>> {
    const answer = await send(call)
    const parsed = schema.safeParse(parseJson(answer.body))
    if (parsed.success) return { status: answer.status, body: parsed.data }
    const field = parsed.error.issues[0]?.path.join('.') ?? ''
    throw unexpectedAnswer(answer, toAttempt(base, call, clock.now()), `JSON of another shape (${field || 'whole body'})`)
  }

  const sendFor = async <T>(call: JiraCall, schema: z.ZodType<T>) => (await sendForAnswer(call, schema)).body
  return { base, send, sendForAnswer, sendFor, get: (call, schema) => sendFor({ ...call, method: 'GET' }, schema) }
}

function toRequest(base: URL, call: JiraCall, authorize: Authorize | null): HttpRequest {
  const url = new URL(call.path, base)
  for (const [name, value] of Object.entries(call.query ?? {})) url.searchParams.set(name, value)
  const headers: Record<string, string> = { accept: 'application/json', 'x-atlassian-token': 'no-check' }
  if (authorize !== null) headers['authorization'] = authorize(call.method, url)
  const request = { method: call.method, url, signal: call.signal, timeoutMs: TIMEOUT_MS, retries: 0 }
  if (call.jsonText !== undefined) {
    return { ...request, headers: { ...headers, 'content-type': 'application/json' }, bytes: Buffer.from(call.jsonText, 'utf8') }
  }
  return call.json === undefined ? { ...request, headers } : { ...request, headers, json: call.json }
}

function toAttempt(base: URL, call: JiraCall, now: Date): JiraAttempt {
  // POST …/search only reads.
  const write = call.method !== 'GET' && !call.path.endsWith('/search')
  const attempt = { what: call.what, base, write, now }
  return call.issue === undefined ? attempt : { ...attempt, issue: call.issue }
}

type Authorize = (method: string, url: URL) => string

function authorizationOf(auth: JiraCredentials): Authorize {
  if ('authorize' in auth) return auth.authorize
  const header =
    'token' in auth
      ? `Bearer ${auth.token}`
      : `Basic ${Buffer.from(`${auth.username}:${auth.password}`, 'utf8').toString('base64')}`
  return () => header
}
