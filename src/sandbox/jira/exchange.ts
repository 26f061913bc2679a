import type { IncomingMessage, ServerResponse } from 'node:http'
import type { SandboxUser } from './types.ts'
import type { World } from './world.ts'

/** One request inside Jira, signed in and read. */
export interface Exchange {
  readonly method: string
  /** Without the context path. */
  readonly path: string
  readonly query: URLSearchParams
  readonly body: Buffer
  readonly user: SandboxUser | null
  /** Jira's address with context path, without a slash at the end. */
  readonly base: string
  readonly world: World
  readonly now: Date
}

export interface Answer {
  readonly status: number
  readonly headers?: Readonly<Record<string, string>>
  /** A string is sent as it is with the content type in `headers`, anything else as JSON. */
  readonly body?: unknown
}

export interface Route {
  readonly method: string
  readonly pattern: RegExp
  handle(exchange: Exchange, parts: string[]): Answer
}

/** An answer that ends the handling of a request early. */
export class Refusal extends Error {
  readonly answer: Answer
  constructor(status: number, messages: readonly string[], errors: Readonly<Record<string, string>> = {}) {
    super(messages.join(' '))
    this.name = 'Refusal'
    this.answer = { status, body: { errorMessages: messages, errors } }
  }
}

/** Finds and runs the route; 404 and 405 as Jira's REST framework gives them. */
export function runRoutes(routes: readonly Route[], exchange: Exchange): Answer {
  let pathKnown = false
  for (const { method, pattern, handle } of routes) {
    const match = pattern.exec(exchange.path)
    if (match === null) continue
    pathKnown = true
    if (method !== exchange.method) continue
    try {
      return handle(exchange, match.slice(1).map(decodeURIComponent))
    } catch (error) {
      if (error instanceof Refusal) return error.answer
      throw error
    }
  }
  const status = pathKnown ? 405 : 404
  const message = pathKnown ? 'HTTP 405 Method Not Allowed' : 'null for uri: ' + exchange.path
  return { status, body: { message, 'status-code': status } }
}

/** The body as an object; 400 otherwise. */
export function readJsonObject(body: Buffer): Record<string, unknown> {
  const value = readJson(body)
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new Refusal(400, ['Unexpected end of input or not an object.'])
  return value as Record<string, unknown>
}

export function readJson(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'))
  } catch (cause) {
    throw new Refusal(400, [`Cannot parse JSON: ${(cause as Error).message}`])
  }
}

/** Jira's notation, the offset without a colon. */
export function toJiraDate(date: Date): string {
  return date.toISOString().replace('Z', '+0000')
}

export async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk)
  return Buffer.concat(chunks)
}

export function writeAnswer(response: ServerResponse, { status, headers = {}, body }: Answer): void {
  const text = body === undefined ? '' : typeof body === 'string' ? body : JSON.stringify(body)
  const type = body === undefined || typeof body === 'string' ? {} : { 'content-type': 'application/json;charset=UTF-8' }
  response.writeHead(status, { 'cache-control': 'no-cache, no-store', 'x-content-type-options': 'nosniff', ...type, ...headers })
  response.end(text)
}
