import type { Answer } from './exchange.ts'

/**
 * - `none`: Jira works
 * - `unavailable`: 503 with a web page, as a proxy gives while Jira starts
 * - `disconnected`: the connection ends without an answer
 * - `read-only`: writes get 503 with Jira's JSON
 * - `read-only-forbidden`: writes get 403 with Jira's JSON
 * - `login-page`: 200 with a web page, as a single sign-on proxy gives
 * - `too-many`: 429 that does not say when to come back, as a proxy gives
 * - `empty-index`: searches find nothing, as while Jira builds its index anew; for `only` searches
 */
export type Fault =
  | 'none'
  | 'unavailable'
  | 'disconnected'
  | 'read-only'
  | 'read-only-forbidden'
  | 'login-page'
  | 'too-many'
  | 'empty-index'

export interface FaultOptions {
  /** How many requests it hits; default: all until the next `set`. */
  readonly times?: number
  /** Only paths that match. */
  readonly only?: RegExp
}

export function createFaults() {
  let fault: Fault = 'none'
  let left = Number.POSITIVE_INFINITY
  let only: RegExp | null = null

  return {
    set(next: Fault, options: FaultOptions = {}) {
      fault = next
      left = options.times ?? Number.POSITIVE_INFINITY
      only = options.only ?? null
    },
    /** What a request gets instead of Jira's own answer; null: nothing instead. */
    take(method: string, path: string): Answer | 'disconnected' | null {
      if (fault === 'none' || left <= 0 || only?.test(path) === false) return null
      const reads = method === 'GET' || path.endsWith('/rest/api/2/search')
      if (reads && (fault === 'read-only' || fault === 'read-only-forbidden')) return null
      left -= 1
      return fault === 'disconnected' ? fault : ANSWERS[fault]
    },
  }
}

const HTML = { 'content-type': 'text/html;charset=UTF-8' }
const READ_ONLY = { errorMessages: ['Jira is in read-only mode.'], errors: {} }

const ANSWERS: Readonly<Record<Exclude<Fault, 'none' | 'disconnected'>, Answer>> = {
  unavailable: { status: 503, headers: HTML, body: '<html><body><h1>Service Unavailable</h1></body></html>' },
  'read-only': { status: 503, body: READ_ONLY },
  'read-only-forbidden': { status: 403, body: READ_ONLY },
  'too-many': { status: 429, headers: HTML, body: '<html><body><h1>Too Many Requests</h1></body></html>' },
  'empty-index': {
    status: 200,
    headers: { 'X-AUSERNAME': 'connector' },
    body: { expand: 'schema,names', startAt: 0, maxResults: 50, total: 0, issues: [] },
  },
  'login-page': {
    status: 200,
    headers: HTML,
    body: '<html><body><form action="/login"><input name="user"></form></body></html>',
  },
}
