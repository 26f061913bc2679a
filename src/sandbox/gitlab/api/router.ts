import { insufficientScope, Refusal, unauthorized, type Answer } from '../answer.ts'
import type { Caller } from '../access.ts'
import type { World } from '../state.ts'

export type Method = 'GET' | 'POST' | 'PUT' | 'DELETE'

/** One request to the API, its parameters decoded. */
export interface ApiCall {
  readonly world: World
  readonly method: string
  /** Public address of this request. */
  readonly url: URL
  readonly query: URLSearchParams
  readonly params: Readonly<Record<string, string>>
  readonly body: Readonly<Record<string, unknown>>
  /** null: anonymous. */
  readonly caller: Caller | null
}

export interface Route {
  readonly method: Method
  readonly pattern: RegExp
  readonly names: readonly string[]
  /** One of these is needed; empty: any valid token will do. */
  readonly scopes: readonly string[]
  /** Public things are shown without a token. */
  readonly anonymous: boolean
  readonly handle: (call: ApiCall) => Answer | Promise<Answer>
}

export type Handler = Route['handle']

/**
 * @param path `/projects/:id/hooks`; a parameter is one part of the path, its slashes encoded
 * @param options scopes default to what GitLab asks: `api` to write, `api` or `read_api` to read
 */
export function route(
  method: Method,
  path: string,
  handle: Handler,
  options: { scopes?: readonly string[]; anonymous?: boolean } = {},
): Route {
  const names: string[] = []
  const pattern = path.replaceAll(/:(\w+)/g, (_, name: string) => {
    names.push(name)
    return '([^/]+)'
  })
  const scopes = options.scopes ?? (method === 'GET' ? ['api', 'read_api'] : ['api'])
  return { method, pattern: new RegExp(`^${pattern}$`), names, scopes, anonymous: options.anonymous ?? false, handle }
}

/** Finds the route of a path below `/api/v4`, checks the token's scopes and runs it. */
export async function dispatch(routes: readonly Route[], path: string, call: Omit<ApiCall, 'params'>): Promise<Answer> {
  const method = call.method === 'HEAD' ? 'GET' : call.method
  for (const candidate of routes) {
    const match = candidate.method === method ? candidate.pattern.exec(path) : null
    if (match === null) continue
    if (call.caller === null && !candidate.anonymous) throw unauthorized()
    if (call.caller !== null) checkScope(candidate, call.caller)
    return candidate.handle({ ...call, params: decodeParams(candidate.names, match) })
  }
  const elsewhere = routes.some(({ pattern }) => pattern.test(path))
  return elsewhere ? { status: 405, json: { error: '405 Not Allowed' } } : { status: 404, json: { error: '404 Not Found' } }
}

function checkScope({ scopes }: Route, { token }: Caller): void {
  if (scopes.length > 0 && !scopes.some((scope) => token.scopes.includes(scope))) throw insufficientScope(scopes)
}

function decodeParams(names: readonly string[], match: RegExpExecArray): Record<string, string> {
  try {
    return Object.fromEntries(names.map((name, index) => [name, decodeURIComponent(match[index + 1] ?? '')]))
  } catch {
    throw new Refusal({ status: 400, text: 'Bad Request' })
  }
}
