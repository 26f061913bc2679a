import type { ProblemDocument } from '../../src/contract/problem.ts'
import { toWait } from './retry-after.ts'

/** Why a request to the connector did not succeed: its own words, or what became of the connection. */
export class ApiError extends Error {
  override readonly name = 'ApiError'
  readonly code: string
  readonly status: number
  readonly remedy: string | null
  readonly problem: ProblemDocument | null

  constructor(message: string, { code, status, remedy, problem }: Omit<ApiError, keyof Error>) {
    super(message)
    this.code = code
    this.status = status
    this.remedy = remedy
    this.problem = problem
  }
}

export interface RequestOptions {
  readonly method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  readonly query?: Readonly<Record<string, string | number | boolean | null | undefined>>
  readonly body?: unknown
  readonly signal?: AbortSignal
}

let csrfToken: string | null = null

/** The token of the session, sent with every request that changes something. */
export function rememberCsrfToken(token: string | null): void {
  csrfToken = token
}

const SIGNED_OUT = 'authentication-required'
const signedOutListeners = new Set<() => void>()

/** Tells when the connector does not know the session any more; returns how to stop listening. */
export function onSignedOut(listener: () => void): () => void {
  signedOutListeners.add(listener)
  return () => void signedOutListeners.delete(listener)
}

/** An address of the connector, under whatever path it is reached. */
export function connectorUrl(path: string, query: RequestOptions['query'] = {}): string {
  const url = new URL(path.replace(/^\//, ''), document.baseURI)
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined && value !== null && value !== '') url.searchParams.set(name, String(value))
  }
  return url.href
}

/**
 * Asks the connector's API; `path` below /api/v1. The answer is of the type that the schema in src/contract gives this route:
 * the server serialises by it, and the page comes from the same server.
 *
 * @throws ApiError
 */
export async function callApi<Answer>(path: string, options: RequestOptions = {}): Promise<Answer> {
  const { method = 'GET', query, body, signal } = options
  const response = await send(connectorUrl(`api/v1/${path.replace(/^\//, '')}`, query), {
    method,
    credentials: 'same-origin',
    headers: {
      accept: 'application/json',
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...(method === 'GET' || csrfToken === null ? {} : { 'x-csrf-token': csrfToken }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    ...(signal === undefined ? {} : { signal }),
  })
  if (!response.ok) {
    const error = await readProblem(response)
    if (error.code === SIGNED_OUT) for (const listener of signedOutListeners) listener()
    throw error
  }
  if (response.status === 204) return undefined as Answer
  return (await response.json()) as Answer
}

async function send(url: string, init: RequestInit): Promise<Response> {
  try {
    return await fetch(url, init)
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') throw error
    throw new ApiError('The connector cannot be reached.', {
      code: 'unreachable',
      status: 0,
      remedy: 'Look whether it runs and whether your network is up, then try again.',
      problem: null,
    })
  }
}

async function readProblem(response: Response): Promise<ApiError> {
  const { status } = response
  const problem = await readProblemDocument(response)
  if (problem?.code === SIGNED_OUT) {
    const remedy = 'Sign in again; what you see stays as it is until then.'
    return new ApiError('Your session has ended.', { code: SIGNED_OUT, status, remedy, problem })
  }
  if (problem !== null) {
    const wait = status === 429 ? toWait(response.headers.get('retry-after')) : null
    return new ApiError(problem.detail, { code: problem.code, status, remedy: wait ?? problem.remedy, problem })
  }
  return new ApiError(`The server answered ${status} ${response.statusText}.`, {
    code: 'unexpected-answer',
    status,
    remedy: 'Perhaps a proxy stands between: look at its log and at the connector’s.',
    problem: null,
  })
}

async function readProblemDocument(response: Response): Promise<ProblemDocument | null> {
  if (!(response.headers.get('content-type') ?? '').startsWith('application/problem+json')) return null
  const text = await response.text()
  try {
    return JSON.parse(text) as ProblemDocument
  } catch {
    // Cut on its way: the status alone speaks.
    return null
  }
}
